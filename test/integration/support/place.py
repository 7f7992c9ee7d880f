"""Where PostgreSQL and PgBouncer run: here or in a Debian 13 tree, never as root, in a folder of their own."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from support.process import Process

USER = "postgres"  # that of Debian's package; both servers refuse to run as root


class Place:
    """`root`: everything runs inside that tree by chroot(8); the loopback device is shared."""

    def __init__(self, root=None, prefix="headroom-pg-"):
        self.root = root
        self._as_user = []
        if os.geteuid() == 0:
            self._as_user = ["--reuid", USER, "--regid", USER, "--clear-groups"]
        self.folder = Path(tempfile.mkdtemp(prefix=prefix, dir=root / "tmp" if root else None))
        self.folder.chmod(0o755)  # sockets and passwords are for the tests, whoever runs them
        self.own(self.folder)

    def inside(self, path):
        """As a process in the tree calls `path`."""
        return Path("/") / path.relative_to(self.root) if self.root else path

    def own(self, path):
        """Gives `path` to the servers' user, whose number differs from tree to tree."""
        if self._as_user:
            self._run(*self._chroot(), "chown", "-R", f"{USER}:{USER}", self.inside(path))

    def write(self, path, text):
        """A file that the servers' user may read, whatever the umask is."""
        path.write_text(text, encoding="utf-8")
        path.chmod(0o644)

    def run(self, *command):
        return self._run(*self._chroot(), "setpriv", *self._as_user, "--", *command)

    def start(self, *command, log):
        """One that ends with us, even if nobody is left to end it.

        A change of user forgets the signal: hence one setpriv for both.
        """
        options = ["--pdeathsig", "KILL", *self._as_user]
        return Process([*self._chroot(), "setpriv", *options, "--", *command], log)

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def _chroot(self):
        return ["chroot", self.root] if self.root else []

    def _run(self, *command):
        done = subprocess.run(
            [str(c) for c in command],
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}:\n{done.stdout}{done.stderr}"
        return done.stdout
