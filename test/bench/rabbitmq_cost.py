#!/usr/bin/python3
"""What one run of headroom costs a RabbitMQ broker: prints figures and ratios, asserts nothing.

    /usr/bin/python3 test/bench/rabbitmq_cost.py build/release/exporter/headroom_exporter [--queues N]

Counts the CPU seconds of the broker's process (utime and stime of /proc/PID/stat) from just before
to just after each request; what the idle broker uses meanwhile is measured first and taken off. The
management API keeps a listing for five times what it took to make it; the broker is told not to, so
that each request is paid for.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration"))

from support.configs import rabbitmq  # noqa: E402
from support.exporter import Exporter  # noqa: E402
from support.rabbitmq_server import RabbitServer  # noqa: E402
from support.waiting import eventually  # noqa: E402

PATIENCE = {"X-Prometheus-Scrape-Timeout-Seconds": "60"}
TICKS = os.sysconf("SC_CLK_TCK")
CHUNK = 2000  # queues in one request


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


class Meter:
    """The broker's CPU seconds for one call, without what it uses when nobody asks."""

    def __init__(self, pid, quiet_for=10.0):
        self._pid = pid
        before = cpu_seconds(pid)
        time.sleep(quiet_for)
        self.idle = (cpu_seconds(pid) - before) / quiet_for

    def cost(self, call):
        cpu, clock = cpu_seconds(self._pid), time.monotonic()
        call()
        elapsed = time.monotonic() - clock
        return max(0.0, cpu_seconds(self._pid) - cpu - self.idle * elapsed), elapsed


def report(name, costs, reference=None):
    cpu, seconds = (statistics.median(c[i] for c in costs) for i in (0, 1))
    ratio = f"{reference / cpu:8.1f} times cheaper" if reference and cpu else ""
    print(f"{name:<38} broker CPU {cpu * 1000:8.0f} ms   took {seconds * 1000:8.0f} ms {ratio}", flush=True)
    return cpu


def get(url):
    with urllib.request.urlopen(url, timeout=120) as answer:
        return answer.read()


def fill(broker, queues):
    for first in range(0, queues, CHUNK):
        names = [f"jobs-{i:05}" for i in range(first, min(first + CHUNK, queues))]
        broker.define_queues("/", names)
    page = f"{broker.prometheus_url}/metrics/detailed?family=queue_coarse_metrics"
    eventually(
        lambda: get(page).count(b"rabbitmq_detailed_queue_messages_ready{") == queues,
        "every queue has had its first statistics tick",
        timeout=120,
        interval=2,
    )


def headroom(binary, meter, broker, arguments, source, readings):
    """Costs of single scrapes, and how many queues the last page has."""
    body = f"readings = {readings}\nmax_series = 1000000\n"
    config = rabbitmq(broker, body.replace("'", '"'), source=source, timeout="60s")
    with tempfile.TemporaryDirectory(prefix="headroom-bench-") as folder:
        exporter = Exporter(Path(folder), config, binary=binary).start()
        try:
            exporter.scrape(headers=PATIENCE)  # the first run also finds out what the broker is
            pages = []
            costs = [
                meter.cost(lambda: pages.append(exporter.scrape(headers=PATIENCE)))
                for _ in range(arguments.runs)
            ]
            up = pages[-1].value("headroom_target_up")
            found = pages[-1].label_values("headroom_queue_messages", "queue")
            print(f"  {source}, {readings}: up {up:g}, {len(found)} queues on the page")
            return costs
        finally:
            exporter.remove()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("--queues", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    broker = RabbitServer("management.db_cache_multiplier = 0", tick=5000)
    try:
        broker.start()
        fill(broker, arguments.queues)
        meter = Meter(broker.pid)
        print(f"{arguments.queues} queues; the idle broker uses {meter.idle * 100:.1f} % of a core")
        plain = report(
            "GET /api/queues",
            [meter.cost(lambda: broker.api("GET", "/queues")) for _ in range(arguments.runs)],
        )
        for family in ("queue_coarse_metrics", "queue_coarse_metrics&family=queue_consumer_count"):
            page = f"{broker.prometheus_url}/metrics/detailed?family={family}"
            costs = [meter.cost(lambda: get(page)) for _ in range(arguments.runs)]  # noqa: B023
            report(f"GET .../detailed?{family[:14]}...", costs, plain)
        for source in ("auto", "management"):
            for readings in (["messages"], ["messages", "consumers"]):
                costs = headroom(arguments.binary, meter, broker, arguments, source, readings)
                report(f"headroom, {source}, {' '.join(readings)}", costs, plain)
    finally:
        broker.remove()


if __name__ == "__main__":
    main()
