"""A throwaway PostgreSQL on a free loopback port: own folder, own socket, nothing kept on disk.

The folder is made by initdb once per version and process, and copied for each server. In it are the
roles and databases that every test may use:
  admin    superuser, by the Unix socket, without a password
  monitor  member of pg_monitor, password PASSWORDS["monitor"]
  plain    no member of anything
  app      owner of the database app, which is what clients of the tests use
"""

import atexit
import functools
import os
import signal
import subprocess
from pathlib import Path

from support.pg_session import OperationalError, Session
from support.place import Place
from support.waiting import PATIENCE, eventually, free_port

PASSWORDS = {"monitor": "m0nit0r-pw", "plain": "pl41n-pw", "app": "4pp-pw"}
HBA = """
local all all trust
local replication all trust
hostssl all all 127.0.0.1/32 scram-sha-256
hostnossl all all 127.0.0.1/32 scram-sha-256
"""
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": 40,
    "shared_buffers": "8MB",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
    "dynamic_shared_memory_type": "mmap",
    "client_connection_check_interval": "100ms",  # a session that sleeps ends with its client
    "log_line_prefix": "%m [%p] %a ",
}
# Of headroom, as pg_stat_activity shows it.
OURS = "application_name LIKE 'headroom%'"


def _binaries(root):
    base = (root or Path("/")) / "usr/lib/postgresql"
    newest = max(base.iterdir(), key=lambda p: int(p.name))
    return Path("/") / newest.relative_to(root or "/") / "bin"


