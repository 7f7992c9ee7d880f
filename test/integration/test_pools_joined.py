"""PgBouncer and PostgreSQL as one: what a pool can still get, and what all poolers promise together."""

import signal

import pytest

from support.configs import pgbouncer, postgresql
from support.pgbouncer_server import behind
from support.pool_joint import POOL, available, budget, joined, transaction
from support.pool_pages import (
    BUDGET,
    CONNECTIONS,
    MAX,
    WAITING,
    connections,
    down,
    number,
    up,
    without_zeros,
)
from support.waiting import eventually, keeps_within

TIMEOUT = 0.5


def server_connections(bouncer, database="app", user="app"):
    row = bouncer.row("POOLS", database=database, user=user)
    return sum(v for k, v in row.items() if k.startswith("sv_"))


# What is left.


def test_a_pool_has_what_is_idle_and_what_it_may_still_open(
    postgres, pgbouncer_server, clients, exporter
):
    bouncer = pgbouncer_server(postgres, default_pool_size=5)
    headroom = exporter(joined(postgres, bouncer))
    sessions = clients(bouncer, 3)
    for left, session in zip((4, 3, 2), sessions):
        transaction(session)
        assert available(headroom.scrape()) == left
    sessions[0].run("COMMIT")
    sessions[1].run("COMMIT")
    page = headroom.until(
        lambda p: without_zeros(connections(p, *POOL)) in ({"active": 1, "idle": 2},
                                                           {"active": 1, "idle": 1, "used": 1}),
        "two are idle",
    )
    assert available(page) == 4


def test_a_full_pool_has_nothing_left(postgres, pgbouncer_server, clients, exporter):
    bouncer = pgbouncer_server(postgres, default_pool_size=2)
    for session in clients(bouncer, 4):
        session.start("BEGIN")
    headroom = exporter(joined(postgres, bouncer))
    page = headroom.until(lambda p: number(p, WAITING, *POOL) == 2, "two wait")
    assert available(page) == 0


def test_the_databases_limit_binds_when_it_is_the_smallest(
    postgres, pgbouncer_server, clients, exporter
):
    bouncer = pgbouncer_server({"app": behind(postgres, "max_db_connections=3")}, default_pool_size=9)
    transaction(clients(bouncer, 1)[0])
    assert available(exporter(joined(postgres, bouncer)).scrape()) == 2


def test_the_users_limit_binds_over_all_its_pools(postgres, pgbouncer_server, clients, exporter):
    bouncer = pgbouncer_server(
        {"app": behind(postgres), "other": behind(postgres)},
        default_pool_size=9,
        max_user_connections=4,
    )
    transaction(clients(bouncer, 1)[0])
    for session in clients(bouncer, 2, database="other"):
        transaction(session)
    page = exporter(joined(postgres, bouncer)).scrape()
    assert available(page) == available(page, "other/app") == 1


def test_the_servers_room_binds_and_counts_everybody(
    postgres_server, pgbouncer_server, clients, exporter
):
    server = postgres_server(settings={"max_connections": 12})
    bouncer = pgbouncer_server(server, default_pool_size=50)
    transaction(clients(bouncer, 1)[0])
    headroom = exporter(joined(server, bouncer))
    headroom.scrape()
    others = server.sessions("usename <> 'app'")  # the test's own session and headroom's
    room = 12 - 3 - others - 1
    assert available(headroom.scrape()) == room
    direct = clients(server, 2)
    assert available(headroom.scrape()) == room - 2
    direct[0].close()
    headroom.until(lambda p: available(p) == room - 1, "a place is free again")


def test_as_many_as_it_says_can_really_be_had(postgres_server, pgbouncer_server, clients, exporter):
    """The number against the world: that many transactions begin, and one more has to wait."""
    server = postgres_server(settings={"max_connections": 12})
    bouncer = pgbouncer_server(server, default_pool_size=50)
    (first,) = clients(bouncer, 1)
    transaction(first)
    left = available(exporter(joined(server, bouncer)).scrape())
    for session in clients(bouncer, int(left)):
        transaction(session)
    (late,) = clients(bouncer, 1)
    late.start("BEGIN")
    eventually(
        lambda: "remaining connection slots are reserved" in bouncer.log()
        and bouncer.row("POOLS", database="app", user="app")["cl_waiting"] == 1,
        "no room for one more",
    )


@pytest.mark.parametrize("object", ["ROLE app", "DATABASE app"])
def test_a_limit_on_the_server_binds(
    object, postgres_server, pgbouncer_server, clients, exporter
):
    server = postgres_server()
    server.sql(f"ALTER {object} CONNECTION LIMIT 4")
    bouncer = pgbouncer_server(server, default_pool_size=50)
    transaction(clients(bouncer, 1)[0])
    clients(server, 1)
    assert available(exporter(joined(server, bouncer)).scrape()) == 2


def test_a_pool_under_another_name_is_joined_to_the_servers_database(
    postgres_server, pgbouncer_server, clients, exporter
):
    server = postgres_server()
    server.sql("ALTER DATABASE app CONNECTION LIMIT 4")
    bouncer = pgbouncer_server({"alias": behind(server)}, default_pool_size=50)
    transaction(clients(bouncer, 1, database="alias")[0])
    page = exporter(joined(server, bouncer)).scrape()
    assert available(page, "alias/app") == 3


def test_without_a_link_the_pooler_alone_says_what_it_can(
    postgres_server, pgbouncer_server, clients, exporter
):
    server = postgres_server(settings={"max_connections": 12})
    bouncer = pgbouncer_server(server, default_pool_size=50)
    transaction(clients(bouncer, 1)[0])
    page = exporter(postgresql(server) + pgbouncer(bouncer)).scrape()
    assert available(page) == 49
    assert budget(page) is None


