"""What the pools of a workload bear: pools without clients, and PostgreSQL's own limits."""

import pytest

from support.configs import pgbouncer, postgresql, target
from support.exporter import run_once
from support.pgbouncer_server import behind
from support.waiting import eventually

MESSAGES = 50
LIMIT = 7


@pytest.fixture
def waiting(redis):
    redis("RPUSH", "q", *range(MESSAGES))
    return redis


def workload(redis, pools, more=""):
    """From min = 0 up; whatever is unknown holds."""
    return target(redis) + f"""
[[workload]]
name = "w"
queues = [{{ target = "main", queue = "q" }}]
messages_per_worker = 1
max = 200
pools = [{pools}]
{more}
"""


def pool(name="pooler", database="app", user="app"):
    return f'{{ target = "{name}", database = "{database}", user = "{user}" }}'


def recommended(page):
    found = page.series("headroom_workload_recommended_workers", workload="w")
    return found[0].value if found else None


def explained(config, tmp_path):
    path = tmp_path / "explained.toml"
    path.write_text(config, encoding="utf-8")
    return run_once("--once", "--explain", "w", f"--config.file={path}").stdout


def ordinary(postgres):
    names = ("max_connections", "superuser_reserved_connections")
    most, reserved = (int(postgres.value(f"SHOW {name}")) for name in names)
    return most - reserved


@pytest.fixture
def limited(postgres):
    """Sets a CONNECTION LIMIT of the role or database app for one test."""
    changed = []

    def limit(what):
        postgres.sql(f"ALTER {what} app CONNECTION LIMIT {LIMIT}")
        changed.append(what)

    yield limit
    for what in changed:
        postgres.sql(f"ALTER {what} app CONNECTION LIMIT -1")


# Pools that nobody has used yet.


def test_after_a_restart_of_pgbouncer_a_workload_starts_from_nothing(
    waiting, postgres, pgbouncer_server, clients, exporter
):
    bouncer = pgbouncer_server(postgres, default_pool_size=10)
    config = postgresql(postgres) + pgbouncer(bouncer, behind="db") + workload(waiting, pool())
    headroom = exporter(config)
    clients(bouncer)[0].run("SELECT 1")
    headroom.until(lambda p: recommended(p) == 10, "a pool with a client")
    bouncer.kill()
    headroom.until(lambda p: recommended(p) is None, "the pooler is gone")
    bouncer.restart()
    page = headroom.until(lambda p: recommended(p) == 10, "nobody is connected")
    assert [r["user"] for r in bouncer.console("SHOW POOLS")] == ["pgbouncer"]
    labels = {"target": "pooler", "scope": "pool", "pool": "app/app"}
    assert page.value("headroom_pool_connections", **labels, state="active") == 0
    assert page.value("headroom_pool_max_connections", **labels) == 10
    assert page.value("headroom_pool_available_connections", **labels) == 10


def test_of_two_poolers_one_may_have_no_clients(
    waiting, postgres, pgbouncer_server, clients, exporter
):
    used = pgbouncer_server(postgres, default_pool_size=10)
    idle = pgbouncer_server(postgres, default_pool_size=6)
    config = postgresql(postgres) + workload(waiting, f'{pool("a")}, {pool("b")}')
    for bouncer, name in ((used, "a"), (idle, "b")):
        config += pgbouncer(bouncer, behind="db", name=name)
    clients(used)[0].run("SELECT 1")
    assert recommended(exporter(config).scrape()) == 16


def test_the_budget_counts_a_named_pool_as_it_would_its_first_client(
    waiting, postgres, pgbouncer_server, exporter
):
    bouncer = pgbouncer_server(postgres, default_pool_size=10)
    servers = postgresql(postgres) + pgbouncer(bouncer, behind="db")
    without = exporter(servers).scrape()
    named = exporter(servers + workload(waiting, pool())).scrape()
    budget = "headroom_pool_budget_connections"
    assert named.value(budget, target="db") == without.value(budget, target="db") == 10
    assert without.absent("headroom_pool_connections", target="pooler", scope="pool")


def test_a_user_that_nobody_uses_is_told_beside_those_that_are_used(
    waiting, postgres, pgbouncer_server, clients, tmp_path
):
    bouncer = pgbouncer_server(postgres)
    clients(bouncer)[0].run("SELECT 1")
    servers = postgresql(postgres) + pgbouncer(bouncer, behind="db")
    text = explained(servers + workload(waiting, pool(user="plain")), tmp_path)
    assert "(no client has used it yet; of this database the pooler lists app/app)" in text


