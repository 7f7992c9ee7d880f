"""A throwaway Redis (or Valkey) on a free loopback port, with its own folder and no persistence."""

import shutil
import tempfile
from pathlib import Path

from support.process import Process
from support.resp import RespClient
from support.waiting import eventually, free_port

OPTIONS = ["--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--enable-debug-command", "yes"]


class RedisServer:
    """`root`: run `binary` inside that tree by chroot(8); the loopback device is shared."""

    def __init__(self, *options, binary="redis-server", root=None, password=None, tls=None):
        base = root / "tmp" if root else None
        self.folder = Path(tempfile.mkdtemp(prefix="headroom-redis-", dir=base))
        self._prefix = ["chroot", root] if root else []
        self._inside = Path("/") / self.folder.relative_to(root) if root else self.folder
        self._binary = binary
        self._options = list(options)
        self._password = password
        self._tls = tls
        self._process = None
        self._client = None
        self.port = None

    def start(self):
        """A port that somebody else took meanwhile is tried again with another."""
        for _ in range(5):
            self.port = free_port()
            if self._launch():
                return self
        raise AssertionError(f"{self._binary} did not start:\n{self._process.log()}")

    def restart(self):
        """After kill() or stop(): the same port again, as a restarted server has."""
        eventually(self._launch, f"{self._binary} again on port {self.port}")

    def _launch(self):
        listen = ["--port", self.port]
        if self._tls:
            listen = ["--port", 0, "--tls-port", self.port]
        command = [*self._prefix, self._binary, *listen, "--dir", self._inside, *OPTIONS]
        self._process = Process([*command, *self._options], self.folder / "log")

        def answers():
            if not self._process.running():
                return "ended"
            with self.connect() as client:
                return client("PING") == b"PONG" and "ready"

        return eventually(answers, f"{self._binary} answers") == "ready"

    def connect(self):
        return RespClient(self.port, password=self._password, tls=self._tls)

    def __call__(self, *arguments):
        """One command over a connection that is kept."""
        if self._client is None:
            self._client = self.connect()
        return self._client(*arguments)

    def _forget_client(self):
        if self._client is not None:
            self._client.close()
            self._client = None

    @property
    def url(self):
        return f"{'rediss' if self._tls else 'redis'}://127.0.0.1:{self.port}"

    def info(self, section):
        lines = self("INFO", section).decode().splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line)

    def calls(self, command):
        """How often the server has run `command` since CONFIG RESETSTAT."""
        row = self.info("commandstats").get(f"cmdstat_{command}")
        return int(row.split(",")[0].removeprefix("calls=")) if row else 0

    def all_calls(self):
        rows = self.info("commandstats")
        return {k: int(v.split(",")[0].removeprefix("calls=")) for k, v in rows.items()}

    @property
    def pid(self):
        return self._process.pid

    def running(self):
        return self._process.running()

    def log(self):
        return self._process.log()

    def pause(self):
        self._process.pause()

    def resume(self):
        self._process.resume()

    def kill(self):
        self._forget_client()
        self._process.kill()

    def remove(self):
        self._forget_client()
        if self._process is not None:
            self._process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
