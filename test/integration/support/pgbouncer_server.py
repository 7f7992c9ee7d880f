"""A throwaway PgBouncer on a free loopback port, with its own folder.

Users of the console: `stats` in stats_users, `boss` in admin_users. The other users are those of
support/postgres_server.py.
"""

import os
import signal

from support.pg_session import Error, Session
from support.place import Place
from support.postgres_server import PASSWORDS
from support.waiting import eventually, free_port

CONSOLE = {"stats": "st4ts-pw", "boss": "b0ss-pw"}
SETTINGS = {
    "listen_addr": "127.0.0.1",
    "auth_type": "scram-sha-256",
    "admin_users": "boss",
    "stats_users": "stats",
    "pool_mode": "transaction",
    "max_client_conn": 100,
    "server_login_retry": 1,
}


class PgBouncerServer:
    """`databases`: {name: connection string}, or a PostgresServer behind one database app."""

    def __init__(self, databases, root=None, users=None, **settings):
        self._place = Place(root, "headroom-pgb-")
        self.folder = self._place.folder
        self._ini = self.folder / "pgbouncer.ini"
        self.databases = databases
        self.users = users or {}  # {name: "pool_size=3"}, the section [users]
        self.settings = {**SETTINGS, **settings}
        self.passwords = {**PASSWORDS, **CONSOLE}
        self._processes = []
        self._console = None
        self.port = None

    def start(self):
        """A port that somebody else took meanwhile is tried again with another."""
        for _ in range(5):
            self.port = free_port()
            if self._launch():
                return self
        raise AssertionError(f"PgBouncer did not start:\n{self.log()}")

    def restart(self):
        """After kill(): the same port again."""
        eventually(self._launch, f"PgBouncer again on port {self.port}")

    def _launch(self, *options):
        self._write()
        process = self._place.start(
            *["/usr/sbin/pgbouncer", *options, self._place.inside(self._ini)],
            log=self.folder / "log",
        )
        self._processes.append(process)
        self._forget_console()

        def answers():
            if not process.running():
                return "ended"
            try:
                return self.console("SHOW VERSION") and "ready"
            except Error:  # -R: of the old process, which has gone meanwhile
                self._forget_console()
                return None

        return eventually(answers, "PgBouncer answers") == "ready"

    def _write(self):
        if hasattr(self.databases, "port"):
            self.databases = {"app": behind(self.databases)}
        sections = {
            "databases": self.databases,
            "users": self.users,
            "pgbouncer": {
                **self.settings,
                "listen_port": self.port,
                "unix_socket_dir": self._place.inside(self.folder),
                "auth_file": self._place.inside(self.folder / "users.txt"),
            },
        }
        lines = []
        for section, rows in sections.items():
            lines += [f"[{section}]", *(f"{k} = {v}" for k, v in rows.items())]
        self._place.write(self._ini, "\n".join(lines) + "\n")
        users = "".join(f'"{name}" "{word}"\n' for name, word in self.passwords.items())
        self._place.write(self.folder / "users.txt", users)

    @property
    def pid(self):
        return self._processes[-1].pid

    def running(self):
        return self._processes[-1].running()

    def log(self):
        return self._processes[-1].log()

    # Clients.

    def dsn(self, user="stats", database="pgbouncer"):
        return f"host=127.0.0.1 port={self.port} user={user} dbname={database}"

    def password_file(self, user="stats"):
        path = self.folder / f"{user}.password"
        path.write_text(self.passwords[user] + "\n", encoding="utf-8")
        return path

    def session(self, user="app", database="app", **parameters):
        return Session(
            host="127.0.0.1",
            port=self.port,
            user=user,
            dbname=database,
            password=self.passwords[user],
            **parameters,
        )

    def console(self, command):
        """By an administrator's session that stays."""
        if self._console is None:
            self._console = self.session("boss", "pgbouncer")
        return self._console.run(command)

    def row(self, show, **wanted):
        """The one row of SHOW `show` with these values."""
        rows = [r for r in self.console(f"SHOW {show}") if wanted.items() <= r.items()]
        assert len(rows) == 1, f"SHOW {show} {wanted}: {rows}"
        return rows[0]

    def oldest_wait(self, database="app", user="app"):
        row = self.row("POOLS", database=database, user=user)
        return row["maxwait"] + row["maxwait_us"] / 1e6

    def _forget_console(self):
        if self._console is not None:
            self._console.close()
            self._console = None

    # What may happen to it.

    def reload(self, **settings):
        """SIGHUP with these settings and with what was changed in databases, users and passwords."""
        self.settings.update(settings)
        self._write()
        os.kill(self.pid, signal.SIGHUP)

    def online_restart(self):
        """pgbouncer -R: a new process takes the sockets over, the old one ends."""
        old = self._processes[-1]
        assert self._launch("-R"), self.log()
        old.wait()
        self._forget_console()  # it may have been the old one's

    def pause(self):
        self._processes[-1].pause()

    def resume(self):
        self._processes[-1].resume()

    def kill(self):
        self._forget_console()
        self._processes[-1].kill()

    def remove(self):
        self._forget_console()
        for process in self._processes:
            process.kill()
        self._place.remove()


def behind(server, options="", database="app"):
    """A connection string of [databases] that leads to `server`."""
    return f"host=127.0.0.1 port={server.port} dbname={database} {options}"
