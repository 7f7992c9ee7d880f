"""What the nodes of a throwaway RabbitMQ share: a folder, a cookie, an epmd; how they are started."""

import os
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path

from support.process import Process
from support.waiting import eventually, free_port


class Home:
    """`root`: everything runs inside that tree by chroot(8); the loopback device is shared.

    epmd is started here, in the foreground, before any node would start one that outlives us.
    """

    def __init__(self, root=None):
        self.root = root
        base = root / "tmp" if root else None
        self.folder = Path(tempfile.mkdtemp(prefix="headroom-rabbitmq-", dir=base))
        cookie = self.folder / ".erlang.cookie"
        cookie.write_text(secrets.token_hex(16), encoding="ascii")
        cookie.chmod(0o400)
        self.epmd_port = None
        self._epmd = None

    def inside(self, path):
        """As a process in the tree calls `path`."""
        return Path("/") / path.relative_to(self.root) if self.root else path

    def command(self, *command):
        """In the tree with a /proc of its own, from which the broker learns how much memory it has."""
        if self.root is None:
            return [str(c) for c in command]
        script = 'mount -t proc proc "$0/proc"; exec chroot "$0" "$@"'
        return ["unshare", "--mount", "--", "bash", "-ec", script, str(self.root), *map(str, command)]

    def start_process(self, *command, log, env):
        """One that ends with us, even if nobody is left to end it: a broker outlives a closed terminal.

        Its parent, in the kernel's eyes, is the thread that calls this.
        """
        return Process(["setpriv", "--pdeathsig", "KILL", *self.command(*command)], log, env=env)

    def environment(self):
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("RABBITMQ_", "ERL_"))}
        return {
            **kept,
            "HOME": str(self.inside(self.folder)),
            "LC_ALL": "C.UTF-8",
            "ERL_EPMD_PORT": str(self.epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }

    def start(self):
        while self._epmd is None or not self._epmd.running():
            self.epmd_port = free_port()
            self._epmd = self.start_process(
                *["epmd", "-port", self.epmd_port, "-address", "127.0.0.1"],
                log=self.folder / "epmd.log",
                env=self.environment(),
            )
            eventually(self._epmd_answers, "epmd answers")

    def _epmd_answers(self):
        if not self._epmd.running():
            return True  # the port was taken; another one is tried
        names = subprocess.run(
            self.command("epmd", "-names"), env=self.environment(), capture_output=True, check=False
        )
        return names.returncode == 0

    def remove(self):
        if self._epmd is not None:
            self._epmd.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
