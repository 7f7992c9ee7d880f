"""What a pool can still hand out under PAUSE, DISABLE and KILL, and with a reserve in use."""

import pytest

from support.debian import PLACES, root_of
from support.pool_joint import POOL, available, budget, joined, transaction
from support.pool_pages import CONNECTIONS, MAX, WAITING, connections, number, up, without_zeros
from support.waiting import eventually


@pytest.fixture(params=PLACES)
def root(request):
    return root_of(request.param)


@pytest.fixture
def bouncer(root, postgres, pgbouncer_server):
    return pgbouncer_server(postgres, root=root, default_pool_size=5)


@pytest.fixture
def headroom(postgres, bouncer, exporter):
    return exporter(joined(postgres, bouncer))


def until_waiting(bouncer, count):
    eventually(
        lambda: bouncer.row("POOLS", database="app", user="app")["cl_waiting"] == count,
        f"{count} clients wait",
    )


def tells_pause(bouncer):
    """SHOW STATE is there from 1.19 on."""
    (row,) = bouncer.console("SHOW VERSION")
    major, minor = row["version"].split()[1].split(".")[:2]
    return (int(major), int(minor)) >= (1, 19)


def test_a_paused_pgbouncer_hands_out_nothing(bouncer, headroom, clients):
    sessions = clients(bouncer, 7)
    for session in sessions:
        session.run("SELECT 1")
    assert available(headroom.scrape()) == 5
    bouncer.console("PAUSE")
    for session in sessions:
        session.start("SELECT 1")
    until_waiting(bouncer, 7)
    page = headroom.scrape()
    assert up(page, "pooler") and up(page, "db")
    assert number(page, WAITING, *POOL) == 7
    assert available(page) == (0 if tells_pause(bouncer) else None)
    bouncer.console("RESUME")
    for session in sessions:
        session.wait()
    headroom.until(lambda p: available(p) == 5, "known again")


def test_a_full_pool_with_waiters_is_not_taken_for_a_pause(bouncer, headroom, clients):
    for session in clients(bouncer, 12):
        session.start("BEGIN")
    until_waiting(bouncer, 7)
    assert available(headroom.scrape()) == 0


def test_a_full_database_with_waiters_is_not_taken_for_a_pause(root, postgres, pgbouncer_server, clients, exporter):
    """The pool itself has room, and nothing is idle."""
    bouncer = pgbouncer_server(
        {"app": f"host=127.0.0.1 port={postgres.port} dbname=app max_db_connections=2"},
        root=root,
        default_pool_size=5,
    )
    for session in clients(bouncer, 4):
        session.start("BEGIN")
    until_waiting(bouncer, 2)
    assert available(exporter(joined(postgres, bouncer)).scrape()) == 0


def test_a_disabled_database_has_nothing_for_new_clients(bouncer, headroom, clients):
    (session,) = clients(bouncer, 1)
    session.run("SELECT 1")
    bouncer.console("DISABLE app")
    page = headroom.scrape()
    assert page.value("pgbouncer_databases_disabled", name="app") == 1
    assert available(page) == 5, "the client that it has is served"
    transaction(session)
    session.run("COMMIT")
    session.close()
    headroom.until(lambda p: available(p) == 0, "nobody is left, and nobody can come")
    assert "a disabled database" in headroom.get("/").body
    bouncer.console("ENABLE app")
    assert available(headroom.scrape()) == 5


def test_a_killed_database_begins_anew(bouncer, headroom, clients):
    queries = "pgbouncer_stats_totals_queries_pooled_total"
    (session,) = clients(bouncer, 1)
    for _ in range(20):
        session.run("SELECT 1")
    headroom.until(lambda p: p.value(queries, database="app") == 20, "all are counted")
    bouncer.console("KILL app")
    page = headroom.scrape()
    assert up(page, "pooler")
    assert page.absent(queries), "no pool is left that counts"
    assert not page.series(CONNECTIONS, target="pooler", scope="pool")
    assert page.value("pgbouncer_databases_paused", name="app") == 1
    bouncer.console("RESUME app")
    clients(bouncer, 1)[0].run("SELECT 1")
    page = headroom.until(lambda p: p.series(queries, database="app"), "a new pool")
    assert page.value(queries, database="app") == 1
    assert available(page) == 5


def test_a_paused_database_hands_out_nothing(bouncer, headroom, clients):
    (session,) = clients(bouncer, 1)
    session.run("SELECT 1")
    assert available(headroom.scrape()) == 5
    bouncer.console("PAUSE app")
    page = headroom.scrape()
    assert page.value("pgbouncer_databases_paused", name="app") == 1
    assert available(page) == 0, "before anybody waits, too"
    session.start("SELECT 1")
    until_waiting(bouncer, 1)
    assert available(headroom.scrape()) == 0
    bouncer.console("RESUME app")
    session.wait()
    assert available(headroom.scrape()) == 5


def test_a_reserve_that_is_taken_is_no_room_either(
    root, postgres, pgbouncer_server, clients, exporter
):
    bouncer = pgbouncer_server(
        postgres, root=root, default_pool_size=2, reserve_pool_size=2, reserve_pool_timeout=1
    )
    sessions = clients(bouncer, 6)
    for session in sessions:
        session.start("BEGIN")
    until_waiting(bouncer, 2)
    headroom = exporter(joined(postgres, bouncer))
    page = headroom.scrape()
    assert without_zeros(connections(page, *POOL)) == {"active": 4}
    assert number(page, MAX, *POOL) == 2
    assert number(page, WAITING, *POOL) == 2
    assert available(page) == 0
    assert budget(page) == 4
    for session in sessions[:4]:
        session.wait().run("ROLLBACK")
    # Two are with those that have waited; the other two are idle, beyond the pool's size, and can be had.
    page = headroom.until(lambda p: number(p, WAITING, *POOL) == 0, "everybody is served")
    assert available(page) == 2
