"""How many workers there should be: against what LLEN, HGETALL, SHOW POOLS and psql say themselves."""

import math
import time
from fractions import Fraction

from support.configs import WORKERS, pgbouncer, postgresql, rabbitmq, target
from support.exporter import run_once
from support.pgbouncer_server import behind
from support.rabbitmq_pages import counts
from support.waiting import eventually
from support.workloads import MAX, MIN, WORKLOAD, limits, messages, plain, said, workers

POOL_SIZE = 20
PER_CONNECTION = Fraction(9, 10)
RESERVE, SERVER_RESERVE = 1, 5

POOLS = f"""
pools = [{{ target = "pooler", database = "app", user = "app" }}]
connections_per_worker = 0.9
reserve = {RESERVE}
server_reserve = {SERVER_RESERVE}
"""


def expected_backlog(redis):
    decisions, pipelines = redis("LLEN", "queue:decisions"), redis("LLEN", "queue:pipelines")
    live = busy = 0
    for key in redis("KEYS", "consumer:*"):
        row = redis("HGETALL", key)
        fields = dict(zip(row[::2], row[1::2]))
        alive = time.time() - float(fields[b"updated_at"]) < 60
        live += alive
        busy += fields[b"state"] == b"working" and alive
    for_messages = math.ceil(Fraction(decisions, 10) + Fraction(pipelines, 20))
    return {
        "backlog_messages": decisions + pipelines,
        "busy_workers": busy,
        "live_workers": live,
        "backlog_workers": max(for_messages, busy),
    }


def expected_cap(bouncer, postgres):
    row = bouncer.row("POOLS", database="app", user="app")
    own = sum(v for k, v in row.items() if k.startswith("sv_"))
    ordinary = sum(
        int(postgres.value(f"SHOW {name}")) * sign
        for name, sign in (("max_connections", 1), ("superuser_reserved_connections", -1))
    )
    others = max(SERVER_RESERVE, postgres.sessions() - own)
    least = min(POOL_SIZE - RESERVE, ordinary - others - RESERVE)
    return max(0, math.floor(least / PER_CONNECTION))


def expected(redis, cap, floor=0):
    """All numbers by the formulas as documented, from scratch."""
    numbers = expected_backlog(redis)
    wanted = max(numbers["backlog_workers"], floor, MIN)
    recommended = max(MIN, min(wanted, MAX, cap))
    rounds = math.ceil(Fraction(numbers["backlog_messages"], recommended))
    return {
        **numbers,
        "floor_workers": floor,
        "pool_cap_workers": cap,
        "wanted_workers": wanted,
        "recommended_workers": recommended,
        "minimum_workers": max(MIN, min(max(MIN, floor), MAX, cap)),
        "expected_drain_seconds": rounds * 360,
        "finish_within_seconds": 3600,
    }


LOAD = [
    # messages of both queues, workers by state, transactions in the pool, direct connections
    (0, 0, [], 1, 0),
    (95, 30, [], 1, 0),
    (95, 30, ["working"] * 14 + ["idle"] * 3, 5, 0),
    (181, 0, ["working"] * 5, 5, 9),
    (1000, 200, ["working"] * 15, 8, 20),
    (1, 0, ["working"] * 15, 8, 2),
    (0, 0, ["idle"] * 15, 1, 0),
]


SCRAPES = 4  # of each load; each must agree


def settled(headroom, reference):
    """What the servers say, and a page from between two looks at them that found the same."""

    def attempt():
        before = reference()
        page = headroom.scrape()
        return (before, page) if reference() == before else None

    return eventually(attempt, "nothing moves")


def test_the_recommendation_follows_the_formulas_at_every_scrape(
    redis, postgres, pgbouncer_server, clients, exporter
):
    bouncer = pgbouncer_server(postgres, default_pool_size=POOL_SIZE)
    config = target(redis, 'discovery_interval = "100ms"\n' + WORKERS)
    headroom = exporter(
        config + postgresql(postgres) + pgbouncer(bouncer, behind="db") + WORKLOAD + POOLS
    )
    caps = set()
    pooled, direct = [], []
    for decisions, pipelines, states, transactions, sessions in LOAD:
        messages(redis, decisions, pipelines)
        workers(redis, states)
        while len(pooled) < transactions:
            pooled += clients(bouncer)
            pooled[-1].run("BEGIN")
        while len(pooled) > transactions:
            pooled.pop().close()
        while len(direct) < sessions:
            direct += clients(postgres)
        while len(direct) > sessions:
            direct.pop().close()
        headroom.until(
            lambda p, n=len(states): said(p).get("live_workers") == n, "the workers are discovered"
        )
        for _ in range(SCRAPES):
            numbers, page = settled(
                headroom, lambda: expected(redis, expected_cap(bouncer, postgres))
            )
            assert said(page) == numbers
            assert limits(page) == {
                "max": float(numbers["wanted_workers"] > MAX),
                "pool": float(numbers["wanted_workers"] > numbers["pool_cap_workers"]),
            }
            caps.add(numbers["pool_cap_workers"])
    assert len(caps) > 1, "the server never bound"


