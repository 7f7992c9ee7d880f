"""Transactions, locks, waits, applications, slots and sizes are what psql says at that moment."""

import pytest

from support.configs import postgresql, toml_strings
from support.pool_pages import connections, errors, up
from support.postgres_server import OURS
from support.waiting import eventually

READINGS = ["connections", "applications", "waits", "locks", "replication", "sizes"]
MAX_TRANSACTION = "pg_stat_activity_max_tx_duration"
MAX_IDLE = "pg_stat_activity_max_idle_in_transaction_seconds"


@pytest.fixture
def headroom(postgres, exporter):
    return exporter(postgresql(postgres, f"readings = {toml_strings(READINGS)}"))


@pytest.fixture
def rows(postgres):
    """A table whose rows 1 to 9 can be locked one by one."""
    with postgres.session() as session:
        session.run("CREATE TABLE IF NOT EXISTS rows (id int PRIMARY KEY)")
        session.run("INSERT INTO rows SELECT generate_series(1, 9) ON CONFLICT DO NOTHING")


def lock(row):
    return f"SELECT FROM rows WHERE id = {row} FOR UPDATE"


def seconds_since(postgres, column, condition):
    """Of the oldest, in the server's own clock; None for nobody."""
    value = postgres.value(
        f"SELECT extract(epoch FROM max(clock_timestamp() - {column})) AS seconds"
        f" FROM pg_stat_activity WHERE {condition}"
    )
    return None if value is None else float(value)


# Transactions.


def test_the_longest_transaction_of_each_state(postgres, clients, headroom):
    first, second = clients(postgres, 2)
    first.run("BEGIN")
    first.run("SELECT 1")
    second.run("BEGIN")
    second.start("SELECT pg_sleep(600)")
    idle = "datname = 'app' AND state = 'idle in transaction'"
    active = "datname = 'app' AND state = 'active'"
    eventually(lambda: seconds_since(postgres, "xact_start", active) is not None, "both began")

    def look():
        return [
            seconds_since(postgres, "xact_start", idle),
            seconds_since(postgres, "xact_start", active),
            seconds_since(postgres, "state_change", idle),
        ]

    before, page, after = look(), headroom.scrape(), look()
    said = [
        page.value(MAX_TRANSACTION, datname="app", state="idle in transaction"),
        page.value(MAX_TRANSACTION, datname="app", state="active"),
        page.value(MAX_IDLE, datname="app"),
    ]
    for earlier, value, later in zip(before, said, after):
        assert earlier <= value <= later


def test_nobody_in_a_transaction_is_a_known_zero(postgres, clients, headroom):
    clients(postgres, 1)
    page = headroom.until(
        lambda p: p.series(MAX_TRANSACTION, datname="app")
        and {s.value for s in p.series(MAX_TRANSACTION, datname="app")} == {0},
        "no transaction",
    )
    assert page.value(MAX_IDLE, datname="app") == 0


# Locks.


def test_a_chain_of_three_waiters_and_one_beside_it(postgres, rows, clients, headroom):
    holder, first, second, third, beside = clients(postgres, 5)
    for session, row in zip((holder, first, second), (1, 2, 3)):
        session.run("BEGIN")
        session.run(lock(row))
    beside.run("BEGIN")
    # Each waits for the one before it; the last of all for the first, who waits for the holder.
    for session, row, waiters in ((first, 1, 1), (second, 2, 2), (third, 3, 3)):
        session.start(lock(row))
        eventually(lambda: waiting(postgres) == waiters, f"{waiters} wait")  # noqa: B023
    # One that has waited for deadlock_timeout looks up from its wait for a moment.
    page = headroom.until(lambda p: p.value("pg_lock_waiting_sessions") == 3, "three wait")
    assert page.value("pg_lock_longest_chain_sessions") == 3

    def look():
        return float(
            postgres.value(
                "SELECT extract(epoch FROM max(clock_timestamp() - waitstart)) FROM pg_locks"
            )
        )

    before, page, after = look(), headroom.scrape(), look()
    assert before <= page.value("pg_lock_longest_wait_seconds") <= after
    holder.run("ROLLBACK")
    page = headroom.until(lambda p: p.value("pg_lock_waiting_sessions") == 2, "one is served")
    assert page.value("pg_lock_longest_chain_sessions") == 2
    for session in (first, second, third):
        session.wait()
        session.run("ROLLBACK")
    page = headroom.scrape()
    assert page.value("pg_lock_waiting_sessions") == 0
    assert page.value("pg_lock_longest_chain_sessions") == 0
    assert page.value("pg_lock_longest_wait_seconds") == 0


