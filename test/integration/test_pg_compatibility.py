"""The same core on PostgreSQL 15 with PgBouncer 1.18 (Debian 12's) and 17 with 1.24 (Debian 13's).

HEADROOM_TRIXIE names a Debian 13 tree with both installed; scripts/debian13-tree makes one. Without
it (or without root, which chroot needs) those skip.
"""

import subprocess

import pytest

from support.configs import pgbouncer, postgresql
from support.debian import NEWER, PLACES, release_of, root_of
from support.pgbouncer_server import behind
from support.pool_pages import (
    AVAILABLE,
    BUDGET,
    MAX,
    OLDEST,
    RESERVED,
    WAITING,
    connections,
    down,
    errors,
    measured,
    number,
    up,
    without_zeros,
)
from support.postgres_pair import Pair, lag, sent_diff
from support.waiting import eventually

SERVER = ("server", "server", "db")
POOL = ("pool", "app/app", "pooler")


@pytest.fixture(params=PLACES)
def root(request):
    return root_of(request.param)


@pytest.fixture
def server(root, postgres_server):
    server = postgres_server(root=root)
    assert server.version == release_of(root).postgresql
    return server


@pytest.fixture
def bouncer(root, server, pgbouncer_server):
    databases = {"app": behind(server, "max_db_connections=9")}
    bouncer = pgbouncer_server(
        databases, root=root, users={"app": "max_user_connections=7"}, default_pool_size=5
    )
    (version,) = bouncer.console("SHOW VERSION")
    assert version["version"].startswith(f"PgBouncer {release_of(root).pgbouncer}.")
    return bouncer


@pytest.fixture
def headroom(server, bouncer, exporter):
    return exporter(postgresql(server) + pgbouncer(bouncer, behind="db"))


def test_a_full_pool_seen_from_both_sides(server, bouncer, headroom, clients):
    for session in clients(bouncer, 12):
        session.start("BEGIN")
    eventually(
        lambda: bouncer.row("POOLS", database="app", user="app")["cl_waiting"] == 7, "7 wait"
    )
    # What PgBouncer has passed on is not yet what PostgreSQL has done.
    eventually(lambda: server.sessions("state = 'idle in transaction'") == 5, "5 have begun")
    before = bouncer.oldest_wait()
    page = headroom.scrape()
    after = bouncer.oldest_wait()
    assert up(page, "db") and up(page, "pooler"), headroom.log()
    assert without_zeros(connections(page, *POOL)) == {"active": 5}
    assert connections(page, "user", "app", "db")["idle_in_transaction"] == 5
    assert number(page, WAITING, *POOL) == 7
    assert before <= number(page, OLDEST, *POOL) <= after
    assert number(page, AVAILABLE, *POOL) == 0
    assert number(page, BUDGET, *SERVER) == 9
    assert connections(page, "database", "app", "pooler") == {"open": 5}
    assert number(page, MAX, "database", "app", "pooler") == 9
    assert number(page, MAX, *SERVER) == 40


def test_a_users_limit_is_known_where_the_version_tells_it(
    root, server, bouncer, headroom, clients
):
    clients(bouncer, 1)[0].run("BEGIN")
    page = headroom.scrape()
    assert connections(page, "user", "app", "pooler") == {"open": 1}
    assert number(page, MAX, "user", "app", "pooler") == (7 if release_of(root).pgbouncer == "1.24" else None)


def test_connections_reserved_for_a_role(root, postgres_server, exporter):
    """reserved_connections came with PostgreSQL 16."""
    newer = release_of(root).postgresql == 17
    settings = {"reserved_connections": 4} if newer else {}
    server = postgres_server(root=root, settings=settings)
    page = exporter(postgresql(server)).scrape()
    assert number(page, RESERVED, *SERVER) == (3 + 4 if newer else 3)


def test_nothing_is_refused_by_the_version(headroom):
    page = headroom.scrape()
    refused = [s for s in page.series("headroom_target_errors_total") if s.value]
    assert refused == [], headroom.log()
    parts = page.series("headroom_target_part_up")
    assert parts and all(s.value == 1 for s in parts), parts


def test_promtool_has_nothing_to_say(server, bouncer, exporter, clients):
    """About a page with all that can be read."""
    clients(bouncer, 1)[0].start("SELECT pg_sleep(600)")
    server.sql("SELECT pg_create_physical_replication_slot('forgotten', true)")
    readings = '["connections", "applications", "waits", "locks", "replication", "sizes"]'
    headroom = exporter(
        postgresql(server, f"readings = {readings}") + pgbouncer(bouncer, behind="db")
    )
    page = headroom.until(lambda p: up(p, "db") and up(p, "pooler"), "both up")
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=page.text, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_standby_and_its_primary(root, exporter, cleanup):
    pair = Pair(root)
    cleanup.callback(pair.remove)
    headroom = exporter(pair.config())
    headroom.until(lambda p: (lag(p), sent_diff(p)) == (0, [0]), "the standby has heard of it")
    pair.standby.sql("SELECT pg_wal_replay_pause()")
    pair.write()
    headroom.until(
        lambda p: (lag(p) or 0) > 0 and sum(sent_diff(p)) > 1000, "it does not replay"
    )
    pair.standby.sql("SELECT pg_wal_replay_resume()")
    headroom.until(lambda p: (lag(p), sent_diff(p)) == (0, [0]), "level again")
    pair.standby.reload(primary_conninfo="host=/nowhere")
    # Two servers, each asked at its own moment of the page.
    headroom.until(
        lambda p: sent_diff(p) == []
        and p.value("pg_replication_receiver_streaming", target="standby") == 0,
        "cut off on both sides",
    )


