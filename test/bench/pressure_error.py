#!/usr/bin/python3
"""How far pressure counters are from the truth: prints the table of docs/pressure.md, asserts nothing.

    /usr/bin/python3 test/bench/pressure_error.py build/release/exporter/headroom_exporter [--minutes N]

A real Redis and a real PgBouncer (a pool of 2, 20 clients) are loaded on a schedule with random
phases. Those who make the load measure its area and its busy time; one exporter samples each server
twice, every 50 ms and every second. What it says is what its counters grew by.
"""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration"))

from support.configs import at_default_duty, pgbouncer, target  # noqa: E402
from support.exporter import Exporter  # noqa: E402
from support.pgbouncer_server import PgBouncerServer  # noqa: E402
from support.postgres_server import PostgresServer  # noqa: E402
from support.pressure_load import (  # noqa: E402
    MESSAGES,
    SATURATED,
    WAITING,
    Load,
    Meter,
    burst,
    stampede,
)
from support.redis_server import RedisServer  # noqa: E402

INTERVALS = {"50 ms": "50ms", "1 s": "1s"}
POOL = {"scope": "pool", "pool": "app/app"}
QUEUE = {"queue": "queue:a", "state": "ready"}


def steady(load, make, seconds, pause):
    """Repeats `make` at random phases until `seconds` have passed; adds to `load`, returns the count."""
    count, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        load += make()
        count += 1
        time.sleep(random.uniform(*pause))
    return count


def measure(exporter, name, make, seconds, pause, family, labels, busy_family=None):
    """One line of the table for each interval."""
    time.sleep(2.5)
    start, before, truth = time.monotonic(), exporter.scrape(), Load()
    count = steady(truth, make, seconds, pause)
    time.sleep(2.5)
    after, elapsed = exporter.scrape(), time.monotonic() - start
    for words, interval in INTERVALS.items():
        meter = Meter(before, f"{labels.get('scope', 'queue')}-{interval}", **labels)
        rows = [("area", family, truth.area)]
        if busy_family:
            rows.append(("saturated time", busy_family, truth.busy))
        for what, counter, true in rows:
            seen = meter.grown(after, counter)
            print(
                f"| {name} x {count} | {words} | {what} | {true:.2f} | {seen:.2f} | "
                f"{100 * (seen / true - 1):+.1f} % | {100 * meter.observed(after) / elapsed:.0f} % |",
                flush=True,
            )


def configuration(redis, bouncer):
    tables = []
    for interval in INTERVALS.values():
        sampled = f'sample_interval = "{interval}"'
        tables.append(target(redis, f'lists = ["queue:a"]\n{sampled}', name=f"queue-{interval}"))
        tables.append(pgbouncer(bouncer, sampled, name=f"pool-{interval}"))
    return at_default_duty("".join(tables))


def run(arguments, redis, bouncer, folder):
    sessions = [bouncer.session() for _ in range(20)]
    stampede(sessions, 0.001)
    exporter = Exporter(folder, configuration(redis, bouncer), binary=arguments.binary).start()
    seconds = 60 * arguments.minutes
    try:
        print("| load | sampled | what | truth | counted | error | observed |")
        print("|---|---|---|---|---|---|---|")
        for name, service in (("stampede of 300 ms", 0.03), ("stampede of 2 s", 0.2)):
            make = lambda service=service: stampede(sessions, service)  # noqa: E731
            measure(
                exporter, f"PgBouncer: {name}", make, seconds, (0.1, 1.1), WAITING, POOL, SATURATED
            )
        for name, held in (("burst of 300 ms", 0.1), ("burst of 3 s", 1.0)):
            make = lambda held=held: burst(redis, "queue:a", [100, -50, -30], held)  # noqa: E731
            measure(exporter, f"Redis: {name}", make, seconds, (0.1, 1.1), MESSAGES, QUEUE)
    finally:
        exporter.remove()
        for session in sessions:
            session.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("--minutes", type=float, default=1, help="for each line (default 1)")
    arguments = parser.parse_args()
    redis, postgres, bouncer = RedisServer(), PostgresServer(), None
    try:
        redis.start()
        bouncer = PgBouncerServer(postgres.start(), default_pool_size=2)
        bouncer.start()
        with tempfile.TemporaryDirectory(prefix="headroom-bench-") as folder:
            run(arguments, redis, bouncer, Path(folder))
    finally:
        for server in (bouncer, postgres, redis):
            if server is not None:
                server.remove()


if __name__ == "__main__":
    main()
