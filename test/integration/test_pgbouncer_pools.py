"""Pools of PgBouncer are what its own console says: by state, by limit, and how long clients wait."""

import pytest

from support.configs import pgbouncer
from support.pg_session import OperationalError
from support.pgbouncer_server import behind
from support.pool_pages import (
    CONNECTIONS,
    MAX,
    OLDEST,
    WAITING,
    all_pools,
    connections,
    number,
    up,
    without_zeros,
)
from support.waiting import eventually

POOL = ("pool", "app/app", "pooler")


def begin(sessions):
    """Each wants a server connection for itself; some may have to wait for it."""
    for session in sessions:
        session.start("BEGIN")
    return sessions


def until_waiting(bouncer, count, database="app", user="app"):
    eventually(
        lambda: bouncer.row("POOLS", database=database, user=user)["cl_waiting"] == count,
        f"{count} clients wait",
    )


def states_of_console(bouncer, database="app", user="app"):
    """The console's own numbers under headroom's names, for the states that are never 0 by chance."""
    row = bouncer.row("POOLS", database=database, user=user)
    canceling = row.get("sv_active_cancel", 0) + row.get("sv_being_canceled", 0)
    names = {s: row[f"sv_{s}"] for s in ("active", "idle", "used", "tested", "login")}
    return {**names, "canceling": canceling}


@pytest.fixture
def full(postgres, pgbouncer_server, clients):
    """A pool of 5 with 12 clients that hold, or want to hold, transactions."""
    bouncer = pgbouncer_server(postgres, default_pool_size=5)
    sessions = begin(clients(bouncer, 12))
    until_waiting(bouncer, 7)
    return bouncer, sessions


def wait_between_two_looks(bouncer, headroom):
    """(the console before, the page, the console after), less than 50 ms apart."""

    def look():
        before = bouncer.oldest_wait()
        page = headroom.scrape()
        after = bouncer.oldest_wait()
        return (before, page, after) if after - before < 0.05 else None

    return eventually(look, "two looks at the console within 50 ms")


def test_a_full_pool_says_who_works_who_waits_and_for_how_long(full, exporter):
    bouncer, _ = full
    headroom = exporter(pgbouncer(bouncer))
    before, page, after = wait_between_two_looks(bouncer, headroom)
    assert without_zeros(connections(page, *POOL)) == {"active": 5}
    assert connections(page, *POOL) == states_of_console(bouncer)
    assert number(page, WAITING, *POOL) == 7
    assert number(page, MAX, *POOL) == 5
    # The console counts on from its own clock: what lies between two looks lies between both values.
    assert before <= number(page, OLDEST, *POOL) <= after


def test_a_wait_of_less_than_a_second_is_not_zero(postgres, pgbouncer_server, clients, exporter):
    bouncer = pgbouncer_server(postgres, default_pool_size=1)
    (holder, late) = clients(bouncer, 2)
    holder.run("BEGIN")
    headroom = exporter(pgbouncer(bouncer))
    assert number(headroom.scrape(), OLDEST, *POOL) == 0

    def sub_second():
        late.start("BEGIN")
        page = headroom.until(lambda p: (number(p, OLDEST, *POOL) or 0) > 0, "it waits")
        oldest = number(page, OLDEST, *POOL)
        holder.run("ROLLBACK")
        late.wait().run("ROLLBACK")
        holder.run("BEGIN")
        return oldest if 0 < oldest < 1 else None

    eventually(sub_second, "a page within the first second of a wait")


def test_the_oldest_wait_grows_and_is_zero_again_when_everybody_is_served(full, exporter):
    bouncer, sessions = full
    headroom = exporter(pgbouncer(bouncer))
    first = number(headroom.scrape(), OLDEST, *POOL)
    headroom.until(lambda p: (number(p, OLDEST, *POOL) or 0) > first + 0.2, "it grows")
    for session in sessions:
        session.wait().run("ROLLBACK")
    page = headroom.scrape()
    assert number(page, WAITING, *POOL) == 0
    assert number(page, OLDEST, *POOL) == 0
    assert without_zeros(connections(page, *POOL)) == without_zeros(states_of_console(bouncer))
    assert sum(connections(page, *POOL).values()) == 5


def test_every_state_is_there_at_zero_before_the_first_server_connection(
    postgres, pgbouncer_server, clients, exporter
):
    bouncer = pgbouncer_server(postgres, default_pool_size=5)
    clients(bouncer, 1)[0].run("SELECT 1")
    bouncer.console("PAUSE app")
    bouncer.console("RESUME app")
    page = exporter(pgbouncer(bouncer)).scrape()
    assert connections(page, *POOL) == dict.fromkeys(
        ("active", "idle", "used", "tested", "login", "canceling"), 0
    )


