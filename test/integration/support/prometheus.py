"""Debian's Prometheus, scraping into a folder of its own."""

import json
import shutil
import signal
import tempfile
import urllib.parse
from pathlib import Path

from support.process import Process
from support.waiting import eventually, free_port, http_request

CONFIG = """\
global:
  scrape_interval: {interval}
  scrape_timeout: {interval}
  evaluation_interval: {interval}
scrape_configs:
"""
JOB = """\
  - job_name: {job}
    honor_labels: {honest}
    static_configs:
      - targets: {addresses}
        labels: {labels}
"""


def job(name, addresses, labels=None, honest=False):
    return JOB.format(
        job=name,
        honest=json.dumps(honest),
        addresses=json.dumps(addresses),
        labels=json.dumps(labels or {}),
    )


class Prometheus:
    """Scrapes the exporters at `addresses` as the job headroom.

    `rules`: rule files, evaluated as often as is scraped. `labels`: put on every series of headroom.
    `others`: {job: address}, whose own labels stay. `more`: further text of prometheus.yml; `files`:
    {name: text} beside it. `root`: run the one of that tree, by chroot(8).
    """

    def __init__(
        self,
        *addresses,
        interval="1s",
        preferred_port=0,
        rules=(),
        labels=None,
        others=None,
        more="",
        files=None,
        flags=(),
        root=None,
    ):
        base = root / "tmp" if root else None
        self.folder = Path(tempfile.mkdtemp(prefix="headroom-prometheus-", dir=base))
        self._prefix = ["chroot", root] if root else []
        self._inside = Path("/") / self.folder.relative_to(root) if root else self.folder
        (self.folder / "rules").mkdir()
        self._copy(rules)
        for name, text in (files or {}).items():
            (self.folder / name).write_text(text, encoding="utf-8")
        self._interval = interval
        self._labels = labels
        self._more = "".join(job(name, [address], honest=True) for name, address in (others or {}).items())
        if rules:
            self._more += f'rule_files: ["{self._inside}/rules/*.rules.yml"]\n'
        self._more += more
        self._write(addresses)
        self._flags = flags
        self._preferred_port = preferred_port
        self._process = None
        self.base = None

    def _copy(self, rules):
        for path in rules:
            shutil.copy(path, self.folder / "rules")

    def _write(self, addresses):
        text = CONFIG.format(interval=self._interval) + job("headroom", addresses, self._labels)
        (self.folder / "prometheus.yml").write_text(text + self._more, encoding="utf-8")

    def reload(self, rules):
        """With these rule files in the place of those of the same names."""
        self._copy(rules)
        self._process.signal(signal.SIGHUP)

    def scrape_only(self, *addresses):
        """Reloads with these exporters in the place of all others."""
        self._write(addresses)
        self._process.signal(signal.SIGHUP)

    def start(self):
        for _ in range(5):
            self.base = f"http://127.0.0.1:{free_port(self._preferred_port)}"
            if self._launch():
                return self
        raise AssertionError(f"prometheus did not start:\n{self._process.log()}")

    def restart(self):
        """After kill(): the same port and data again."""
        eventually(self._launch, f"prometheus again at {self.base}")

    def _launch(self):
        self._process = Process(
            [
                *self._prefix,
                "prometheus",
                f"--config.file={self._inside / 'prometheus.yml'}",
                f"--storage.tsdb.path={self._inside / 'data'}",
                f"--web.listen-address={self.base.removeprefix('http://')}",
                "--log.level=warn",
                *self._flags,
            ],
            self.folder / "log",
        )

        def ready():
            if not self._process.running():
                return "ended"
            return http_request(self.base + "/-/ready").status == 200 and "ready"

        return eventually(ready, "prometheus is ready") == "ready"

    def running(self):
        return self._process.running()

    def log(self):
        return self._process.log()

    def api(self, path, **parameters):
        """What /api/v1/`path` answers under "data"; a list as a parameter is repeated."""
        query = urllib.parse.urlencode(parameters, doseq=True)
        answer = http_request(f"{self.base}/api/v1/{path}?{query}")
        assert answer.status == 200, answer.body
        return json.loads(answer.body)["data"]

    def query(self, expression):
        """Instant vector: a list of (labels, value)."""
        result = self.api("query", query=expression)["result"]
        return [(row["metric"], float(row["value"][1])) for row in result]

    def value(self, expression):
        rows = self.query(expression)
        assert len(rows) == 1, f"{expression}: {rows}"
        return rows[0][1]

    def firing(self):
        """Names of the alerts that fire."""
        rows = self.query('group by (alertname) (ALERTS{alertstate="firing"})')
        return {labels["alertname"] for labels, _ in rows}

    def scrape_error(self):
        """What Prometheus says about its last scrape; empty when it liked the page."""
        targets = self.api("targets")
        assert targets["activeTargets"], "not scraped yet"
        return targets["activeTargets"][0]["lastError"]

    def kill(self):
        self._process.kill()

    def remove(self):
        if self._process is not None:
            self._process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
