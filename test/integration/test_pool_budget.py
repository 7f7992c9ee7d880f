"""What all poolers in front of a server promise together."""

import pytest

from support.configs import pgbouncer, postgresql
from support.pgbouncer_server import PgBouncerServer, behind
from support.pool_joint import POOL, SERVER, available, budget, joined, transaction
from support.pool_pages import BUDGET, MAX, RESERVED, connections, down, errors, number, up
from support.waiting import eventually


@pytest.fixture
def three(postgres_server, pgbouncer_server):
    """The table that a production runbook had: 3 x 120 on a server of 200."""
    server = postgres_server(settings={"max_connections": 200})
    databases = {"app": behind(server, "max_db_connections=120")}
    return server, [pgbouncer_server(databases, default_pool_size=20) for _ in range(3)]


def three_targets(server, bouncers):
    return postgresql(server, timeout="500ms") + "".join(
        pgbouncer(b, behind="db", name=f"pooler-{i}", timeout="500ms")
        for i, b in enumerate(bouncers)
    )


def test_three_poolers_that_promise_more_than_the_server_has(three, exporter):
    page = exporter(three_targets(*three)).until(lambda p: budget(p) == 360, "all three counted")
    assert number(page, MAX, *SERVER) - number(page, RESERVED, *SERVER) == 200 - 3


def test_the_budget_is_unknown_while_a_pooler_does_not_answer(three, exporter):
    server, bouncers = three
    headroom = exporter(three_targets(server, bouncers))
    headroom.until(lambda p: budget(p) == 360, "known")
    bouncers[1].pause()
    page = headroom.until(lambda p: down(p, "pooler-1") and up(p, "db"), "one is down")
    assert budget(page) is None, "240 would be a false number"
    bouncers[1].resume()
    headroom.until(lambda p: budget(p) == 360, "known again")


def test_a_database_without_a_limit_counts_its_pools(
    postgres, pgbouncer_server, clients, exporter
):
    bouncer = pgbouncer_server(
        {"app": behind(postgres, "pool_size=7 reserve_pool=2"), "other": behind(postgres)},
        default_pool_size=4,
    )
    clients(bouncer, 1)[0].run("SELECT 1")
    clients(bouncer, 1, database="other")[0].run("SELECT 1")
    assert budget(exporter(joined(postgres, bouncer)).scrape()) == 7 + 2 + 4


def test_databases_on_different_servers_are_told_apart_by_the_configuration(
    postgres, postgres_server, pgbouncer_server, clients, exporter
):
    second = postgres_server()
    bouncer = pgbouncer_server(
        {
            "app": behind(postgres, "max_db_connections=10"),
            "elsewhere": behind(second, "max_db_connections=30"),
        }
    )
    transaction(clients(bouncer, 1)[0])
    transaction(clients(bouncer, 1, database="elsewhere")[0])
    both = postgresql(postgres) + postgresql(second, name="second")
    rows = """
  [[pgbouncer.databases]]
  name = "elsewhere"
  postgresql = "second"
"""
    page = exporter(both + pgbouncer(bouncer, rows, behind="db")).scrape()
    assert budget(page) == 10
    assert number(page, BUDGET, "server", "server", "second") == 30
    assert available(page, "app/app") == 9 and available(page, "elsewhere/app") == 19


def test_databases_on_different_servers_that_nobody_told_apart_are_unknown(
    postgres, postgres_server, pgbouncer_server, clients, exporter
):
    second = postgres_server()
    bouncer = pgbouncer_server({"app": behind(postgres), "elsewhere": behind(second)})
    transaction(clients(bouncer, 1)[0])
    headroom = exporter(joined(postgres, bouncer))
    page = headroom.scrape()
    assert up(page, "pooler")
    assert available(page) is None and budget(page) is None
    assert connections(page, *POOL)["active"] == 1
    eventually(lambda: "pgbouncer.databases" in headroom.log(), "the log says what to write")


# Several processes on one port.


@pytest.fixture
def two_processes(postgres, pgbouncer_server, cleanup):
    """Each may open 20."""
    databases = {"app": behind(postgres, "max_db_connections=20")}
    first = pgbouncer_server(databases, so_reuseport=1)
    second = PgBouncerServer(databases, so_reuseport=1)
    cleanup.callback(second.remove)
    second.port = first.port
    second.restart()
    return first, second


def by_socket(bouncer):
    """Only one process has it."""
    password = bouncer.passwords["stats"]
    return f"host={bouncer.folder} port={bouncer.port} user=stats password={password}"


def test_one_of_several_processes_on_a_port_does_not_know_what_all_may_open(
    postgres, two_processes, exporter
):
    first, _ = two_processes
    headroom = exporter(joined(postgres, first))
    page = headroom.until(lambda p: up(p, "pooler") and up(p, "db"), "both are up")
    assert budget(page) is None, "20 would be that of one process"
    assert errors(page, "unsupported", "pooler") >= 1
    assert "so_reuseport" in headroom.log()


def test_processes_on_a_port_are_counted_by_their_own_sockets(postgres, two_processes, exporter):
    targets = "".join(
        pgbouncer(b, behind="db", name=f"pooler-{i}", dsn=by_socket(b))
        for i, b in enumerate(two_processes)
    )
    headroom = exporter(postgresql(postgres) + targets)
    page = headroom.until(lambda p: budget(p) == 40, "both counted")
    assert errors(page, "unsupported", "pooler-0") == errors(page, "unsupported", "pooler-1") == 0


def test_the_configuration_may_say_that_there_is_one_process(postgres, pgbouncer_server, exporter):
    databases = {"app": behind(postgres, "max_db_connections=20")}
    bouncer = pgbouncer_server(databases, so_reuseport=1)
    headroom = exporter(joined(postgres, bouncer, "one_process = true"))
    headroom.until(lambda p: budget(p) == 20, "its promise")
