"""A client of PostgreSQL or PgBouncer that can be left waiting: psycopg2's asynchronous connections.

Each statement is one simple query, and nothing is sent that was not asked for (no BEGIN): PgBouncer's
console understands no more.
"""

import select
import time

import psycopg2
import psycopg2.extensions as pg

from support.waiting import PATIENCE

Error = psycopg2.Error
OperationalError = psycopg2.OperationalError


class Session:
    def __init__(self, **parameters):
        self._connection = psycopg2.connect(async_=True, connect_timeout=PATIENCE, **parameters)
        self._cursor = None
        self.wait()
        self._cursor = self._connection.cursor()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def start(self, sql):
        """Sends it; the server may take as long as it likes."""
        self._cursor.execute(sql)
        return self

    def done(self):
        """Has the server answered what was started?"""
        return not self._connection.isexecuting() or self._ready()

    def _ready(self):
        return self._connection.poll() == pg.POLL_OK

    def wait(self, timeout=PATIENCE):
        give_up = time.monotonic() + timeout
        while True:
            state = self._connection.poll()
            if state == pg.POLL_OK:
                return self
            remaining = give_up - time.monotonic()
            assert remaining > 0, f"the server did not answer within {timeout} s"
            handle = [self._connection.fileno()]
            reading, writing = (handle, []) if state == pg.POLL_READ else ([], handle)
            select.select(reading, writing, [], remaining)

    def run(self, sql):
        """The rows, as dicts; nothing for a statement that has none."""
        self.start(sql).wait()
        return self.rows()

    def rows(self):
        """Of what was started and has been waited for."""
        if self._cursor.description is None:
            return []
        names = [column.name for column in self._cursor.description]
        return [dict(zip(names, row)) for row in self._cursor.fetchall()]

    def value(self, sql):
        (row,) = self.run(sql)
        (value,) = row.values()
        return value

    @property
    def pid(self):
        return self._connection.info.backend_pid

    def close(self):
        self._connection.close()
