"""One of everything that the dashboards draw, with load, watched by the exporter and by Prometheus."""

import contextlib
import functools
import http.server
import re
import threading
from pathlib import Path

from load import Load
from support.exporter import Exporter
from support.pgbouncer_server import PgBouncerServer, behind
from support.postgres_pair import Pair
from support.prometheus import Prometheus
from support.rabbitmq_server import RabbitServer
from support.redis_server import RedisServer
from support.waiting import eventually

HERE = Path(__file__).resolve().parent
RULES = HERE.parents[2] / "alerts"
# A scrape interval of 1 s stands for one of 15 s, so a window of 5 minutes for one of 20 s.
HASTE = 15
WINDOW = re.compile(r"\[(\d+)([mh])\]")
WAIT = re.compile(r"^(\s+for: )(\d+)m$", re.MULTILINE)
MINUTES = {"m": 60, "h": 3600}
NAMESPACE = "jobs"


def _faster(match):
    return f"[{int(match[1]) * MINUTES[match[2]] // HASTE}s]"


def rules(folder, impatient=False):
    """The shipped rule files with shorter windows; `impatient`: alerts wait as much less before they fire.

    Not before that is wanted: a machine that stalls for some seconds must not make one fire.
    """
    folder.mkdir()
    for path in RULES.glob("*.rules.yml"):
        text = WINDOW.sub(_faster, path.read_text(encoding="utf-8"))
        if impatient:
            text = WAIT.sub(lambda m: f"{m[1]}{int(m[2]) * 60 // HASTE}s", text)
        (folder / path.name).write_text(text, encoding="utf-8")
    return sorted(folder.glob("*.rules.yml"))


class _Page(http.server.SimpleHTTPRequestHandler):
    extensions_map = {".prom": "text/plain; version=0.0.4"}

    def do_GET(self):
        self.path = "/autoscaler.prom"
        super().do_GET()

    def log_message(self, *_):
        pass


def _autoscaler(stack):
    """A page of kube-state-metrics; there is no Kubernetes here."""
    handler = functools.partial(_Page, directory=HERE)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    stack.callback(server.server_close)
    stack.callback(server.shutdown)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"127.0.0.1:{server.server_address[1]}"


class World:
    """What was started is stopped when `stack` closes, last first."""

    def __init__(self, stack: contextlib.ExitStack, folder, roots):
        self._stack = stack
        broker = self._keep(RabbitServer())
        broker.begin_start()  # it takes longest
        self.redis = self._keep(RedisServer("--maxmemory", "64mb")).start()
        self.replica = self._keep(RedisServer("--replicaof", "127.0.0.1", self.redis.port)).start()
        self.pair = self._keep(Pair())
        self.pair.primary.sql("SELECT pg_create_physical_replication_slot('archive', true)")
        pool = behind(self.pair.primary, "pool_size=3 max_db_connections=10")
        self.bouncer = self._keep(PgBouncerServer({"app": pool})).start()
        self.broker = broker.start()
        self.load = Load(self.redis, broker, self.bouncer, self.pair.primary)
        self.load.start()
        stack.callback(self.load.stop)
        self.exporter = self._keep(Exporter(folder, self._config())).start()
        self._folder = folder
        others = {"kube-state-metrics": _autoscaler(stack), "stranger": "127.0.0.1:1"}
        address = self.exporter.base.removeprefix("http://")
        files = rules(folder / "rules")
        self.prometheus = {
            root: self._keep(
                Prometheus(address, rules=files, labels={"namespace": NAMESPACE}, others=others, root=root)
            ).start()
            for root in roots
        }

    def _keep(self, part):
        self._stack.callback(part.remove)
        return part

    def alert_soon(self):
        """From now on alerts wait for seconds where they would wait for minutes."""
        for root, server in self.prometheus.items():
            server.reload(rules(self._folder / f"impatient-{root is None}", impatient=True))

    def _config(self):
        text = (HERE / "headroom.toml").read_text(encoding="utf-8")
        values = {
            "REDIS_URL": self.redis.url,
            "REPLICA_URL": self.replica.url,
            "RABBITMQ_URL": self.broker.url,
            "RABBITMQ_PLUGIN": self.broker.prometheus_url,
            "PRIMARY": self.pair.primary.dsn(),
            "STANDBY": self.pair.standby.dsn(),
            "MONITOR_PASSWORD": self.pair.primary.password_file(),
            "POOLER": self.bouncer.dsn(),
            "POOLER_PASSWORD": self.bouncer.password_file(),
        }
        return re.sub(r"@([A-Z_]+)@", lambda match: str(values[match[1]]), text)