def test_a_forced_user_is_the_one_that_counts(
    waiting, postgres, pgbouncer_server, clients, exporter, tmp_path
):
    forced = behind(postgres, "user=app password=4pp-pw")
    bouncer = pgbouncer_server({"app": forced}, default_pool_size=10)
    clients(bouncer, user="plain")[0].run("SELECT 1")
    servers = postgresql(postgres) + pgbouncer(bouncer, behind="db")
    text = explained(servers + workload(waiting, pool(user="plain")), tmp_path)
    assert "no recommendation" in text
    assert "its database forces another one; of this database it lists app/app" in text
    assert recommended(exporter(servers + workload(waiting, pool())).scrape()) == 10


def test_a_database_of_any_name_is_unknown_until_somebody_asks_for_it(
    waiting, postgres, pgbouncer_server, clients, exporter, tmp_path
):
    bouncer = pgbouncer_server({"*": f"host=127.0.0.1 port={postgres.port}"}, default_pool_size=10)
    servers = postgresql(postgres) + pgbouncer(bouncer, "any_database = true", behind="db")
    config = servers + workload(waiting, pool())
    assert "the pooler lists no database app" in explained(config, tmp_path)
    headroom = exporter(config)
    assert recommended(headroom.scrape()) is None
    clients(bouncer)[0].run("BEGIN")

    def listed():
        """PgBouncer 1.18 may take a database that is just being asked for to be idle, and not list it
        until the next client comes."""
        clients(bouncer)[0].run("SELECT 1")
        return recommended(headroom.scrape()) == 10

    eventually(listed, "somebody has asked for it", interval=0.5)


# PostgreSQL without a pooler.


@pytest.mark.parametrize("what", ["user", "database"])
def test_a_role_or_database_without_sessions_has_the_whole_server(
    what, waiting, postgres, clients, exporter
):
    named = f'{{ target = "db", {what} = "app" }}'
    headroom = exporter(postgresql(postgres) + workload(waiting, named))
    headroom.scrape()
    # Those of the test before may take their time to end.
    eventually(lambda: postgres.sessions() == 2, "headroom's session and the test's own")
    free = ordinary(postgres) - 2
    headroom.until(lambda p: recommended(p) == free, "nobody is connected")
    clients(postgres, 3)
    assert recommended(headroom.scrape()) == free


def test_a_role_that_is_not_there_is_unknown(waiting, postgres, tmp_path):
    named = '{ target = "db", user = "nobody" }'
    text = explained(postgresql(postgres) + workload(waiting, named), tmp_path)
    assert "no recommendation" in text
    assert "the server lists no role of this name that can log in" in text


@pytest.mark.parametrize("what, word", [("ROLE", "role"), ("DATABASE", "database")])
def test_a_connection_limit_of_postgresql_bounds_the_workers(
    what, word, waiting, postgres, pgbouncer_server, clients, limited, exporter, tmp_path
):
    limited(what)
    eventually(
        lambda: postgres.sessions("(usename = 'app' OR datname = 'app')") == 0,
        "the sessions of the test before have ended",
    )
    bouncer = pgbouncer_server(postgres, default_pool_size=20)
    servers = postgresql(postgres) + pgbouncer(bouncer, behind="db")
    pooled = workload(waiting, pool(), "reserve = 1")
    key = {"ROLE": "user", "DATABASE": "database"}[what]
    direct = workload(waiting, f'{{ target = "db", {key} = "app" }}', "reserve = 1")
    text = explained(servers + pooled, tmp_path)
    assert f"the {word}'s connection limit {LIMIT} - 0 of others - 1 of reserve = 6" in text
    for config in (pooled, direct):
        assert recommended(exporter(servers + config).scrape()) == LIMIT - 1
    for session in clients(bouncer, 3):
        session.run("BEGIN")
    assert recommended(exporter(servers + pooled).scrape()) == LIMIT - 1
    clients(postgres, 2)  # of others: past the pooler
    headroom = exporter(servers + pooled)
    headroom.until(lambda p: recommended(p) == LIMIT - 3, "two connections of others")


# Words.


def test_a_key_of_another_type_is_the_reason_that_is_told(redis, tmp_path):
    redis("SET", "q", "text")
    config = workload(redis, "").replace("pools = []", "")
    assert "the key holds another type than a list" in explained(config, tmp_path).splitlines()[0]


def test_a_pooler_with_several_servers_is_told_with_its_cure(
    waiting, postgres, pgbouncer_server, tmp_path
):
    other = behind(postgres).replace("127.0.0.1", "127.0.0.2")
    bouncer = pgbouncer_server({"app": behind(postgres), "elsewhere": other})
    servers = postgresql(postgres) + pgbouncer(bouncer, behind="db")
    first = explained(servers + workload(waiting, pool()), tmp_path).splitlines()[0]
    assert 'a table [[pgbouncer.databases]] with name = "app"' in first
