"""How headroom gets in: passwords from every place that libpq knows, TLS, and rights that suffice."""

import os
import shutil

import pytest

from support.certificates import Certificates
from support.configs import pgbouncer, postgresql
from support.pool_pages import connections, down, errors, measured, up
from support.postgres_server import PASSWORDS
from support.waiting import eventually

SERVER = ("server", "server", "db")
SECRET = PASSWORDS["monitor"]


@pytest.fixture
def home(tmp_path):
    """An environment in which nothing of this machine's is found."""
    folder = tmp_path / "home"
    folder.mkdir()
    return {"HOME": str(folder), "PGSYSCONFDIR": str(folder)}


# Where the password comes from.


def test_a_wrong_password_is_said_and_never_shown(postgres, exporter, tmp_path):
    secret = tmp_path / "password"
    secret.write_text("s3cr3t-wr0ng\n", encoding="utf-8")
    headroom = exporter(
        postgresql(postgres, f'password_file = "{secret}"', dsn=postgres.dsn())
    )
    page = headroom.scrape()
    assert down(page, "db") and measured(page, "db") == []
    assert errors(page, "auth", "db") >= 1
    assert "s3cr3t-wr0ng" not in headroom.log() + page.text + headroom.get("/").body


def test_a_corrected_password_file_is_read_at_the_next_connect(postgres, exporter, tmp_path):
    secret = tmp_path / "password"
    headroom = exporter(
        postgresql(postgres, f'password_file = "{secret}"', dsn=postgres.dsn())
    )
    assert down(headroom.scrape(), "db"), "there is no such file yet"
    secret.write_text("wrong", encoding="utf-8")
    headroom.until(lambda p: errors(p, "auth", "db") >= 1, "refused")
    secret.write_text(SECRET + "\n", encoding="utf-8")
    headroom.until(lambda p: up(p, "db"), "up with the right one")


def test_a_password_of_the_variable(postgres, exporter):
    config = postgresql(postgres, 'password_env = "THE_WORD"', dsn=postgres.dsn())
    assert up(exporter(config, env={"THE_WORD": SECRET}).scrape(), "db")


def test_a_password_in_the_dsn_works_and_is_never_shown(postgres, exporter):
    dsn = f"postgresql://monitor:{SECRET}@127.0.0.1:{postgres.port}/postgres"
    headroom = exporter(postgresql(postgres, dsn=dsn))
    page = headroom.scrape()
    assert up(page, "db")
    assert SECRET not in headroom.log() + page.text + headroom.get("/").body


def test_pgpass(postgres, exporter, home, tmp_path):
    passfile = tmp_path / "home" / ".pgpass"
    passfile.write_text(f"127.0.0.1:{postgres.port}:postgres:monitor:{SECRET}\n", encoding="utf-8")
    passfile.chmod(0o600)
    env = {**home, "PGPASSFILE": str(passfile)}  # $HOME is not asked: the user's entry is
    assert up(exporter(postgresql(postgres, dsn=postgres.dsn()), env=env).scrape(), "db")


def test_a_service_file(postgres, exporter, home, tmp_path):
    services = tmp_path / "services.conf"
    services.write_text(
        f"[ours]\nhost=127.0.0.1\nport={postgres.port}\nuser=monitor\npassword={SECRET}\n"
        "dbname=postgres\n",
        encoding="utf-8",
    )
    env = {**home, "PGSERVICEFILE": str(services)}
    headroom = exporter(postgresql(postgres, dsn="service=ours"), env=env)
    assert up(headroom.scrape(), "db"), headroom.log()


def test_the_environment_of_libpq(postgres, exporter, home):
    env = {**home, "PGHOST": "127.0.0.1", "PGPORT": str(postgres.port), "PGPASSWORD": SECRET}
    headroom = exporter(postgresql(postgres, dsn="user=monitor dbname=postgres"), env=env)
    assert up(headroom.scrape(), "db"), headroom.log()


def test_a_unix_socket(postgres, exporter):
    dsn = f"host={postgres.folder} port={postgres.port} user=monitor dbname=postgres"
    assert up(exporter(postgresql(postgres, dsn=dsn)).scrape(), "db")


def test_the_second_of_two_hosts(postgres, exporter, tmp_path):
    """libpq's own rule: the first that answers."""
    dsn = f"host=127.0.0.1,127.0.0.1 port=1,{postgres.port} user=monitor dbname=postgres"
    secret = f'password_file = "{postgres.password_file()}"'
    assert up(exporter(postgresql(postgres, secret, dsn=dsn)).scrape(), "db")


def test_an_address_from_the_command_line_alone(postgres, exporter):
    env = {"HEADROOM_POSTGRESQL_PASSWORD": SECRET}
    headroom = exporter(None, f"--postgresql.dsn={postgres.dsn()}", env=env)
    headroom.until(  # by the default time-out
        lambda p: {s.value for s in p.series("headroom_target_up")} == {1}, "up"
    )


def test_options_of_the_environment_are_not_in_the_way(postgres, exporter):
    env = {"PGOPTIONS": "-c statement_timeout=1"}
    assert up(exporter(postgresql(postgres), env=env).scrape(), "db")


# TLS.


@pytest.fixture(scope="module")
def secured(postgres, certificates):
    """The file's server, which now has a certificate as well."""
    for source, name in ((certificates.server, "server.crt"), (certificates.server_key, "server.key")):
        copy = postgres.data / name
        shutil.copyfile(source, copy)
        copy.chmod(0o600)
        if os.geteuid() == 0:
            shutil.chown(copy, postgres.data.owner(), postgres.data.group())
    postgres.reload(ssl="on")

    def offers_tls():
        with postgres.session(user="monitor", database="postgres", sslmode="require") as session:
            return session.value("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")

    eventually(offers_tls, "TLS is on")
    return postgres