@functools.cache
def _template(root):
    """A server's folder with roles and databases, of a server that is not running."""
    place = Place(root, "headroom-pg-template-")
    atexit.register(place.remove)
    data = place.folder / "data"
    place.run(
        *[_binaries(root) / "initdb", "--pgdata", place.inside(data), "--username", "admin"],
        *["--auth", "trust", "--no-sync", "--no-instructions", "--wal-segsize", "1"],
        *["--encoding", "UTF8", "--locale", "C.UTF-8"],
    )
    (data / "pg_hba.conf").write_text(HBA, encoding="utf-8")
    server = PostgresServer(place=place)
    try:
        server.start()
        for role, password in PASSWORDS.items():
            server.sql(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'")
        server.sql("GRANT pg_monitor TO monitor")
        server.sql("CREATE DATABASE app OWNER app")
        server.stop()
    except BaseException:  # a Ctrl-C as well: a server that runs would not let its folder go
        server.remove()
        raise
    return place


class PostgresServer:
    """`settings` are lines of postgresql.conf, `hba` one that comes before those of HBA.

    `standby_of`: begins as a copy of that server.
    """

    def __init__(self, root=None, place=None, settings=None, hba="", standby_of=None):
        self._place = place or Place(root)
        self._root = self._place.root
        self._settings = {**SETTINGS, **(settings or {})}
        self._process = None
        self._admin = None
        self._stopped = []
        self.port = None
        self.folder = self._place.folder
        self.data = self.folder / "data"
        self._standby_of = standby_of
        self._hba = hba

    def _fill(self):
        primary = self._standby_of
        if primary is None:
            template = _template(self._root)
            subprocess.run(["cp", "-a", template.folder / "data", self.data], check=True)
            return
        self._place.run(
            *[_binaries(self._root) / "pg_basebackup", "--pgdata", self._place.inside(self.data)],
            *["--host", self._place.inside(primary.folder), "--port", str(primary.port)],
            *["--username", "admin", "--checkpoint", "fast", "--no-sync", "--write-recovery-conf"],
        )

    def start(self):
        """A port that somebody else took meanwhile is tried again with another."""
        if not self.data.exists():
            self._fill()
            (self.data / "pg_hba.conf").write_text(f"{self._hba}\n{HBA}", encoding="utf-8")
        for _ in range(5):
            self.port = free_port()
            if self._launch():
                return self
        raise AssertionError(f"PostgreSQL did not start:\n{self.log()}")

    def restart(self):
        """After stop() or kill(): the same port again."""
        eventually(self._launch, f"PostgreSQL again on port {self.port}")

    def _launch(self):
        settings = {
            **self._settings,
            "port": self.port,
            "unix_socket_directories": self._place.inside(self.folder),
        }
        text = "".join(f"{name} = '{value}'\n" for name, value in settings.items())
        (self.data / "postgresql.conf").write_text(text, encoding="utf-8")
        self._process = self._place.start(
            *[_binaries(self._root) / "postgres", "-D", self._place.inside(self.data)],
            log=self.folder / "log",
        )

        def answers():
            if not self._process.running():
                return "ended"
            try:
                return self.sql("SELECT 1") and "ready"
            except OperationalError:
                self._forget_admin()
                return None

        return eventually(answers, f"PostgreSQL answers; see {self.folder / 'log'}") == "ready"

    @property
    def version(self):
        """15 or 17."""
        return int(self.value("SHOW server_version_num")) // 10000

    @property
    def pid(self):
        return self._process.pid

    def running(self):
        return self._process.running()

    def log(self):
        return self._process.log()

    # Clients.

    def dsn(self, user="monitor", database="postgres"):
        """libpq's words without the password."""
        return f"host=127.0.0.1 port={self.port} user={user} dbname={database}"

    def password_file(self, user="monitor"):
        path = self.folder / f"{user}.password"
        path.write_text(PASSWORDS[user] + "\n", encoding="utf-8")
        return path

    def session(self, user="app", database="app", application_name="test", **parameters):
        return Session(
            host="127.0.0.1",
            port=self.port,
            user=user,
            dbname=database,
            password=PASSWORDS[user],
            application_name=application_name,
            **parameters,
        )

    def admin_session(self, database="postgres"):
        return Session(
            host=str(self.folder),
            port=self.port,
            user="admin",
            dbname=database,
            application_name="test-admin",
        )

    def fill(self, stack):
        """Ordinary clients' sessions until one is turned away; they end with `stack`. How many they are."""
        for count in range(SETTINGS["max_connections"]):
            try:
                stack.enter_context(self.session())
            except OperationalError as refused:
                assert "remaining connection slots are reserved" in str(refused), refused
                return count
        raise AssertionError("nobody was turned away")

    def sql(self, statement):
        """By a superuser's session that stays, so that looking changes no count."""
        if self._admin is None:
            self._admin = self.admin_session()
        return self._admin.run(statement)

    def value(self, statement):
        (row,) = self.sql(statement)
        (value,) = row.values()
        return value

    def sessions(self, condition="true"):
        """Backends of clients, this function's own among them."""
        return self.value(
            "SELECT count(*) FROM pg_stat_activity"
            f" WHERE backend_type = 'client backend' AND {condition}"
        )

    def our_sessions(self):
        return self.sessions(OURS)

    def _forget_admin(self):
        if self._admin is not None:
            self._admin.close()
            self._admin = None

    # Its end, and what is worse.

    def processes(self):
        """The postmaster and its children, which are no process group: each makes its own."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text(encoding="ascii")
        return [self.pid, *map(int, children.split())]

    def pause(self):
        """SIGSTOP for all of it, the postmaster first: nobody is born meanwhile."""
        os.kill(self.pid, signal.SIGSTOP)
        for pid in self.processes():
            _signal(pid, signal.SIGSTOP)

    def resume(self):
        for pid in reversed(self.processes()):
            _signal(pid, signal.SIGCONT)

    def stop(self):
        """Its own "fast" shutdown."""
        self._forget_admin()
        self._process.signal(signal.SIGINT)
        self._process.wait()

    def kill(self):
        self._forget_admin()
        if self.running():
            self._process.pause()
            for pid in reversed(self.processes()):
                _signal(pid, signal.SIGKILL)
        self._process.kill()

    def remove(self):
        """"Immediate" shutdown: as fast as a kill, and leaves no shared memory behind."""
        self._forget_admin()
        if self._process is not None and self.running():
            self.resume()
            self._process.signal(signal.SIGQUIT)
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.kill()
        self._place.remove()

    def reload(self, **settings):
        """Changes settings for which no restart is needed."""
        for name, value in settings.items():
            self.sql(f"ALTER SYSTEM SET {name} = '{value}'")
        self.sql("SELECT pg_reload_conf()")


def _signal(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass
