"""A PgBouncer that dies, hangs, restarts or refuses: unknown, named, bounded in time, and back by itself."""

import pytest

from support.configs import pgbouncer
from support.pool_pages import MAX, connections, down, errors, measured, number, up
from support.waiting import eventually, keeps_within

POOL = ("pool", "app/app", "pooler")
TIMEOUT = 1.0  # a loaded machine answers later than in half a second


@pytest.fixture
def bouncer(postgres, pgbouncer_server):
    return pgbouncer_server(postgres, default_pool_size=5)


@pytest.fixture
def headroom(bouncer, clients, exporter):
    """Up, with one transaction open in the pool app/app."""
    clients(bouncer, 1)[0].run("BEGIN")
    process = exporter(pgbouncer(bouncer, timeout=f"{TIMEOUT * 1000:.0f}ms"))
    process.until(lambda p: connections(p, *POOL).get("active") == 1, "one is active")
    return process


def test_a_killed_pooler_is_down_at_once_and_comes_back(bouncer, headroom):
    bouncer.kill()
    page = headroom.scrape()
    assert down(page, "pooler")
    assert measured(page, "pooler") == []
    headroom.until(lambda p: errors(p, "connect", "pooler") >= 1, "refused")
    bouncer.restart()
    page = headroom.until(lambda p: up(p, "pooler"), "up again")
    assert number(page, MAX, "database", "app", "pooler") is None
    # A pool exists from its first client on; that one is gone with the old process.
    assert connections(page, *POOL) == {}


def test_an_online_restart_is_followed(bouncer, exporter, clients):
    headroom = exporter(pgbouncer(bouncer))
    assert up(headroom.scrape(), "pooler")
    bouncer.online_restart()
    clients(bouncer, 1)[0].run("BEGIN")
    headroom.until(lambda p: connections(p, *POOL).get("active") == 1, "the new process is asked")


def test_a_frozen_pooler_costs_its_timeout_then_nothing_and_recovers(bouncer, headroom):
    def attempt():
        bouncer.resume()
        headroom.until(lambda p: up(p, "pooler"), "up")
        bouncer.pause()
        page = headroom.scrape()
        assert down(page, "pooler") and measured(page, "pooler") == []
        return page.seconds

    keeps_within(TIMEOUT + 3.0, attempt)
    headroom.until(lambda p: errors(p, "timeout", "pooler") >= 3, "three failures")
    for _ in range(5):
        page = headroom.until(lambda p: p.seconds < TIMEOUT / 2, "in back-off answered at once")
        assert down(page, "pooler") and measured(page, "pooler") == []
    bouncer.resume()
    page = headroom.until(lambda p: up(p, "pooler"), "recovered")
    assert connections(page, *POOL)["active"] == 1


def test_a_frozen_pooler_leaves_no_consoles_behind(bouncer, headroom):
    bouncer.pause()
    headroom.until(lambda p: errors(p, "timeout", "pooler") >= 4, "four failures")
    bouncer.resume()
    headroom.until(lambda p: up(p, "pooler"), "recovered")
    eventually(lambda: consoles(bouncer) == 1, "one session on the console")


def consoles(bouncer):
    return sum(
        r["application_name"].startswith("headroom") for r in bouncer.console("SHOW CLIENTS")
    )


def test_one_session_serves_all_runs(bouncer, exporter):
    headroom = exporter(pgbouncer(bouncer, timeout="20s"))
    headroom.scrape()
    first = console_ports(bouncer)
    for _ in range(5):
        headroom.scrape()
    assert len(first) == 1 and console_ports(bouncer) == first


def console_ports(bouncer):
    rows = bouncer.console("SHOW CLIENTS")
    return [r["port"] for r in rows if r["application_name"].startswith("headroom")]


def test_a_dropped_console_session_is_replaced_within_the_run(bouncer, exporter):
    """KILL ends the console's sessions too in no version; a restart of the pooler does."""
    headroom = exporter(pgbouncer(bouncer, timeout="20s"))
    assert up(headroom.scrape(), "pooler")
    bouncer.kill()
    bouncer.restart()
    assert up(headroom.scrape(), "pooler"), headroom.log()


def test_sigterm_while_a_pooler_hangs_ends_within_a_second(bouncer, exporter):
    def attempt():
        headroom = exporter(pgbouncer(bouncer, timeout="20s"))
        headroom.until(lambda p: up(p, "pooler"), "up")
        bouncer.pause()
        try:
            headroom.scrape(headers={"X-Prometheus-Scrape-Timeout-Seconds": "0.3"})
            return headroom.stop()
        finally:
            bouncer.resume()

    keeps_within(1.0, attempt)


def test_a_pooler_that_never_was_there(bouncer, exporter):
    bouncer.kill()
    page = exporter(pgbouncer(bouncer)).scrape()
    assert down(page, "pooler") and measured(page, "pooler") == []
    assert page.absent("headroom_target_last_success_timestamp_seconds", target="pooler")


# Who may ask.


def test_a_wrong_password_is_said_and_never_shown(bouncer, exporter, tmp_path):
    secret = tmp_path / "password"
    secret.write_text("s3cr3t-wr0ng\n", encoding="utf-8")
    headroom = exporter(
        pgbouncer(bouncer, f'password_file = "{secret}"', dsn=bouncer.dsn())
    )
    page = headroom.scrape()
    assert down(page, "pooler") and measured(page, "pooler") == []
    assert errors(page, "auth", "pooler") >= 1
    assert "s3cr3t-wr0ng" not in headroom.log() + page.text + headroom.get("/").body


def test_a_changed_password_is_read_from_the_file_at_the_next_connect(bouncer, exporter):
    secret = bouncer.password_file()
    headroom = exporter(pgbouncer(bouncer))
    assert up(headroom.scrape(), "pooler")
    bouncer.kill()
    bouncer.passwords["stats"] = "rotated-pw"
    bouncer.restart()
    page = headroom.until(lambda p: errors(p, "auth", "pooler") >= 1, "the old one is refused")
    assert down(page, "pooler")
    secret.write_text("rotated-pw\n", encoding="utf-8")
    headroom.until(lambda p: up(p, "pooler"), "up with the new one")


def test_a_user_who_may_not_see_the_console(bouncer, exporter):
    page = exporter(pgbouncer(bouncer, user="app")).scrape()
    assert down(page, "pooler") and measured(page, "pooler") == []
    assert errors(page, "auth", "pooler") + errors(page, "permission", "pooler") >= 1


def test_an_administrator_may_ask_as_well(bouncer, exporter):
    assert up(exporter(pgbouncer(bouncer, user="boss")).scrape(), "pooler")


def test_a_postgresql_is_not_taken_for_a_pooler(postgres, exporter):
    postgres.sql("CREATE DATABASE pgbouncer")
    secret = f'password_file = "{postgres.password_file()}"'
    dsn = postgres.dsn(database="pgbouncer")
    headroom = exporter(pgbouncer(postgres, secret, dsn=dsn))
    page = headroom.scrape()
    assert down(page, "pooler") and measured(page, "pooler") == []
    assert errors(page, "unsupported", "pooler") + errors(page, "protocol", "pooler") >= 1
    assert "PgBouncer" in headroom.log()


def test_options_of_the_environment_do_not_reach_the_console(bouncer, exporter):
    """PgBouncer refuses a session with `options`, which PGOPTIONS would set."""
    headroom = exporter(pgbouncer(bouncer), env={"PGOPTIONS": "-c statement_timeout=1000"})
    assert up(headroom.scrape(), "pooler"), headroom.log()