def tls(server, dsn_words="", **keys):
    lines = "".join(f'  {key} = "{value}"\n' for key, value in keys.items())
    table = f"  [postgresql.tls]\n{lines}" if keys else ""
    body = f'password_file = "{server.password_file()}"\n{table}'
    return postgresql(server, body, dsn=f"{server.dsn()} {dsn_words}")


def encrypted(server):
    return server.sql(
        "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
        " WHERE application_name LIKE 'headroom%'"
    )


def until_encrypted(server, *sessions):
    """Whether each session of ours is; one of the test before may take its time to end."""
    expected = [{"ssl": tls} for tls in sessions]
    eventually(lambda: encrypted(server) == expected, f"{expected} on the server")


def test_the_right_authority_is_trusted_and_the_session_encrypted(secured, certificates, exporter):
    headroom = exporter(tls(secured, ca_file=certificates.ca))
    assert up(headroom.scrape(), "db"), headroom.log()
    until_encrypted(secured, True)


def test_another_authority_is_not_trusted(secured, exporter, tmp_path):
    headroom = exporter(tls(secured, ca_file=Certificates(tmp_path).ca))
    page = headroom.scrape()
    assert down(page, "db") and measured(page, "db") == []
    assert "certificate" in headroom.log()
    until_encrypted(secured)


def test_a_server_of_another_name_is_not_trusted(secured, certificates, exporter):
    headroom = exporter(tls(secured, ca_file=certificates.ca, server_name="db.example"))
    assert down(headroom.scrape(), "db")
    headroom = exporter(tls(secured, ca_file=certificates.ca, server_name="localhost"))
    assert up(headroom.scrape(), "db"), headroom.log()


@pytest.mark.parametrize(
    "mode, on_tls, on_plain",
    [("disable", False, False), ("prefer", True, False), ("require", True, None)],
)
def test_sslmodes_of_libpq(mode, on_tls, on_plain, secured, postgres_server, exporter):
    headroom = exporter(tls(secured, f"sslmode={mode}"))
    assert up(headroom.scrape(), "db"), headroom.log()
    until_encrypted(secured, on_tls)
    plain = postgres_server()
    page = exporter(tls(plain, f"sslmode={mode}")).scrape()
    if on_plain is None:
        assert down(page, "db"), "the server has no TLS"
    else:
        assert up(page, "db") and encrypted(plain) == [{"ssl": on_plain}]


def test_verify_full_by_the_dsn_alone(secured, certificates, exporter):
    words = f"sslmode=verify-full sslrootcert={certificates.ca}"
    headroom = exporter(tls(secured, words))
    assert up(headroom.scrape(), "db"), headroom.log()


def test_a_pooler_over_tls(secured, certificates, pgbouncer_server, exporter, tmp_path):
    bouncer = pgbouncer_server(secured)
    for source, name in ((certificates.server, "server.crt"), (certificates.server_key, "server.key")):
        copy = bouncer.folder / name
        shutil.copyfile(source, copy)
        if os.geteuid() == 0:
            shutil.chown(copy, bouncer.folder.owner(), bouncer.folder.group())
    bouncer.kill()
    bouncer.settings |= {
        "client_tls_sslmode": "allow",
        "client_tls_cert_file": bouncer.folder / "server.crt",
        "client_tls_key_file": bouncer.folder / "server.key",
    }
    bouncer.restart()

    def page(authority):
        headroom = exporter(pgbouncer(bouncer, f'[pgbouncer.tls]\nca_file = "{authority}"'))
        return headroom.scrape()

    assert up(page(certificates.ca), "pooler")
    assert down(page(Certificates(tmp_path).ca), "pooler")


# Rights.


def test_without_pg_monitor_nobody_can_count_and_nothing_is_invented(
    postgres, clients, exporter
):
    """Other users' sessions then show no state: they are not idle, and not 0."""
    active = clients(postgres, 1)[0].start("SELECT pg_sleep(600)")
    headroom = exporter(postgresql(postgres, user="plain"))
    page = headroom.scrape()
    assert errors(page, "permission", "db") >= 1
    assert connections(page, *SERVER) == {}
    assert "pg_monitor" in headroom.log()
    assert not active.done()


def test_a_role_that_gets_pg_monitor_is_heard_in_the_next_run(postgres_server, exporter):
    server = postgres_server()
    headroom = exporter(postgresql(server, user="plain"))
    headroom.until(lambda p: errors(p, "permission", "db") >= 1, "refused")
    server.sql("GRANT pg_monitor TO plain")
    page = headroom.until(lambda p: up(p, "db") and connections(p, *SERVER), "counted")
    assert connections(page, *SERVER)["idle"] == 1


def test_a_database_that_does_not_exist(postgres, exporter):
    secret = f'password_file = "{postgres.password_file()}"'
    headroom = exporter(postgresql(postgres, secret, dsn=postgres.dsn(database="nowhere")))
    assert down(headroom.scrape(), "db")
    assert "nowhere" in headroom.log()


def test_a_pooler_is_not_taken_for_a_server(postgres, pgbouncer_server, exporter):
    """PgBouncer's console understands no SELECT; whose numbers it would be is the question."""
    bouncer = pgbouncer_server(postgres)
    headroom = exporter(postgresql(bouncer, user="stats"))
    page = headroom.scrape()
    assert down(page, "db") and measured(page, "db") == []
