"""./demo's second half: starts the parts, prints live numbers, stops everything.

Usage: main.py BINARY SECONDS     (SECONDS 0: until Ctrl-C)
"""

import contextlib
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "test" / "integration"))

from broker_load import BrokerLoad  # noqa: E402
from load import Load  # noqa: E402
from pool_load import POOL_SIZE, PoolLoad  # noqa: E402
from support.exporter import Exporter  # noqa: E402
from support.pgbouncer_server import PgBouncerServer  # noqa: E402
from support.postgres_server import PostgresServer  # noqa: E402
from support.process import Ended  # noqa: E402
from support.prometheus import Prometheus  # noqa: E402
from support.rabbitmq_server import RabbitServer  # noqa: E402
from support.redis_server import RedisServer  # noqa: E402
from support.waiting import eventually, free_port  # noqa: E402
from table import HEADER, line, recommended  # noqa: E402

ROW_EVERY = 2.0
HEADER_EVERY = 12  # rows
GRAFANA = """\
To look at it in Grafana: add a data source Prometheus with the URL {prometheus}, then either
  Dashboards > New > Import: {root}/dashboards/*.json, one at a time, or
  provision the folder {root}/dashboards/provisioned (dashboards/README.md)."""


def say(text=""):
    print(text, flush=True)


class Parts:
    """Starts every part; what was started is stopped when `stack` closes, last first."""

    def __init__(self, stack, binary):
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="headroom-demo-"))
        port = free_port(9935)
        say("Starting the parts; RabbitMQ takes some seconds ...")
        # A real broker ticks every 5 s; the rows of this table come every 2.
        self.broker = RabbitServer(tick=1000)
        stack.callback(self.broker.remove)
        self.broker.begin_start()
        self.redis = RedisServer()
        stack.callback(self.redis.remove)
        self.redis.start()
        self.postgres = PostgresServer()
        stack.callback(self.postgres.remove)
        self.postgres.start()
        # max_db_connections is what it promises of the server, whatever its pools could open.
        self.bouncer = PgBouncerServer(
            self.postgres, default_pool_size=POOL_SIZE, max_db_connections=POOL_SIZE + 3
        )
        stack.callback(self.bouncer.remove)
        self.bouncer.start()
        self.prometheus = Prometheus(
            f"127.0.0.1:{port}",
            interval="2s",
            preferred_port=9090,
            rules=sorted((ROOT / "alerts").glob("*.rules.yml")),
        )
        stack.callback(self.prometheus.remove)
        self.prometheus.start()
        self.broker.start()
        self.workers = Load(self.redis.port)
        self.loads = [
            self.workers,
            BrokerLoad(self.broker),
            PoolLoad(self.bouncer, folder),
        ]
        for load in self.loads:
            load.start()
            stack.callback(load.stop)
        self.config = self._config()
        self.exporter = Exporter(Path(folder), self.config, binary=binary, port=port)
        stack.callback(self.exporter.remove)
        self.exporter.start()

    def _config(self):
        text = (HERE / "headroom.toml").read_text(encoding="utf-8")
        places = {
            "@REDIS_PORT@": self.redis.port,
            "@MANAGEMENT_PORT@": self.broker.management_port,
            "@PROMETHEUS_PORT@": self.broker.prometheus_port,
            "@POSTGRESQL_PORT@": self.postgres.port,
            "@POSTGRESQL_PASSWORD@": self.postgres.password_file("monitor"),
            "@PGBOUNCER_PORT@": self.bouncer.port,
            "@PGBOUNCER_PASSWORD@": self.bouncer.password_file("stats"),
        }
        for place, value in places.items():
            text = text.replace(place, str(value))
        return text

    def introduce(self):
        say("The exporter's configuration:\n")
        say("    " + self.config.strip().replace("\n", "\n    ") + "\n")
        say(f"Redis       {self.redis.url}")
        say(f"RabbitMQ    {self.broker.url}/")
        say(f"PostgreSQL  {self.postgres.dsn()}")
        say(f"PgBouncer   {self.bouncer.dsn()}")
        say(f"headroom    {self.exporter.base}/           what a person reads")
        say(f"            {self.exporter.base}/metrics    what Prometheus reads")
        say(f"Prometheus  {self.prometheus.base}/           with the rules of alerts/")
        say(f"            {self.prometheus.base}/alerts     every alert and its state")
        say(f"\n{GRAFANA.format(prometheus=self.prometheus.base, root=ROOT)}\n")

    def check(self):
        named = {
            "redis-server": self.redis,
            "rabbitmq-server": self.broker,
            "postgres": self.postgres,
            "pgbouncer": self.bouncer,
            "headroom": self.exporter,
            "prometheus": self.prometheus,
        }
        for name, part in named.items():
            assert part.running(), f"{name} has ended:\n{part.log()}"
        for load in self.loads:
            assert load.error is None, f"the {load.name} has ended: {load.error!r}"


def show(parts, stop, seconds):
    """Prints a row every two seconds until `stop` or the end; what is printed came from Prometheus."""
    prometheus = parts.prometheus
    eventually(lambda: stop.is_set() or prometheus.query("headroom_queue_messages"), "a first scrape")
    end = time.monotonic() + seconds if seconds else float("inf")
    row = 0
    fired = None
    while not stop.is_set() and time.monotonic() < end:
        parts.check()
        if row % HEADER_EVERY == 0:
            say(HEADER)
        say(line(prometheus))
        firing = prometheus.firing() - {"HeadroomWatchdog"}
        if firing != fired:
            say(f"{'':10}alerts that fire: {', '.join(sorted(firing)) or 'none'}")
            fired = firing
        parts.workers.scale(recommended(prometheus))  # as an autoscaler would
        row += 1
        stop.wait(min(ROW_EVERY, max(0.0, end - time.monotonic())))


def main(binary, seconds):
    stop = threading.Event()
    starting = True

    def on_signal(*_):
        again = stop.is_set()
        stop.set()
        if starting and not again:
            raise KeyboardInterrupt  # a start waits for the broker; what was started is stopped

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, on_signal)
    try:
        with contextlib.ExitStack() as stack:
            parts = Parts(stack, binary)
            starting = False
            parts.introduce()
            show(parts, stop, seconds)
            say("\nStopping.")
    except KeyboardInterrupt:
        say("\nStopped.")
    except (AssertionError, Ended, OSError) as error:
        tail = "\n".join(str(error).splitlines()[-30:])
        print(f"demo: {tail}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], float(sys.argv[2])))