def test_limits_of_database_user_and_instance(postgres, pgbouncer_server, clients, exporter):
    bouncer = pgbouncer_server(
        {"app": behind(postgres, "max_db_connections=9"), "free": behind(postgres)},
        default_pool_size=5,
        max_user_connections=8,
        max_client_conn=77,
    )
    for session in begin(clients(bouncer, 2) + clients(bouncer, 1, database="free")):
        session.wait()
    headroom = exporter(pgbouncer(bouncer))
    page = headroom.until(
        lambda p: connections(p, "user", "app", "pooler") == {"open": 3}, "both pools count"
    )
    assert connections(page, "database", "app", "pooler") == {"open": 2}
    assert number(page, MAX, "database", "app", "pooler") == 9
    assert connections(page, "database", "free", "pooler") == {"open": 1}
    assert number(page, MAX, "database", "free", "pooler") is None, "0 is unlimited, not a limit"
    assert number(page, MAX, "user", "app", "pooler") == 8
    # Two of `app`, one of `free`, this test's console and headroom itself.
    assert connections(page, "server", "server", "pooler") == {
        "open": bouncer.row("LISTS", list="used_clients")["items"]
    }
    assert number(page, MAX, "server", "server", "pooler") == 77


def test_the_console_is_no_pool(full, exporter):
    bouncer, _ = full
    page = exporter(pgbouncer(bouncer)).scrape()
    assert {k for k in all_pools(page, "pooler") if k[0] != "server"} == {
        ("pool", "app/app"),
        ("database", "app"),
        ("user", "app"),
    }


def test_a_reload_with_another_size_is_seen_in_the_next_run(full, exporter):
    bouncer, _ = full
    headroom = exporter(pgbouncer(bouncer))
    assert number(headroom.scrape(), MAX, *POOL) == 5
    bouncer.reload(default_pool_size=8)
    until_waiting(bouncer, 4)
    page = headroom.scrape()
    assert number(page, MAX, *POOL) == 8
    assert number(page, WAITING, *POOL) == 4
    assert without_zeros(connections(page, *POOL)) == {"active": 8}


def test_a_paused_database_says_so_and_its_clients_wait(
    postgres, pgbouncer_server, clients, exporter
):
    bouncer = pgbouncer_server(postgres, default_pool_size=5)
    (session,) = clients(bouncer, 1)
    session.run("SELECT 1")
    headroom = exporter(pgbouncer(bouncer))
    assert headroom.scrape().value("pgbouncer_databases_paused", name="app") == 0
    bouncer.console("PAUSE app")
    session.start("SELECT 1")
    until_waiting(bouncer, 1)
    page = headroom.scrape()
    assert up(page, "pooler")
    assert page.value("pgbouncer_databases_paused", name="app") == 1
    assert number(page, WAITING, *POOL) == 1
    assert sum(connections(page, *POOL).values()) == 0
    bouncer.console("RESUME app")
    session.wait()
    assert headroom.scrape().value("pgbouncer_databases_paused", name="app") == 0


def test_a_disabled_database_says_so(postgres, pgbouncer_server, clients, exporter):
    bouncer = pgbouncer_server(postgres)
    clients(bouncer, 1)[0].run("SELECT 1")
    headroom = exporter(pgbouncer(bouncer))
    bouncer.console("DISABLE app")
    with pytest.raises(OperationalError):
        bouncer.session()
    assert headroom.scrape().value("pgbouncer_databases_disabled", name="app") == 1
    bouncer.console("ENABLE app")
    assert headroom.scrape().value("pgbouncer_databases_disabled", name="app") == 0


def test_counters_are_the_consoles_own_totals(full, exporter):
    bouncer, sessions = full
    sessions[0].wait().run("COMMIT")
    headroom = exporter(pgbouncer(bouncer))

    def look():
        rows = bouncer.console("SHOW STATS_TOTALS")
        return next(r for r in rows if r["database"] == "app")

    def unchanged():
        before, page = look(), headroom.scrape()
        return (before, page) if before == look() else None

    row, page = eventually(unchanged, "a page between two equal looks")
    expected = {
        "pgbouncer_stats_totals_sql_transactions_pooled_total": row["xact_count"],
        "pgbouncer_stats_totals_queries_pooled_total": row["query_count"],
        "pgbouncer_stats_totals_received_bytes_total": row["bytes_received"],
        "pgbouncer_stats_totals_sent_bytes_total": row["bytes_sent"],
    }
    assert {n: page.value(n, database="app") for n in expected} == {
        n: float(v) for n, v in expected.items()
    }
    wait = page.value("pgbouncer_stats_totals_client_wait_seconds_total", database="app")
    assert wait == pytest.approx(float(row["wait_time"]) / 1e6, abs=1e-6)


def test_an_instance_without_room_for_clients_still_answers(
    postgres, pgbouncer_server, clients, exporter
):
    bouncer = pgbouncer_server(postgres, max_client_conn=5)
    begin(clients(bouncer, 4))  # and this test's console
    with pytest.raises(OperationalError, match="max_client_conn"):
        bouncer.session()
    page = exporter(pgbouncer(bouncer)).scrape()
    assert up(page, "pooler")
    assert connections(page, "server", "server", "pooler")["open"] >= 5
    assert number(page, MAX, "server", "server", "pooler") == 5


def test_names_that_need_escaping(postgres, pgbouncer_server, clients, exporter):
    name = 'we "quoted\\ it\n'
    postgres.sql('CREATE DATABASE "' + name.replace('"', '""') + '" OWNER app')
    bouncer = pgbouncer_server({"*": f"host=127.0.0.1 port={postgres.port}"})
    clients(bouncer, 1, database=name)[0].run("BEGIN")
    page = exporter(pgbouncer(bouncer)).scrape()
    assert connections(page, "pool", f"{name}/app", "pooler")["active"] == 1
    assert page.series(CONNECTIONS, scope="pool", database=name, user="app")