def waiting(postgres):
    return postgres.value("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")


def test_a_lock_on_what_we_read_costs_one_part_and_no_session(postgres, headroom):
    headroom.until(
        lambda p: connections(p, "server", "server", "db").get("idle_in_transaction") == 0,
        "the sessions of the test before have ended",
    )
    with postgres.admin_session() as blocker:
        blocker.run("BEGIN")
        blocker.run("LOCK TABLE pg_catalog.pg_locks IN ACCESS EXCLUSIVE MODE")
        page = headroom.scrape()
        assert up(page, "db"), headroom.log()
        assert page.value("headroom_target_part_up", part="locks") == 0
        assert page.absent("pg_lock_waiting_sessions")
        assert errors(page, "timeout", "db") >= 1
        assert connections(page, "server", "server", "db")["idle_in_transaction"] == 1
        headroom.scrape()
        assert postgres.our_sessions() == 1
    page = headroom.until(
        lambda p: p.value("headroom_target_part_up", part="locks") == 1, "whole again"
    )
    assert page.value("pg_lock_waiting_sessions") == 0


# What they are and what they wait for.


def test_connections_by_application_sum_up_to_all(postgres, clients, headroom):
    clients(postgres, 2, application_name='re"port\\s')
    for i in range(25):
        clients(postgres, 1, application_name=f"worker-{i}")
    family = "pg_stat_activity_application_connections"
    eventually(
        lambda: postgres.sessions() == 2 + 25 + 1,
        "those and this test's own; the sessions of the test before have ended",
    )
    page = headroom.scrape()
    assert page.value(family, application_name='re"port\\s') == 2
    assert len(page.series(family)) == 21, "20 and the rest"
    assert page.value(family, application_name="_other") >= 6
    assert sum(s.value for s in page.series(family)) == postgres.sessions(f"NOT {OURS}")


def test_wait_events(postgres, clients, headroom):
    for session in clients(postgres, 3):
        session.start("SELECT pg_sleep(600)")
    family = "pg_stat_activity_wait_event_sessions"
    headroom.until(
        lambda p: [s.value for s in p.series(family, wait_event="PgSleep")] == [3], "three sleep"
    )


# The server.


def test_sizes_are_the_servers_own(postgres, rows, headroom):
    postgres.sql("CHECKPOINT")

    def look():
        found = postgres.sql("SELECT datname, pg_database_size(oid) AS bytes FROM pg_database")
        return {row["datname"]: row["bytes"] for row in found}

    before, page = look(), headroom.scrape()
    assert before == look()
    assert {s.labels["datname"]: s.value for s in page.series("pg_database_size_bytes")} == before


def test_version_and_start(postgres, headroom):
    page = headroom.scrape()
    version = postgres.value("SHOW server_version").split()[0]
    assert page.value("pg_static", short_version=version) == 1
    started = float(postgres.value("SELECT extract(epoch FROM pg_postmaster_start_time())"))
    assert page.value("pg_postmaster_start_time_seconds") == pytest.approx(started, abs=1e-3)


def test_a_slot_that_nobody_uses(postgres, headroom):
    postgres.sql("SELECT pg_create_physical_replication_slot('forgotten', true)")
    try:

        def look():
            return postgres.value(
                "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint"
                " FROM pg_replication_slots"
            )

        def unchanged():
            before, page = look(), headroom.scrape()
            return (before, page) if before == look() else None

        behind, page = eventually(unchanged, "a page between two equal looks")
        assert page.value("pg_replication_slots_active", slot_name="forgotten") == 0
        assert page.value("pg_replication_slots_pg_wal_lsn_diff", slot_name="forgotten") == behind
    finally:
        postgres.sql("SELECT pg_drop_replication_slot('forgotten')")
    assert headroom.scrape().absent("pg_replication_slots_active")
