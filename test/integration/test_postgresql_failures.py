"""A PostgreSQL that dies, hangs, is full or refuses: unknown, named, bounded in time, and never made worse."""

import pytest

from support.configs import postgresql
from support.pg_session import OperationalError
from support.pool_pages import connections, down, errors, measured, up, without_zeros
from support.waiting import eventually, keeps_within

SERVER = ("server", "server", "db")
TIMEOUT = 1.0  # a loaded machine answers later than in half a second


def config(server, **keywords):
    return postgresql(server, timeout=f"{TIMEOUT * 1000:.0f}ms", **keywords)


def until_down(headroom):
    page = headroom.until(lambda p: down(p, "db"), "down")
    assert measured(page, "db") == []
    return page


def test_a_killed_server_is_down_at_once_and_comes_back(postgres_server, exporter):
    server = postgres_server()
    headroom = exporter(postgresql(server))
    headroom.until(lambda p: up(p, "db"), "up")
    server.kill()
    page = headroom.scrape()
    assert down(page, "db") and measured(page, "db") == []
    assert errors(page, "connect", "db") >= 1
    server.restart()
    page = headroom.until(lambda p: up(p, "db"), "up again")
    assert without_zeros(connections(page, *SERVER)) == {"idle": 1}


def test_a_stopped_server_is_a_failed_connect(postgres_server, exporter):
    server = postgres_server()
    headroom = exporter(postgresql(server))
    headroom.until(lambda p: up(p, "db"), "up")
    server.stop()
    page = headroom.scrape()
    assert down(page, "db") and measured(page, "db") == []
    assert errors(page, "connect", "db") >= 1
    assert errors(page, "timeout", "db") == 0


def test_a_restart_between_two_runs_is_not_even_noticed(postgres_server, exporter):
    """The old session is dead, which only its next use tells: that use is repeated on a new one."""
    server = postgres_server()
    headroom = exporter(config(server))
    headroom.until(lambda p: up(p, "db"), "up")
    server.stop()
    server.restart()
    headroom.until(lambda p: up(p, "db"), "up")


def test_a_terminated_session_is_replaced(postgres_server, exporter):
    server = postgres_server()
    headroom = exporter(config(server))
    headroom.until(lambda p: up(p, "db"), "up")
    for _ in range(3):
        server.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name LIKE 'headroom%'"
        )
        eventually(lambda: server.our_sessions() == 0, "it is gone")
        headroom.until(lambda p: up(p, "db"), "up")
    # A run that was given up on a busy machine may have left one that ends by itself.
    eventually(lambda: server.our_sessions() == 1, "one session of ours")


def test_one_session_serves_all_runs(postgres_server, exporter):
    server = postgres_server()
    headroom = exporter(postgresql(server, timeout="20s"))

    def pids():
        rows = server.sql(
            "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'headroom%'"
        )
        return [row["pid"] for row in rows]

    headroom.scrape()
    first = pids()
    for _ in range(10):
        headroom.scrape()
    assert len(first) == 1 and pids() == first


def test_no_transaction_stays_open_between_runs(postgres_server, exporter):
    server = postgres_server()
    exporter(postgresql(server)).scrape()
    (row,) = server.sql(
        "SELECT state, xact_start FROM pg_stat_activity WHERE application_name LIKE 'headroom%'"
    )
    assert row == {"state": "idle", "xact_start": None}


@pytest.fixture
def frozen(postgres_server, exporter):
    server = postgres_server()
    headroom = exporter(config(server))
    headroom.until(lambda p: up(p, "db"), "up")
    server.pause()
    yield server, headroom
    server.resume()


def test_a_frozen_server_costs_its_timeout_then_nothing_and_recovers(frozen):
    server, headroom = frozen

    def attempt():
        server.resume()
        headroom.until(lambda p: up(p, "db"), "up")
        server.pause()
        page = headroom.scrape()
        assert down(page, "db") and measured(page, "db") == []
        return page.seconds

    keeps_within(TIMEOUT + 3.0, attempt)
    headroom.until(lambda p: errors(p, "timeout", "db") >= 3, "three failures")
    for _ in range(5):
        page = headroom.until(lambda p: p.seconds < TIMEOUT / 2, "in back-off answered at once")
        assert down(page, "db") and measured(page, "db") == []
    server.resume()
    headroom.until(lambda p: up(p, "db"), "recovered")
    eventually(lambda: server.our_sessions() == 1, "one session of ours")


def test_sigterm_while_a_server_hangs_ends_within_a_second(postgres_server, exporter):
    server = postgres_server()

    def attempt():
        headroom = exporter(config(server))
        headroom.until(lambda p: up(p, "db"), "up")
        server.pause()
        try:
            headroom.scrape(headers={"X-Prometheus-Scrape-Timeout-Seconds": "0.3"})
            return headroom.stop()
        finally:
            server.resume()

    keeps_within(1.0, attempt)


def test_a_server_that_never_was_there(postgres_server, exporter):
    server = postgres_server()
    server.stop()
    page = exporter(config(server)).scrape()
    assert down(page, "db") and measured(page, "db") == []
    assert page.absent("headroom_target_last_success_timestamp_seconds", target="db")


# No room for us.


def full(server, clients):
    """Takes every place that is not a superuser's."""
    sessions = []
    while True:
        try:
            sessions += clients(server, 1)
        except OperationalError:
            return sessions


@pytest.mark.parametrize("when", ["before it connects", "while it is connected"])
def test_a_full_server_is_a_limit_and_is_not_made_worse(when, postgres_server, clients, exporter):
    server = postgres_server(settings={"max_connections": 12})
    headroom = exporter(postgresql(server))
    sessions = []

    def every_place_is_taken():
        # The place of a session that has just ended is free a moment after it is out of sight.
        sessions.extend(full(server, clients))
        return server.sessions() == 12 - 3

    if when == "while it is connected":
        headroom.until(lambda p: up(p, "db"), "up")
        eventually(every_place_is_taken, "full")
        page = headroom.scrape()
        assert up(page, "db"), "its session has a place"
        assert connections(page, *SERVER)["idle"] == len(sessions) + 1
        server.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name LIKE 'headroom%'"
        )
        eventually(lambda: server.our_sessions() == 0, "it is gone")
    eventually(every_place_is_taken, "full")
    headroom.until(lambda p: errors(p, "limit", "db") >= 3, "three refusals")
    page = until_down(headroom)
    assert errors(page, "timeout", "db") == 0
    assert server.our_sessions() == 0
    for session in sessions[:2]:
        session.close()
    # It may be back between the ends of the two.
    headroom.until(
        lambda p: connections(p, *SERVER).get("idle") == len(sessions) - 2 + 1, "back by itself"
    )
    assert server.our_sessions() == 1


@pytest.mark.parametrize("object", ["ROLE monitor", "DATABASE app"])
def test_a_limit_of_role_or_database_is_a_limit(object, postgres_server, exporter):
    server = postgres_server()
    server.sql(f"ALTER {object} CONNECTION LIMIT 0")
    dsn = f"{server.dsn(database='app')} passfile=/nowhere"
    secret = f'password_file = "{server.password_file()}"'
    headroom = exporter(postgresql(server, secret, dsn=dsn))
    page = headroom.scrape()
    assert down(page, "db")
    assert errors(page, "limit", "db") >= 1
    server.sql(f"ALTER {object} CONNECTION LIMIT -1")
    headroom.until(lambda p: up(p, "db"), "back by itself")
