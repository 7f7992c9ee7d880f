#!/usr/bin/python3
"""headroom beside the exporters that people run today, on the same servers in one run: prints figures and ratios.

    /usr/bin/python3 test/bench/beside_peers.py build/release/exporter/headroom_exporter [--set large]

redis_exporter and postgres_exporter are Debian's (scripts/install-deps --bench), RabbitMQ's numbers come from its own plugin.
PgBouncer is watched by headroom alone: Debian's exporter does not know the columns of PgBouncer 1.18. Blocks of rounds take turns; the side that has none is stopped (SIGSTOP), and what the servers use
when nobody asks is measured first and taken off. Asserts nothing. The large set takes a quarter of an hour.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration"))

from peers import Cost, Side, cpu_seconds, get  # noqa: E402
from support.configs import WORKERS, at_default_duty, pgbouncer, postgresql, rabbitmq, target  # noqa: E402
from support.pgbouncer_server import PgBouncerServer, behind  # noqa: E402
from support.postgres_server import PostgresServer  # noqa: E402
from support.rabbitmq_server import RabbitServer  # noqa: E402
from support.redis_server import RedisServer  # noqa: E402
from support.waiting import eventually  # noqa: E402

CHUNK = 2000  # queues in one request
QUIET = 20.0  # seconds to see what idle servers use


class Set(NamedTuple):
    queues: int
    lists: int
    workers: int
    pools: int
    other_keys: int
    rounds: int  # of a block
    every: float  # seconds


SETS = {"small": Set(20, 20, 50, 10, 0, 8, 5.0), "large": Set(10_000, 10_000, 10_000, 200, 1_000_000, 4, 15.0)}


class Servers:
    """One of each, filled. Every pool has had a client, or PgBouncer would not list it."""

    def __init__(self, size):
        self.all = [RedisServer(), RabbitServer(tick=5000), PostgresServer(settings={"max_connections": size.pools + 30})]
        try:
            self.redis, self.broker, self.postgres = [server.start() for server in self.all]
            databases = {f"app{i}": behind(self.postgres) for i in range(size.pools)}
            self.bouncer = PgBouncerServer(
                databases, default_pool_size=5, max_client_conn=1000, ignore_startup_parameters="extra_float_digits"
            )
            self.all.append(self.bouncer)
            self.bouncer.start()
            self._fill(size)
        except BaseException:
            self.remove()
            raise

    def _fill(self, size):
        now = int(time.time())
        if size.other_keys:
            self.redis("DEBUG", "POPULATE", size.other_keys, "noise", 8)
        for i in range(size.lists):
            self.redis("RPUSH", f"queue:{i}", "a")
        for i in range(size.workers):
            self.redis("HSET", f"consumer:{i}", "state", "working", "updated_at", now + 86400, "since", now)
        for i in range(size.pools):
            with self.bouncer.session("app", f"app{i}") as client:
                client.run("SELECT 1")
        for first in range(0, size.queues, CHUNK):
            self.broker.define_queues("/", [f"orders.{i}" for i in range(first, min(first + CHUNK, size.queues))])
        page = f"{self.broker.prometheus_url}/metrics/detailed?family=queue_coarse_metrics"
        eventually(
            lambda: get(page)[0].count(b"rabbitmq_detailed_queue_messages_ready{") == size.queues,
            "every queue has had its first statistics tick",
            timeout=300,
            interval=2,
        )

    @property
    def pids(self):
        return [server.pid for server in self.all]

    def remove(self):
        for server in self.all:
            server.remove()


def config(servers, size):
    most = f"max_series = {10 * (size.queues + size.lists)}\n"
    return at_default_duty(
        target(servers.redis, most + 'list_patterns = ["queue:*"]\n' + WORKERS, max_age="1s", timeout="30s")
        + rabbitmq(servers.broker, most + 'readings = ["messages"]\n', name="broker", max_age="1s", timeout="30s")
        + postgresql(servers.postgres, max_age="1s")
        + pgbouncer(servers.bouncer, behind="db", max_age="1s")
    )


def headroom(binary, servers, size, folder):
    path = folder / "headroom.toml"
    path.write_text(config(servers, size), encoding="utf-8")
    names = {"main": "redis", "broker": "rabbitmq", "db": "postgresql", "pooler": "pgbouncer"}
    up = tuple(f'headroom_target_up{{target="{name}",system="{system}"}} 1\n' for name, system in names.items())
    command = [binary, f"--config.file={path}", "--web.listen-address=127.0.0.1:{port}"]
    return Side("headroom", folder, {up: (command, {}, "/metrics")})


def peers(servers, folder):
    redis, postgres = servers.redis, servers.postgres
    listen = "--web.listen-address=127.0.0.1:{port}"
    words = {"sslmode": "disable", "user": "monitor", "dbname": "postgres", "host": "127.0.0.1"}
    source = " ".join(f"{k}={v}" for k, v in words.items()) + f" port={postgres.port} password={password(postgres, 'monitor')}"
    keys = ["--check-keys=queue:*", "--count-keys=consumer:*"]
    commands = {
        ("redis_up 1",): (["prometheus-redis-exporter", f"--redis.addr={redis.url}", *keys, listen], {}, "/metrics"),
        ("pg_up 1",): (["prometheus-postgres-exporter", listen], {"DATA_SOURCE_NAME": source}, "/metrics"),
    }
    return Side("peers", folder, commands, [f"{servers.broker.prometheus_url}/metrics/per-object"])


def password(server, user):
    return Path(server.password_file(user)).read_text(encoding="utf-8").strip()


def idle_rate(pids):
    """CPU seconds per second of servers that nobody asks."""
    before = cpu_seconds(pids)
    time.sleep(QUIET)
    return (cpu_seconds(pids) - before) / QUIET


def report(rows):
    print(f"{'':36}{'peers':>12}{'headroom':>12}{'ratio':>8}")
    for name, theirs in rows["peers"].items():
        ours = rows["headroom"][name]
        print(f"{name:36}{theirs:12.1f}{ours:12.1f}{ours / theirs:8.3f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("--set", choices=SETS, default="small")
    parser.add_argument("--blocks", type=int, default=3, help="of each side (default 3)")
    given = parser.parse_args()
    size = SETS[given.set]
    servers, sides = Servers(size), []
    try:
        idle = idle_rate(servers.pids)
        print(f"{given.set}: {size}; idle servers use {idle * 1000:.1f} ms of CPU per second", flush=True)
        with tempfile.TemporaryDirectory(prefix="headroom-bench-") as folder:
            for start in (lambda: peers(servers, Path(folder)), lambda: headroom(given.binary, servers, size, Path(folder))):
                sides.append(start())
                sides[-1].pause()
            costs = {side.name: Cost(side, servers.pids, idle) for side in sides}
            for _ in range(given.blocks):
                for cost in costs.values():
                    cost.block(size.rounds, size.every)
            for side in sides:
                side.resume()
            report({name: cost.row() for name, cost in costs.items()})
    finally:
        for side in sides:
            side.remove()
        servers.remove()


if __name__ == "__main__":
    main()
