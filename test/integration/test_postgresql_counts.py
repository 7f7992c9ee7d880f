"""Connections, limits, locks, transactions and sizes are what psql says at that moment."""

import pytest

from support.configs import postgresql
from support.pool_pages import (
    AVAILABLE,
    MAX,
    POSTGRESQL_STATES,
    RESERVED,
    all_pools,
    connections,
    number,
    without_zeros,
)
from support.postgres_server import OURS
from support.waiting import eventually

SERVER = ("server", "server", "db")
# As the server's own pg_stat_activity has it, this asking session being idle as soon as it has asked.
TRUTH = f"""
SELECT datname, usename,
       CASE WHEN pid = pg_backend_pid() THEN 'idle'
            WHEN state IN ('active', 'idle') THEN state
            WHEN state = 'idle in transaction' THEN 'idle_in_transaction'
            WHEN state = 'idle in transaction (aborted)' THEN 'idle_in_transaction_aborted'
            ELSE 'other' END AS state,
       count(*) AS count
  FROM pg_stat_activity
 WHERE backend_type = 'client backend' AND NOT {OURS}
 GROUP BY 1, 2, 3
"""


def truth(server):
    """{(scope, pool): {state: number}} in the shape of all_pools(), zeros left out."""
    pools = {}
    for row in server.sql(TRUTH):
        for pool in [("server", "server"), ("database", row["datname"]), ("user", row["usename"])]:
            states = pools.setdefault(pool, {})
            states[row["state"]] = states.get(row["state"], 0) + row["count"]
    return pools


def quiet_page(server, headroom, look=truth):
    """(what the server says, the page), the server having said the same before and after it."""

    def unchanged():
        before, page = look(server), headroom.scrape()
        return (before, page) if look(server) == before else None

    return eventually(unchanged, "a page between two equal looks at the server")


def measured_pools(page):
    pools = {k: without_zeros(v) for k, v in all_pools(page, "db").items()}
    return {k: v for k, v in pools.items() if v}


def test_available_is_how_many_clients_the_server_lets_in(postgres_server, exporter, cleanup):
    server = postgres_server()
    headroom = exporter(postgresql(server))
    available = number(headroom.scrape(), AVAILABLE, *SERVER)
    assert server.fill(cleanup) == available
    assert number(headroom.scrape(), AVAILABLE, *SERVER) == 0


@pytest.fixture
def headroom(postgres, exporter):
    return exporter(postgresql(postgres))


@pytest.fixture
def known(postgres, clients):
    """Two idle, one active, one idle in a transaction, one in a failed one; and a stranger elsewhere."""
    idle, _, active, in_transaction, aborted = clients(postgres, 5)
    idle.run("SELECT 1")
    active.start("SELECT pg_sleep(600)")
    in_transaction.run("BEGIN")
    in_transaction.run("SELECT 1")
    aborted.run("BEGIN")
    with pytest.raises(Exception, match="division by zero"):
        aborted.run("SELECT 1/0")
    clients(postgres, 1, user="plain", database="postgres")
    expected = {
        "idle": 4,  # two, the stranger and the session that asks
        "active": 1,
        "idle_in_transaction": 1,
        "idle_in_transaction_aborted": 1,
    }
    eventually(
        lambda: truth(postgres)[("server", "server")] == expected, "the server sees them all"
    )
    return expected


def test_connections_by_state_database_and_user(postgres, known, headroom):
    expected, page = quiet_page(postgres, headroom)
    assert measured_pools(page) == expected
    assert connections(page, *SERVER) == dict.fromkeys(POSTGRESQL_STATES, 0) | known
    assert connections(page, "user", "app", "db")["idle"] == 2
    assert connections(page, "database", "postgres", "db")["idle"] == 2


def test_counts_follow(postgres, headroom, clients):
    def total(page):
        return sum(connections(page, "user", "app", "db").values())

    assert total(headroom.until(lambda p: total(p) == 0, "nobody")) == 0
    sessions = clients(postgres, 6)
    page = headroom.until(lambda p: total(p) == 6, "six")
    assert without_zeros(connections(page, "user", "app", "db")) == {"idle": 6}
    for session in sessions[:4]:
        session.close()
    headroom.until(lambda p: total(p) == 2, "two")


def test_our_own_session_is_no_load(postgres, headroom):
    headroom.scrape()
    # Sessions of the test before may take their time to end.
    eventually(
        lambda: postgres.our_sessions() == 1 and postgres.sessions() == 2,
        "one session of ours, and this test's own",
    )
    expected, page = quiet_page(postgres, headroom)
    assert measured_pools(page) == expected
    assert ("user", "monitor") not in measured_pools(page)
    assert sum(connections(page, *SERVER).values()) == postgres.sessions(f"NOT {OURS}")


def test_walsenders_and_background_workers_are_no_connections(postgres_server, exporter, cleanup):
    server = postgres_server()
    headroom = exporter(postgresql(server))
    standby = postgres_server(standby_of=server)
    eventually(lambda: server.value("SELECT count(*) FROM pg_stat_replication") == 1, "streaming")
    assert server.value(
        "SELECT count(*) FROM pg_stat_activity WHERE backend_type <> 'client backend'"
    ) > 3
    assert connections(headroom.scrape(), *SERVER) == dict.fromkeys(POSTGRESQL_STATES, 0) | {
        "idle": 1
    }
    standby.stop()


def test_the_servers_maximum_and_what_it_keeps_for_superusers(postgres, headroom):
    page = headroom.scrape()
    assert number(page, MAX, *SERVER) == int(postgres.value("SHOW max_connections")) == 40
    assert number(page, RESERVED, *SERVER) == 3


def test_limits_of_databases_and_roles(postgres_server, exporter):
    server = postgres_server()
    server.sql("ALTER DATABASE app CONNECTION LIMIT 7")
    server.sql("ALTER ROLE app CONNECTION LIMIT 5")
    server.sql("ALTER ROLE plain CONNECTION LIMIT 0")
    server.sql("CREATE ROLE boss SUPERUSER LOGIN CONNECTION LIMIT 2")
    page = exporter(postgresql(server)).scrape()
    assert number(page, MAX, "database", "app", "db") == 7
    assert number(page, MAX, "database", "postgres", "db") is None, "-1 is unlimited"
    assert number(page, MAX, "user", "app", "db") == 5
    assert number(page, MAX, "user", "plain", "db") == 0, "0 is a limit"
    assert number(page, MAX, "user", "admin", "db") is None
    assert number(page, MAX, "user", "boss", "db") is None, "superusers are not bound by theirs"


def test_a_changed_limit_is_seen_in_the_next_run(postgres_server, exporter):
    server = postgres_server()
    headroom = exporter(postgresql(server))
    assert number(headroom.scrape(), MAX, "database", "app", "db") is None
    server.sql("ALTER DATABASE app CONNECTION LIMIT 7")
    assert number(headroom.scrape(), MAX, "database", "app", "db") == 7


def test_names_that_need_escaping(postgres, headroom, clients):
    name = 'we "quoted\\ it\n'
    quoted = '"' + name.replace('"', '""') + '"'
    postgres.sql(f"CREATE ROLE {quoted} LOGIN IN ROLE app")
    postgres.sql(f"CREATE DATABASE {quoted} OWNER app")
    (session,) = clients(postgres, 1, database=name)
    page = headroom.scrape()
    assert without_zeros(connections(page, "database", name, "db")) == {"idle": 1}
    session.close()
