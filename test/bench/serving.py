#!/usr/bin/python3
"""How fast headroom starts, serves a page that is ready, and stops: prints figures, asserts nothing.

    /usr/bin/python3 test/bench/serving.py build/release/exporter/headroom_exporter [MORE...] [--lists N]

One Redis with N declared lists, and a max_age within which no scrape makes a run. Each binary in turn (one may be built with the
other HTTP server) is started --starts times; the times until its first page with the Redis up and of an idle stop are medians.
Pages go over one connection that is kept, one after the other: /-/healthy, the smallest, and /metrics.
"""

import argparse
import http.client
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration"))

from support.configs import target  # noqa: E402
from support.process import Ended, Process  # noqa: E402
from support.redis_server import RedisServer  # noqa: E402
from support.waiting import eventually, free_port  # noqa: E402

UP = b'headroom_target_up{target="main",system="redis"} 1\n'


def connect(port):
    return http.client.HTTPConnection("127.0.0.1", port, timeout=10)


def get(connection, path):
    connection.request("GET", path)
    return connection.getresponse().read()


def command(binary, folder, config, port):
    path = folder / "headroom.toml"
    path.write_text(config, encoding="utf-8")
    return [binary, f"--config.file={path}", f"--web.listen-address=127.0.0.1:{port}"]


def first_good_page(process, port, begun):
    """Milliseconds since `begun`."""

    def good():
        if not process.running():
            raise Ended(process.log())
        return UP in get(connect(port), "/metrics")

    eventually(good, "a page with the Redis up", interval=0.001)
    return (time.monotonic() - begun) * 1000


def stop(process):
    begun = time.monotonic()
    process.signal(15)
    process.wait()
    return (time.monotonic() - begun) * 1000


def print_pages(port, path, count):
    connection, took = connect(port), []
    for _ in range(count):
        begun = time.monotonic()
        page = get(connection, path)
        took.append((time.monotonic() - begun) * 1000)
    connection.close()
    took.sort()
    print(f"  {path:10} {len(page):9} bytes  p50 {statistics.median(took):7.3f} ms  p99 {took[count * 99 // 100]:7.3f} ms")


def measure(binary, config, given):
    starts, stops = [], []
    for i in range(given.starts):
        with tempfile.TemporaryDirectory(prefix="headroom-bench-") as folder:
            port = free_port()
            line = command(binary, Path(folder), config, port)
            begun = time.monotonic()
            process = Process(line, Path(folder) / "log")
            try:
                starts.append(first_good_page(process, port, begun))
                if i == 0:
                    print_pages(port, "/-/healthy", given.pages)
                    print_pages(port, "/metrics", given.pages)
                    print(f"  threads {len(list(Path(f'/proc/{process.pid}/task').iterdir()))}")
                stops.append(stop(process))
            finally:
                process.kill()
    print(f"  start to the first good page {statistics.median(starts):.0f} ms, idle stop {statistics.median(stops):.0f} ms")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", nargs="+")
    parser.add_argument("--lists", type=int, default=20)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--starts", type=int, default=11)
    given = parser.parse_args()
    redis = RedisServer()
    try:
        redis.start()
        names = [f"queue:{i}" for i in range(given.lists)]
        for name in names:
            redis("RPUSH", name, "a")
        config = target(redis, f"lists = {json.dumps(names)}\n", max_age="1m", timeout="10s")
        for binary in given.binary:
            print(binary)
            measure(binary, config, given)
    finally:
        redis.remove()


if __name__ == "__main__":
    main()
