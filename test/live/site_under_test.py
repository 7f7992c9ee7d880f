"""A small site in good health: what a test breaks."""

import json
import signal
import time

from support import fast_rules
from support.alertmanager import Alertmanager, Webhooks
from support.configs import declared, pgbouncer, postgresql, rabbitmq, target
from support.exporter import Exporter
from support.pgbouncer_server import PgBouncerServer, behind
from support.postgres_server import PostgresServer
from support.prometheus import Prometheus
from support.rabbitmq_server import RabbitServer
from support.redis_server import RedisServer
from support.waiting import eventually, free_port

FACTOR = 20  # a minute is three seconds
PATIENCE = 240  # for what takes up to a minute on a quiet machine
WATCHDOG = "HeadroomWatchdog"
SAMPLED = 'sample_interval = "250ms"\n'
BOUNCER = "pool_size=1 max_db_connections={}"
REDIS = """
lists = ["jobs"]
  [[redis.workers]]
  group = "workers"
  keys = "consumer:*"
  state_field = "state"
  states = ["idle", "working"]
  heartbeat_field = "updated_at"
  since_field = "since"
  stale_after = "30m"
"""
READINGS = 'readings = ["messages", "consumers", "capacity", "rates", "age", "memory", "info"]\n'
BROKER = READINGS + declared("/", "orders", "mail", "given-up")
# A promise that three workers keep up to six messages.
WORKLOAD = """
[[workload]]
name = "jobs"
queues = [{ target = "main", queue = "jobs" }]
worker_group = { target = "main", group = "workers", busy_states = ["working"] }
service_time = "60s"
finish_within = "2m"
min = 1
max = 3
pools = [{ target = "pooler", database = "app", user = "app" }]
connections_per_worker = 0.1

  [[workload.floor]]
  schedule = "0 3 1 1 *"
  time_zone = "UTC"
  duration = "1h"
  lead = "10m"
  workers = 1
"""
DATABASE = 'readings = ["connections", "locks", "replication", "applications", "waits", "sizes"]\n'
RULES = """\
rule_files: ["*.rules.yml"]
alerting:
  alertmanagers:
    - static_configs:
        - targets: {}
"""


class Site:
    """`broker`: with RabbitMQ, which starts slowly; `root`: the tree whose Prometheus is used."""

    def __init__(self, stack, folder, broker=True, root=None):
        self._stack = stack
        self.rabbit = self._begin(RabbitServer()) if broker else None
        if broker:
            self.rabbit.begin_start()
        self.redis = self._begin(RedisServer("--maxmemory", "100mb")).start()
        self.postgres = self._begin(PostgresServer()).start()
        databases = {"app": behind(self.postgres, BOUNCER.format(20))}
        self.bouncer = self._begin(PgBouncerServer(databases, query_wait_timeout=0)).start()
        if broker:
            # Twice its own patience: everything of the site starts at the same time.
            eventually(self.rabbit.start, "RabbitMQ is up", 2 * PATIENCE)
        self.worker("one", "idle")
        self.worker("two", "working")
        self.redis("RPUSH", "jobs", "a")
        self._serve_queues()
        self._pool_is_used()
        # On a port of its own choice it would come back elsewhere, where nobody scrapes it.
        self.exporter = self._begin(Exporter(folder, self.config(spare=True), port=free_port()))
        self.exporter.start()
        self._watch(root)

    def _begin(self, part):
        self._stack.callback(part.remove)
        return part

    def config(self, spare):
        """`spare`: with a second look at the same Redis, the one that a test takes away."""
        tables = target(self.redis, SAMPLED + REDIS)
        tables += postgresql(self.postgres, DATABASE, timeout="5s")
        tables += pgbouncer(self.bouncer, SAMPLED, behind="db", timeout="5s")
        if self.rabbit:
            tables += rabbitmq(self.rabbit, BROKER, name="broker", timeout="5s")
        if spare:
            tables += target(self.redis, name="spare")
        return tables + WORKLOAD

    def worker(self, name, state, updated=None):
        now = time.time()
        fields = {"state": state, "updated_at": int(updated or now), "since": int(now)}
        for field, value in fields.items():
            self.redis("HSET", f"consumer:{name}", field, str(value))

    def _serve_queues(self):
        """Both queues have a consumer, which is this connection, with one message in hand."""
        if not self.rabbit:
            return
        self.amqp = self._stack.enter_context(self.rabbit.amqp())
        self.consumers = {}
        self.amqp.declare("given-up")
        for name in ("orders", "mail"):
            self.amqp.declare(name, x_dead_letter_exchange="", x_dead_letter_routing_key="given-up")
            self.amqp.publish(name, timestamp=time.time())
            self.consumers[name], _ = self.amqp.consume(name, 1, prefetch=1)

    def _pool_is_used(self):
        """A pool that nobody ever used is not listed."""
        self.holder = self.bouncer.session()
        self._stack.callback(self.holder.close)
        self.holder.value("SELECT 1")

    def _watch(self, root):
        self.webhooks = self._begin(Webhooks())
        routes = fast_rules.routes(FACTOR, self.webhooks.url)
        self.alertmanager = self._begin(Alertmanager(routes)).start()
        self.address = self.exporter.base.removeprefix("http://")
        flags = [f"--rules.alert.resend-delay={60 // FACTOR}s"]
        flags.append(f"--query.lookback-delta={300 // FACTOR}s")
        more = RULES.format(json.dumps([self.alertmanager.address]))
        self.prometheus = Prometheus(
            self.address, more=more, files=fast_rules.groups(FACTOR), flags=flags, root=root
        )
        self._begin(self.prometheus).start()
        count = self.config(spare=True).count("timeout = ")  # one per target
        healthy = "count(target:headroom_target_up:max == 1)"
        eventually(lambda: self.prometheus.value(healthy) == count, "all targets are up", PATIENCE)
        eventually(lambda: self.webhooks.told("dead-mans-switch"), "alerts arrive", PATIENCE)

    # What a test asks.

    def alerts(self, state=None):
        """{name of an alert that is pending or firing}."""
        selector = f'ALERTS{{alertstate="{state}"}}' if state else "ALERTS"
        return {labels["alertname"] for labels, _ in self.prometheus.query(selector)} - {WATCHDOG}

    def ever_fired(self, window):
        fired = f'last_over_time(ALERTS{{alertstate="firing"}}[{window}])'
        found = self.prometheus.query(f"count by (alertname) ({fired})")
        return {labels["alertname"] for labels, _ in found} - {WATCHDOG}

    def until_told(self, receiver, *names):
        """The alerts `names` have reached this receiver."""

        def told():
            missing = set(names) - self.webhooks.names(receiver)
            state = f"alerts {self.alerts()}; muted {self.alertmanager.muted()}"
            assert not missing, f"missing {missing}; {state}"
            return True

        eventually(told, f"{names} at {receiver}", PATIENCE, interval=0.2)

    def reload(self, config):
        self.exporter.write_config(config)
        self.exporter.signal(signal.SIGHUP)