# When one of the two does not answer.


def test_a_server_that_is_down_makes_available_unknown_and_nothing_else(
    postgres_server, pgbouncer_server, clients, exporter
):
    server = postgres_server()
    bouncer = pgbouncer_server(server, default_pool_size=5)
    (session,) = clients(bouncer, 1)
    session.run("SELECT 1")
    headroom = exporter(joined(server, bouncer))
    assert available(headroom.scrape()) == 5
    server.stop()
    page = headroom.scrape()
    assert down(page, "db") and up(page, "pooler")
    assert available(page) is None
    assert budget(page) is None
    assert number(page, MAX, *POOL) == 5
    server.restart()
    page = headroom.until(lambda p: up(p, "db"), "up again")
    assert available(page) == 5 and budget(page) is not None


def test_a_frozen_server_does_not_delay_the_poolers_numbers(
    postgres_server, pgbouncer_server, clients, exporter
):
    server = postgres_server()
    bouncer = pgbouncer_server(server, default_pool_size=2)
    config = postgresql(server, timeout="500ms") + pgbouncer(bouncer, behind="db")
    sessions = clients(bouncer, 3)
    transaction(sessions[0]), transaction(sessions[1])
    sessions[2].start("BEGIN")
    headroom = exporter(config)

    def attempt():
        server.resume()
        headroom.until(lambda p: number(p, WAITING, *POOL) == 1 and available(p) == 0, "all is known")
        server.pause()
        page = headroom.scrape()
        poolers_own(page)
        return page.seconds

    try:
        keeps_within(TIMEOUT + 1.0, attempt)
        headroom.until(
            lambda p: p.value("headroom_target_errors_total", target="db", reason="timeout") >= 3,
            "back-off",
        )
        page = headroom.until(lambda p: p.seconds < TIMEOUT / 2, "answered at once")
        poolers_own(page)
    finally:
        server.resume()
    headroom.until(lambda p: available(p) == 0, "known again")


def poolers_own(page):
    assert down(page, "db") and up(page, "pooler")
    assert without_zeros(connections(page, *POOL)) == {"active": 2}
    assert number(page, WAITING, *POOL) == 1
    assert available(page) is None, "one link is unknown"


def test_a_server_the_configuration_names_but_nobody_watches_is_an_error(
    postgres, pgbouncer_server, tmp_path
):
    from support.exporter import run_once

    bouncer = pgbouncer_server(postgres)
    config = tmp_path / "headroom.toml"
    config.write_text(postgresql(postgres) + pgbouncer(bouncer, behind="dbb"), encoding="utf-8")
    done = run_once(f"--config.file={config}", "--config.check")
    assert done.returncode == 2
    assert "dbb" in done.stdout + done.stderr


# Selection and reload.


def test_collect_of_a_pooler_includes_the_server_that_it_needs(
    postgres, pgbouncer_server, clients, exporter
):
    bouncer = pgbouncer_server(postgres, default_pool_size=5)
    transaction(clients(bouncer, 1)[0])
    headroom = exporter(joined(postgres, bouncer))
    # The server is waited for a quarter of a second only; its first run takes a connection.
    eventually(
        lambda: available(headroom.scrape("/metrics?collect[]=pooler")) == 4,
        "without the server nobody would know",
    )


def test_collect_of_a_server_knows_its_budget(postgres, pgbouncer_server, exporter):
    bouncer = pgbouncer_server({"app": behind(postgres, "max_db_connections=10")})
    headroom = exporter(joined(postgres, bouncer))

    def known():
        page = headroom.scrape("/metrics?collect[]=db")
        assert page.series(CONNECTIONS, target="db")
        return budget(page) == 10

    # The pooler is waited for a quarter of a second only; its first run takes a connection.
    eventually(known, "the pooler's promise")


def test_collect_of_another_target_asks_neither(postgres, pgbouncer_server, redis, exporter):
    bouncer = pgbouncer_server(postgres)
    config = joined(postgres, bouncer)
    config += f'[[redis]]\nname = "cache"\nurl = "{redis.url}"\n'
    page = exporter(config).scrape("/metrics?collect[]=cache")
    assert page.label_values("headroom_target_up", "target") == {"cache"}


def test_a_reload_that_changes_the_link_is_taken(
    postgres_server, pgbouncer_server, clients, exporter
):
    first, second = (postgres_server(settings={"max_connections": n}) for n in (12, 20))
    bouncer = pgbouncer_server(first, default_pool_size=50)
    transaction(clients(bouncer, 1)[0])
    servers = postgresql(first, name="first") + postgresql(second, name="second")
    headroom = exporter(servers + pgbouncer(bouncer, behind="first"))
    headroom.scrape()
    taken = first.sessions()
    assert available(headroom.scrape()) == 12 - 3 - taken
    headroom.write_config(servers + pgbouncer(bouncer, behind="second"))
    headroom.signal(signal.SIGHUP)
    page = headroom.until(
        lambda p: number(p, BUDGET, "server", "server", "second") is not None, "the new link"
    )
    assert number(page, BUDGET, "server", "server", "first") is None
    assert available(page) == 20 - 3 - second.sessions()
    headroom.write_config(servers + pgbouncer(bouncer))
    headroom.signal(signal.SIGHUP)
    page = headroom.until(lambda p: available(p) == 49, "no link")
    assert page.absent(BUDGET)
