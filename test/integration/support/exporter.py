"""The exporter under test, as a process."""

import json
import os
import re
import signal
import subprocess
import time

from support.exposition import parse
from support.process import Ended, Process
from support.waiting import PATIENCE, eventually, http_request

BINARY = os.environ.get("HEADROOM_BINARY", "")

# In logfmt `level=info msg="listening" address=127.0.0.1:41234`, the same keys in JSON.
LISTENING = re.compile(r'msg="?listening"?.*?address="?(?P<address>[^\s"]+)')

# Characters of a page in a failure's message.
PAGE_SHOWN = 20_000

# A scraper that waits longer than any target's timeout, as Prometheus' own default does.
PATIENT = {"X-Prometheus-Scrape-Timeout-Seconds": "10"}


def run_once(*flags, env=None, timeout=PATIENCE):
    """Runs the binary to its end; returns the CompletedProcess with text output."""
    return subprocess.run(
        [BINARY, *map(str, flags)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=timeout,
        env={**os.environ, **(env or {})},
        check=False,
    )


class Exporter:
    """`config` is the text of its file; None: it gets no file."""

    def __init__(self, folder, config, *flags, env=None, binary=BINARY, port=0):
        self.folder = folder
        self.config_path = folder / "headroom.toml"
        self._command = [binary, f"--web.listen-address=127.0.0.1:{port}", *flags]
        self._env = {**os.environ, **(env or {})}
        self._process = None
        self.base = None
        if config is not None:
            self._command.append(f"--config.file={self.config_path}")
            self.write_config(config)

    def write_config(self, text):
        self.config_path.write_text(text, encoding="utf-8")

    def start(self):
        self._process = Process(self._command, self.folder / "exporter.log", env=self._env)
        self.base = "http://" + eventually(self._address, "the exporter listens")
        return self

    def _address(self):
        if not self._process.running():
            raise Ended(f"the exporter ended at once; its log:\n{self.log()}")
        for line in self.log().splitlines():
            if line.startswith("{") and json.loads(line).get("msg") == "listening":
                return json.loads(line)["address"]
            match = LISTENING.search(line)
            if match:
                return match.group("address")
        return None

    @property
    def pid(self):
        return self._process.pid

    def running(self):
        return self._process.running()

    def log(self):
        return self._process.log()

    def get(self, path, method="GET", headers=None):
        return http_request(self.base + path, method, headers)

    def scrape(self, path="/metrics", headers=PATIENT):
        """The page, parsed strictly."""
        answer = self.get(path, headers=headers)
        received = time.monotonic()
        assert answer.status == 200, f"{answer.status}: {answer.body}"
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        assert int(answer.headers["content-length"]) == len(answer.raw)
        page = parse(answer.body)
        page.seconds = answer.seconds
        page.received = received
        page.text = answer.body
        return page

    def until(self, condition, what, timeout=PATIENCE):
        """Scrapes until condition(page) holds; returns that page. A failure shows the last page and the log."""
        last = None

        def attempt():
            nonlocal last
            last = self.scrape()
            return condition(last)

        try:
            eventually(attempt, what, timeout)
        except AssertionError as error:
            page = "" if last is None else last.text[:PAGE_SHOWN]
            raise AssertionError(f"{error}\n{page}\n{self.log()}") from None
        return last

    def signal(self, number):
        self._process.signal(number)

    def stop(self):
        """SIGTERM; a clean exit. Returns the seconds that it took."""
        self._process.signal(signal.SIGTERM)
        code, seconds = self._process.wait()
        assert code == 0, f"exit code {code}:\n{self.log()}"
        return seconds

    def kill(self):
        self._process.kill()

    def remove(self):
        """Ends it, however the test went; a test that got here clean also gets a clean stop."""
        if self._process is None or not self._process.running():
            return
        self._process.resume()
        self._process.signal(signal.SIGTERM)
        try:
            code, _ = self._process.wait()
            assert code == 0, f"exit code {code}:\n{self.log()}"
        finally:
            self._process.kill()
