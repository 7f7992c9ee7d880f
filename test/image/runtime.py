"""What a container runtime does with the image, as far as the exporter can tell.

A copy of the root, mounted read-only, with /proc, /dev, /etc/hosts and /etc/resolv.conf in it; a
process namespace of its own, in which the exporter is number 1; the image's user and no capability.
The network is the machine's, so that servers of a test can be reached.
"""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from support.exporter import Exporter
from support.waiting import PATIENCE

# Arguments: the root, what is mounted at /etc/headroom, the user, the command.
START = """
set -e
root=$1 config=$2 user=$3
shift 3
mount --bind "$root" "$root"
mount --bind "$config" "$root/etc/headroom"
mount -o remount,bind,ro "$root/etc/headroom"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -o remount,bind,ro "$root"
exec setpriv --no-new-privs chroot --userspec="$user" --groups= "$root" "$@"
"""

# Nothing of this machine's environment: SSL_CERT_FILE, say, would hide what the image lacks.
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}


class InContainer(Exporter):
    """The exporter as process 1 of its namespace: signals are for it, not for unshare(1)."""

    def __init__(self, folder, command):
        super().__init__(folder, None)
        self._command = command
        self._env = ENVIRONMENT

    def inner_pid(self):
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        return int(children.read_text(encoding="ascii").split()[0])

    def signal(self, number):
        subprocess.run(["kill", "-s", str(int(number)), str(self.inner_pid())], check=True)

    def stop(self, within=PATIENCE):
        self.signal(signal.SIGTERM)
        code, _ = self._process.wait(within)
        assert code == 0, f"exit code {code}:\n{self.log()}"

    def remove(self):
        """The exporter first: its change of user ended the tie that --kill-child had made."""
        try:
            os.kill(self.inner_pid(), signal.SIGKILL)
        except (IndexError, OSError):
            pass  # it has ended
        self._process.kill()


class Runtime:
    def __init__(self, root, image, folder):
        self._image = image
        self._folder = folder
        self._exporters = []
        self.root = folder / "root"
        self.config = folder / "config"
        self.config.mkdir()
        shutil.copytree(root, self.root, symlinks=True)
        for name in ("proc", "dev"):
            (self.root / name).mkdir()
        self.hosts("127.0.0.1 localhost")
        self.nameserver("127.0.0.1")

    def hosts(self, *lines):
        (self.root / "etc/hosts").write_text("\n".join([*lines, ""]), encoding="ascii")

    def nameserver(self, address):
        text = f"nameserver {address}\noptions timeout:1 attempts:30\n"
        (self.root / "etc/resolv.conf").write_text(text, encoding="ascii")

    def _command(self, arguments):
        outer = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", START, "sh"]
        inner = [*self._image["Entrypoint"], *arguments]
        return [*outer, str(self.root), str(self.config), self._image["User"], *inner]

    def _write(self, config):
        if config is not None:
            (self.config / "headroom.toml").write_text(config, encoding="utf-8")

    def start(self, config, *flags):
        """With the image's own arguments, and a port that is free."""
        self._write(config)
        arguments = [*self._image["Cmd"], "--web.listen-address=127.0.0.1:0", *flags]
        exporter = InContainer(self._folder, self._command(arguments))
        self._exporters.append(exporter)
        return exporter.start()

    def once(self, config, *flags, with_cmd=True, env=None):
        """Runs it to its end; without the image's own arguments when `with_cmd` is False."""
        self._write(config)
        arguments = [*(self._image["Cmd"] if with_cmd else []), *flags]
        command = self._command(arguments)
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=PATIENCE * 4,
            env={**ENVIRONMENT, **(env or {})},
            check=False,
        )

    def remove(self):
        for exporter in self._exporters:
            exporter.remove()
