"""A child process with a log file that is never left behind."""

import signal
import subprocess
import time

from support.waiting import PATIENCE


class Ended(Exception):
    """A process that should run has ended: nothing to wait for any more."""


class Process:
    """Starts `command` in a session of its own: a Ctrl-C in the terminal is ours to handle."""

    def __init__(self, command, log_path, env=None):
        self.command = [str(c) for c in command]
        self.log_path = log_path
        with open(log_path, "ab") as log:
            self._child = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=env,
                start_new_session=True,
            )

    @property
    def pid(self):
        return self._child.pid

    def log(self):
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def running(self):
        return self._child.poll() is None

    def signal(self, number):
        self._child.send_signal(number)

    def pause(self):
        self.signal(signal.SIGSTOP)

    def resume(self):
        self.signal(signal.SIGCONT)

    def wait(self, timeout=PATIENCE):
        """The exit code and how long it took."""
        started = time.monotonic()
        code = self._child.wait(timeout)
        return code, time.monotonic() - started

    def kill(self):
        """SIGKILL ends a stopped process as well."""
        if self.running():
            self._child.kill()
        self._child.wait(PATIENCE)
