"""The demo's clients of PgBouncer: pgbench, at ease and in a crowd by turns.

There are more clients than the pool has connections. At ease most of them find one free; in a crowd
all are taken, and clients wait in line.
"""

import itertools
import os
import threading
from pathlib import Path

from support.process import Process

HERE = Path(__file__).resolve().parent
CLIENTS = 12
POOL_SIZE = 5  # at 110 ms a transaction: 45 of them in a second
TURNS = ((25, 16), (70, 8))  # transactions per second, and for how many seconds
PATIENCE = 30.0


def _pgbench():
    """The newest that is installed; Debian's wrapper in PATH would look for a cluster of its own."""
    versions = Path("/usr/lib/postgresql").glob("*/bin/pgbench")
    return max(versions, key=lambda path: int(path.parts[-3]))


class PoolLoad(threading.Thread):
    """Creates pgbench's tables at once; start() begins the turns."""

    def __init__(self, bouncer, folder):
        super().__init__(name="pool load", daemon=True)
        self._to = ["--host", "127.0.0.1", "--port", bouncer.port, "--username", "app", "app"]
        self._env = {**os.environ, "PGPASSWORD": bouncer.passwords["app"]}
        self._log = Path(folder) / "pgbench.log"
        self._process = None
        self._ending = threading.Event()
        self.error = None
        self._run_pgbench("--initialize", "--init-steps", "dtGp", "--quiet", seconds=0)

    def run(self):
        try:
            for rate, seconds in itertools.cycle(TURNS):
                if self._ending.is_set():
                    return
                self._turn(rate, seconds)
        except Exception as error:  # whatever it was: the demo must not show frozen numbers
            if not self._ending.is_set():
                self.error = error

    def stop(self):
        self._ending.set()
        while self.is_alive():
            if self._process is not None:
                self._process.kill()
            self.join(0.1)

    def _turn(self, rate, seconds):
        self._run_pgbench(
            *["--no-vacuum", "--file", HERE / "pgbench.sql", "--client", CLIENTS],
            *["--rate", rate, "--time", seconds],
            seconds=seconds,
        )

    def _run_pgbench(self, *options, seconds):
        """One run, which takes `seconds`."""
        self._process = Process([_pgbench(), *options, *self._to], self._log, env=self._env)
        try:
            code, _ = self._process.wait(seconds + PATIENCE)
        finally:
            self._process.kill()
        assert code == 0, f"pgbench ended with {code}:\n{self._process.log()}"