USER_LIMIT = 8


def expected_of_user(bouncer):
    """What the limit leaves to the pool app/app, as connections of the user's other pools count."""
    own = others = 0
    for row in bouncer.console("SHOW POOLS"):
        servers = sum(v for k, v in row.items() if k.startswith("sv_"))
        if (row["database"], row["user"]) == ("app", "app"):
            own += servers
        elif row["user"] == "app":
            others += servers
    return {"own": own, "cap": USER_LIMIT - others}


def test_a_limit_of_the_user_binds_over_all_its_pools(
    redis, postgres, pgbouncer_server, clients, exporter, config
):
    databases = {"app": behind(postgres), "other": behind(postgres)}
    bouncer = pgbouncer_server(
        databases, default_pool_size=POOL_SIZE, max_user_connections=USER_LIMIT
    )
    messages(redis, 1000, 0)
    pools = 'pools = [{ target = "pooler", database = "app", user = "app" }]\n'
    text = plain(redis, pools) + postgresql(postgres) + pgbouncer(bouncer, behind="db")
    headroom = exporter(text)
    headroom.until(lambda p: said(p).get("live_workers") == 0, "the workers are discovered")
    clients(bouncer)[0].run("BEGIN")
    for others in (0, 3, 2):
        for session in clients(bouncer, others, database="other"):
            session.run("BEGIN")
        for _ in range(SCRAPES):
            numbers, page = settled(headroom, lambda: expected_of_user(bouncer))
            assert said(page)["pool_cap_workers"] == numbers["cap"]
            assert said(page)["recommended_workers"] == numbers["cap"]
            assert limits(page) == {"max": 1, "pool": 1}
    assert numbers == {"own": 1, "cap": USER_LIMIT - 5}
    done = run_once("--once", "--explain", "decisions", config(text))
    assert "limited by user app of pooler" in done.stdout.splitlines()[0], done.stdout


def consumer(amqp, queue, prefetch):
    channel = amqp.new_channel()
    channel.basic_qos(prefetch_count=prefetch)
    held = []
    channel.basic_consume(queue, lambda _c, method, _p, _b: held.append(method.delivery_tag))
    return channel, held


def test_busy_are_as_many_as_deliveries_and_consumers_of_a_broker_both_bear_out(
    broker, vhost, amqp, exporter
):
    amqp.declare("jobs")
    workload = f"""
[[workload]]
name = "decisions"
queues = [{{ target = "main", queue = "jobs", vhost = "{vhost}" }}]
messages_per_worker = 50
concurrency = 4
max = 30
"""
    headroom = exporter(rabbitmq(broker) + workload)

    # in_flight: what the clients have and did not acknowledge.
    def follows(ready, in_flight, consumers, recommended):
        state = {"jobs": (ready, in_flight, consumers)}

        def page():
            return headroom.until(
                lambda p: counts(p, "main", vhost) == state, f"the broker says {state}"
            )

        page()
        itself = amqp.channel.queue_declare("jobs", passive=True).method
        assert (itself.message_count, itself.consumer_count) == (ready, consumers)
        busy = min(math.ceil(in_flight / 4), consumers)
        for _ in range(SCRAPES):
            numbers = said(page())
            assert numbers["busy_workers"] == busy
            assert "live_workers" not in numbers  # consumers are not workers
            assert numbers["backlog_messages"] == ready + in_flight
            assert numbers["recommended_workers"] == recommended

    amqp.publish("jobs", 60)
    follows(60, 0, 0, recommended=2)
    first, prefetched = consumer(amqp, "jobs", 40)
    while len(prefetched) < 40:
        amqp.work(1)
    follows(20, 40, 1, recommended=2)
    more = [consumer(amqp, "jobs", 40) for _ in range(6)]
    while sum(len(held) for _, held in more) < 20:
        amqp.work(1)
    follows(0, 60, 7, recommended=7)
    for channel, _ in more:
        channel.basic_ack(0, multiple=True)
    first.basic_ack(prefetched[30], multiple=True)
    follows(0, 9, 7, recommended=3)
    first.basic_ack(0, multiple=True)
    follows(0, 0, 7, recommended=0)
