"""Fixtures of the black-box tests: real servers, the real exporter, all ended afterwards."""

import contextlib
import os
import uuid

import pytest

from support.certificates import Certificates
from support.exporter import BINARY, Exporter
from support.pgbouncer_server import PgBouncerServer
from support.postgres_server import PostgresServer
from support.prometheus import Prometheus
from support.rabbitmq_server import RabbitServer
from support.redis_server import RedisServer
from support.skips import pytest_sessionfinish  # noqa: F401 (a hook of pytest)


def pytest_configure(config):
    if not os.access(BINARY, os.X_OK):
        raise pytest.UsageError("HEADROOM_BINARY must name the exporter's binary; ctest sets it")


@pytest.fixture
def cleanup():
    with contextlib.ExitStack() as stack:
        yield stack


@pytest.fixture
def redis_server(cleanup):
    """Starts a Redis: redis_server("--maxclients", "100", password=...)."""

    def start(*options, **keywords):
        server = RedisServer(*options, **keywords)
        cleanup.callback(server.remove)
        return server.start()

    return start


@pytest.fixture
def redis(redis_server):
    return redis_server()


@pytest.fixture
def rabbit_server(cleanup):
    """Starts a RabbitMQ of the test's own: rabbit_server("management.disable_stats = true")."""

    def start(*conf, **keywords):
        server = RabbitServer(*conf, **keywords)
        cleanup.callback(server.remove)
        return server.start()

    return start


@pytest.fixture(scope="module")
def broker():
    """The file's broker: a start takes seconds. Whoever breaks it mends it."""
    server = RabbitServer()
    try:
        yield server.start()
    finally:
        server.remove()


@pytest.fixture
def vhost(broker):
    """A fresh virtual host on the file's broker, for one test."""
    name = f"test-{uuid.uuid4()}"
    broker.add_vhost(name)
    yield name
    broker.delete_vhost(name)


@pytest.fixture
def amqp(broker, vhost):
    with broker.amqp(vhost) as connection:
        yield connection


@pytest.fixture
def postgres_server(cleanup):
    """Starts a PostgreSQL of the test's own: postgres_server(settings={"max_connections": 10})."""

    def start(**keywords):
        server = PostgresServer(**keywords)
        cleanup.callback(server.remove)
        return server.start()

    return start


@pytest.fixture(scope="module")
def postgres():
    """The file's PostgreSQL. Whoever breaks it mends it."""
    server = PostgresServer()
    try:
        yield server.start()
    finally:
        server.remove()


@pytest.fixture
def pgbouncer_server(cleanup):
    """Starts a PgBouncer: pgbouncer_server(postgres, default_pool_size=5)."""

    def start(databases, **keywords):
        server = PgBouncerServer(databases, **keywords)
        cleanup.callback(server.remove)
        return server.start()

    return start


@pytest.fixture
def clients(cleanup):
    """Connects: clients(server, 3, user="app") gives three sessions, closed after the test."""

    def connect(server, count=1, **parameters):
        sessions = []
        for _ in range(count):
            sessions.append(server.session(**parameters))
            cleanup.callback(sessions[-1].close)
        return sessions

    return connect


@pytest.fixture
def exporter(cleanup, tmp_path):
    """Starts the exporter: exporter(toml, flag...), or exporter(None, flag...) without a file."""
    count = 0

    def start(config, *flags, env=None):
        nonlocal count
        count += 1
        folder = tmp_path / f"exporter-{count}"
        folder.mkdir()
        process = Exporter(folder, config, *flags, env=env)
        cleanup.callback(process.remove)
        return process.start()

    return start


@pytest.fixture
def config(tmp_path):
    """Writes a configuration for run_once: config(toml) is the flag that names it."""

    def write(text):
        path = tmp_path / "headroom.toml"
        path.write_text(text, encoding="utf-8")
        return f"--config.file={path}"

    return write


@pytest.fixture
def prometheus(cleanup):
    """Starts a Prometheus that scrapes the given exporter."""

    def start(exporter):
        server = Prometheus(exporter.base.removeprefix("http://"))
        cleanup.callback(server.remove)
        return server.start()

    return start


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))
