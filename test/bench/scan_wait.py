#!/usr/bin/python3
"""How long scrapes wait while discovery walks a large keyspace: prints figures, asserts nothing.

    /usr/bin/python3 test/bench/scan_wait.py build/release/exporter/headroom_exporter [--keys N]

Three rounds of scrapes at a fixed pace against one Redis: without discovery, while discovery walks
all keys over and over (its shortest interval), and without again, which shows the noise of the
machine. What discovery adds to a run is the difference; the promise is no more than 5 ms.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration"))

from support.configs import target  # noqa: E402
from support.exporter import Exporter  # noqa: E402
from support.redis_server import RedisServer  # noqa: E402
from support.waiting import paced  # noqa: E402

LIST = 'lists = ["queue:a"]'
DISCOVER = LIST + '\nlist_patterns = ["queue:*"]\ndiscovery_interval = "100ms"'


def measure(binary, redis, body, arguments):
    """Milliseconds of each scrape, and how many SCAN calls there were meanwhile."""
    with tempfile.TemporaryDirectory(prefix="headroom-bench-") as folder:
        exporter = Exporter(Path(folder), target(redis, body), binary=binary).start()
        try:
            exporter.scrape()
            redis("CONFIG", "RESETSTAT")
            redis("SLOWLOG", "RESET")
            pace = paced(arguments.every / 1000, arguments.scrapes)
            times = [exporter.scrape().seconds * 1000 for _ in pace]
            slow = [e[2] / 1000 for e in redis("SLOWLOG", "GET", "-1") if e[3][0].upper() in (b"SCAN", "SCAN")]
            return times, redis.calls("scan"), slow
        finally:
            exporter.remove()


def report(name, times, scans, slow):
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    print(
        f"{name:<20} p50 {cuts[49]:7.2f} ms  p90 {cuts[89]:7.2f} ms  p99 {cuts[98]:7.2f} ms  "
        f"max {max(times):7.2f} ms  SCAN calls {scans}, "
        f"over 2 ms {len(slow)}, longest {max(slow, default=0):.2f} ms"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("--keys", type=int, default=1_000_000)
    parser.add_argument("--scrapes", type=int, default=300)
    parser.add_argument("--every", type=float, default=100, help="milliseconds (default 100)")
    arguments = parser.parse_args()
    redis = RedisServer()
    try:
        redis.start()
        redis("DEBUG", "POPULATE", arguments.keys, "noise", 8)
        redis("CONFIG", "SET", "slowlog-log-slower-than", 2000)
        redis("CONFIG", "SET", "slowlog-max-len", 100_000)
        redis("RPUSH", "queue:a", 1)
        print(f"{redis('DBSIZE')} keys, {arguments.scrapes} scrapes each {arguments.every:g} ms")
        for name, body in [("no discovery", LIST), ("discovery", DISCOVER), ("no discovery", LIST)]:
            report(name, *measure(arguments.binary, redis, body, arguments))
    finally:
        redis.remove()


if __name__ == "__main__":
    main()
