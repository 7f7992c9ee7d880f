"""The exporters that people run beside each other today, from Debian's packages, and what processes cost.

Each is asked for what headroom tells, as far as it can: redis_exporter has no states of workers (it counts their keys),
and RabbitMQ is its own exporter.
"""

import os
import statistics
import time
import urllib.request
from pathlib import Path

from support.process import Ended, Process
from support.waiting import eventually, free_port

TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 120  # seconds for one scrape


def get(url):
    """(body, seconds)"""
    request = urllib.request.Request(url, headers={"X-Prometheus-Scrape-Timeout-Seconds": str(PATIENCE)})
    begun = time.monotonic()
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        body = answer.read()
    return body, time.monotonic() - begun


def cpu_seconds(pids):
    """Of the processes and all that they have started, ended or not."""
    children, used = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        pid = int(path.parent.name)
        children.setdefault(int(fields[1]), []).append(pid)
        used[pid] = sum(int(n) for n in fields[11:15]) / TICKS
    total, todo = 0.0, list(pids)
    while todo:
        pid = todo.pop()
        total += used.get(pid, 0.0)
        todo += children.get(pid, [])
    return total


def pss_mib(pid):
    """The proportional set: shared libraries are shared out among those that have them."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:"))


class Side:
    """One way to watch all servers: processes and the pages that Prometheus would scrape.

    `commands`: {what a good page has: (command, environment, path)}; "{port}" in a command is its port.
    `others`: pages of servers themselves.
    """

    def __init__(self, name, folder, commands, others=()):
        self.name = name
        self._urls = list(others)
        self._processes = []
        self.first_good = []  # milliseconds from the start to it
        for number, (good, (command, environment, path)) in enumerate(commands.items()):
            port = free_port()
            line = [part.format(port=port) for part in command]
            begun = time.monotonic()
            process = Process(line, folder / f"{name}-{number}.log", env={**os.environ, **environment})
            self._processes.append(process)
            url = f"http://127.0.0.1:{port}{path}"
            eventually(lambda: self._is_good(process, url, good), f"{command[0]}: {good}", 120, interval=0.001)  # noqa: B023
            self.first_good.append((time.monotonic() - begun) * 1000)
            self._urls.append(url)

    @staticmethod
    def _is_good(process, url, good):
        if not process.running():
            raise Ended(process.log())
        page = get(url)[0].decode()
        return all(line in page for line in good)

    @property
    def pids(self):
        return [process.pid for process in self._processes]

    def scrape(self):
        """All pages one after the other; (bytes, seconds) of each."""
        pages = [get(url) for url in self._urls]
        return [(len(body), seconds) for body, seconds in pages]

    def pause(self):
        for process in self._processes:
            process.pause()

    def resume(self):
        for process in self._processes:
            process.resume()

    def remove(self):
        for process in self._processes:
            process.kill()


class Cost:
    """Sums over rounds of one side: its own CPU, the servers' without what they use when nobody asks."""

    def __init__(self, side, servers, idle):
        self.side = side
        self._servers = servers  # pids
        self._idle = idle  # CPU seconds per second
        self.rounds = 0
        self.own = self.behind = 0.0
        self.slowest = []
        self.bytes = 0

    def block(self, rounds, every):
        """Rounds in the given pace. What happens between two of them counts: discovery does."""
        self.side.resume()
        self.side.scrape()  # what a pause made stale
        own, behind, begun = cpu_seconds(self.side.pids), cpu_seconds(self._servers), time.monotonic()
        for i in range(rounds):
            time.sleep(max(0.0, begun + (i + 1) * every - time.monotonic()))
            pages = self.side.scrape()
            self.slowest.append(max(seconds for _, seconds in pages))
            self.bytes = sum(size for size, _ in pages)
        self.own += cpu_seconds(self.side.pids) - own
        self.behind += cpu_seconds(self._servers) - behind - self._idle * (time.monotonic() - begun)
        self.rounds += rounds
        self.side.pause()

    def row(self):
        """Milliseconds, MiB and KiB, as printed."""
        own, behind = (1000 * used / self.rounds for used in (self.own, self.behind))
        return {
            "CPU per round, exporters": own,
            "CPU per round, with servers": own + behind,
            "slowest scrape p50": 1000 * statistics.median(self.slowest),
            "memory (PSS), MiB": sum(pss_mib(pid) for pid in self.side.pids),
            "start to first good page, at most": max(self.side.first_good),
            "pages, KiB": self.bytes / 1024,
        }