def test_both_are_killed_and_come_back(server, bouncer, headroom, clients):
    clients(bouncer, 1)[0].run("SELECT 1")
    assert number(headroom.scrape(), AVAILABLE, *POOL) is not None
    server.kill()
    bouncer.kill()
    page = headroom.scrape()
    for target in ("db", "pooler"):
        assert down(page, target) and measured(page, target) == []
        assert errors(page, "connect", target) >= 1
    server.restart()
    bouncer.restart()
    clients(bouncer, 1)[0].run("SELECT 1")
    headroom.until(lambda p: number(p, AVAILABLE, *POOL) == 5, "known again", 90)


def test_an_online_restart_of_the_pooler(bouncer, headroom, clients):
    assert up(headroom.scrape(), "pooler")
    bouncer.online_restart()
    clients(bouncer, 1)[0].run("BEGIN")
    headroom.until(lambda p: connections(p, *POOL).get("active") == 1, "the new process is asked")


def test_a_users_limit_is_declared_where_the_version_does_not_tell_it(
    root, server, bouncer, exporter, clients
):
    declared = '[[pgbouncer.users]]\nname = "app"\nmax_user_connections = 6\n'
    headroom = exporter(postgresql(server) + pgbouncer(bouncer, declared, behind="db"))
    clients(bouncer, 1)[0].run("BEGIN")
    assert number(headroom.scrape(), MAX, "user", "app", "pooler") == (7 if release_of(root).pgbouncer == "1.24" else 6)


@pytest.mark.parametrize("root", [NEWER], indirect=True)
def test_a_size_of_the_user_above_is_not_taken_for_ones_own(
    root, server, pgbouncer_server, exporter, clients
):
    """1.23 to 1.25 show app's size for plain too."""
    databases = {"app": behind(server)}
    users = {"app": "pool_size=2 reserve_pool_size=1"}
    bouncer = pgbouncer_server(databases, root=root, users=users, default_pool_size=5)
    for session in clients(bouncer, 5, user="plain") + clients(bouncer, 1):
        session.run("BEGIN")
    page = exporter(postgresql(server) + pgbouncer(bouncer, behind="db")).scrape()
    plain = ("pool", "app/plain", "pooler")
    assert connections(page, *plain)["active"] == 5
    assert number(page, MAX, *plain) is None
    assert number(page, AVAILABLE, *plain) is None
    assert number(page, MAX, *POOL) == 2


@pytest.mark.parametrize("root", [NEWER], indirect=True)
def test_a_user_that_is_counted_under_its_old_name_is_unknown(
    root, server, pgbouncer_server, exporter, clients
):
    """From 1.23 on, after a RELOAD that changes user= of a database."""
    databases = {"app": behind(server, "user=plain password=pl41n-pw")}
    bouncer = pgbouncer_server(databases, root=root, users={"app": "max_user_connections=4"})
    headroom = exporter(postgresql(server) + pgbouncer(bouncer, behind="db"))
    sessions = clients(bouncer, 3)
    for session in sessions[:2]:
        session.run("BEGIN")
    assert number(headroom.scrape(), AVAILABLE, "pool", "app/plain", "pooler") is not None
    bouncer.databases = {"app": behind(server, "user=app password=4pp-pw")}
    bouncer.reload()
    eventually(lambda: bouncer.row("DATABASES", name="app")["force_user"] == "app", "reloaded")
    sessions[2].run("BEGIN")
    page = headroom.scrape()
    active = connections(page, *POOL).get("active")
    assert active == bouncer.row("POOLS", database="app", user="app")["sv_active"] > 0
    assert bouncer.row("USERS", name="app")["current_connections"] == 0
    assert connections(page, "user", "app", "pooler") == {}
    assert number(page, MAX, "user", "app", "pooler") is None
    assert number(page, MAX, *POOL) is None
    assert number(page, AVAILABLE, *POOL) is None


@pytest.mark.parametrize("root", [NEWER], indirect=True)
def test_clients_of_a_user_and_their_limit(root, server, pgbouncer_server, exporter, clients):
    """From 1.24 on."""
    databases = {"app": behind(server, "user=plain password=pl41n-pw")}
    users = {"app": "max_user_client_connections=9"}
    bouncer = pgbouncer_server(databases, root=root, users=users)
    clients(bouncer, 3)
    page = exporter(pgbouncer(bouncer)).scrape()
    assert page.value("pgbouncer_users_max_client_connections", user="app") == 9
    assert page.value("pgbouncer_users_current_client_connections", user="app") == 3
    limits = {s.labels["user"] for s in page.series("pgbouncer_users_max_client_connections")}
    assert limits == {"app", "plain", "boss", "stats"}, "a pool or a client: those of the console, too"
