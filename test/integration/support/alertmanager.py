"""Debian's Alertmanager, and the receivers that it notifies."""

import json
import shutil
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from support.process import Process
from support.waiting import eventually, free_port, http_request

PROGRAM = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")


class Webhooks:
    """Takes notifications by HTTP; a receiver is the path of its URL."""

    def __init__(self):
        self._lock = threading.Lock()
        self._told = []  # (receiver, status, labels)
        webhooks = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with webhooks._lock:
                    for alert in body["alerts"]:
                        webhooks._told.append((self.path[1:], alert["status"], alert["labels"]))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def told(self, receiver, status="firing"):
        """The labels of what this receiver was told, since forget()."""
        with self._lock:
            return [labels for r, s, labels in self._told if (r, s) == (receiver, status)]

    def names(self, receiver, status="firing"):
        return {labels["alertname"] for labels in self.told(receiver, status)}

    def forget(self):
        with self._lock:
            self._told.clear()

    def remove(self):
        self._server.shutdown()
        self._server.server_close()


class Alertmanager:
    def __init__(self, config):
        self.folder = Path(tempfile.mkdtemp(prefix="headroom-alertmanager-"))
        self._config = self.folder / "alertmanager.yml"
        self._config.write_text(config, encoding="utf-8")
        self._process = None
        self.address = None

    def start(self):
        """A port that somebody else took meanwhile is tried again with another."""
        for _ in range(5):
            self.address = f"127.0.0.1:{free_port()}"
            if self._launch():
                return self
        raise AssertionError(f"Alertmanager did not start:\n{self._process.log()}")

    def _launch(self):
        self._process = Process(
            [
                PROGRAM,
                f"--config.file={self._config}",
                f"--storage.path={self.folder / 'data'}",
                f"--web.listen-address={self.address}",
                "--cluster.listen-address=",
                "--log.level=warn",
            ],
            self.folder / "log",
        )

        def ready():
            if not self._process.running():
                return "ended"
            return http_request(f"http://{self.address}/-/ready").status == 200 and "ready"

        return eventually(ready, "Alertmanager is ready") == "ready"

    def muted(self):
        """Names of the alerts that another alert mutes now."""
        found = json.loads(http_request(f"http://{self.address}/api/v2/alerts").body)
        return {a["labels"]["alertname"] for a in found if a["status"]["inhibitedBy"]}

    def log(self):
        return self._process.log()

    def remove(self):
        if self._process is not None:
            self._process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
