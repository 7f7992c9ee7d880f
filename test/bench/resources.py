#!/usr/bin/python3
"""What headroom needs of CPU and memory with all four systems: figures for a container's resources.

    /usr/bin/python3 test/bench/resources.py build/release/exporter/headroom_exporter [--objects N] [--sample]

One Redis (N lists, N workers with a heartbeat, found by pattern), one RabbitMQ (N queues, discovered), a PostgreSQL
behind a PgBouncer, one workload; scraped every --every seconds, as Prometheus does. Prints the CPU that the process
took per scrape and as a share of one core, and its resident memory now and at its highest. Asserts nothing.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration"))

from support.configs import WORKERS, at_default_duty, pgbouncer, postgresql, rabbitmq, target  # noqa: E402
from support.exporter import Exporter  # noqa: E402
from support.pgbouncer_server import PgBouncerServer  # noqa: E402
from support.postgres_server import PostgresServer  # noqa: E402
from support.rabbitmq_server import RabbitServer  # noqa: E402
from support.redis_server import RedisServer  # noqa: E402
from support.waiting import paced  # noqa: E402

CHUNK = 100
WORKLOAD = """
[[workload]]
name = "w"
queues = [{ target = "main", queue = "queue:0" }]
worker_group = { target = "main", group = "decision-workers", busy_states = ["working"] }
messages_per_worker = 1
max = 100
pools = [{ target = "pooler", database = "app", user = "app" }]
"""


def fill(redis, broker, count):
    """The objects that are watched."""
    now = int(time.time())
    for i in range(count):
        redis("RPUSH", f"queue:{i}", "a")
        redis("HSET", f"consumer:{i}", "state", "working", "updated_at", now, "since", now)
    for first in range(0, count, CHUNK):
        broker.define_queues("/", [f"orders.{i}" for i in range(first, min(first + CHUNK, count))])


def config(redis, broker, postgres, bouncer, sample):
    every = ['sample_interval = "250ms"\n', 'sample_interval = "5s"\n', 'sample_interval = "1s"\n'] if sample else [""] * 3
    lists = 'lists = ["queue:0"]\nlist_patterns = ["queue:*"]\n'
    return at_default_duty(
        target(redis, every[0] + lists + WORKERS, max_age="1s")
        + rabbitmq(broker, every[1] + 'include = ["orders\\\\..*"]\n', name="broker", max_age="1s")
        + postgresql(postgres, every[2], max_age="1s")
        + pgbouncer(bouncer, every[0], behind="db", max_age="1s")
        + WORKLOAD
    )


def status(pid, key):
    """A line of /proc/PID/status, in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(key + ":"))


def measure(exporter, every, scrapes):
    """Scrapes in the given pace and prints what it took."""
    for _ in range(3):
        first = exporter.scrape().value("process_cpu_seconds_total")
        time.sleep(every)
    start = time.monotonic()
    for _ in paced(every, scrapes):
        page = exporter.scrape()
    cpu, seconds = page.value("process_cpu_seconds_total") - first, time.monotonic() - start + every
    print(
        f"{len(page.text) / 1024:8.0f} KiB a page  CPU {cpu / scrapes * 1000:7.1f} ms a scrape, {cpu / seconds * 1000:6.1f} m of a core  "
        f"resident {status(exporter.pid, 'VmRSS'):6.1f} MiB, at most {status(exporter.pid, 'VmHWM'):6.1f} MiB"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("--objects", type=int, default=50)
    parser.add_argument("--every", type=float, default=5.0, help="seconds between two scrapes")
    parser.add_argument("--scrapes", type=int, default=12)
    parser.add_argument("--sample", action="store_true", help="with sample_interval")
    given = parser.parse_args()
    servers = [RedisServer(), RabbitServer(), PostgresServer()]
    try:
        redis, broker, postgres = [server.start() for server in servers]
        bouncer = PgBouncerServer(postgres, default_pool_size=5)
        servers.append(bouncer)
        bouncer.start()
        fill(redis, broker, given.objects)
        with tempfile.TemporaryDirectory(prefix="headroom-bench-") as folder:
            text = config(redis, broker, postgres, bouncer, given.sample)
            exporter = Exporter(Path(folder), text, binary=given.binary).start()
            try:
                measure(exporter, given.every, given.scrapes)
            finally:
                exporter.remove()
    finally:
        for server in servers:
            server.remove()


if __name__ == "__main__":
    main()
