"""prometheus-adapter itself, in front of a Prometheus, as an HPA would ask it."""

import http.client
import json
import re
import shutil
import ssl
import subprocess
import tempfile
import urllib.parse
from fractions import Fraction
from pathlib import Path

from support.kubernetes_api import TOKEN
from support.process import Process
from support.waiting import PATIENCE, eventually, free_port

ROOT = Path(__file__).resolve().parents[3]
INSTALL = ROOT / "scripts" / "install-tools"
NAME = "prometheus-adapter"
KUBECONFIGS = ("lister", "authentication", "authorization")

# A Kubernetes quantity: digits, then a power of 1000.
QUANTITY = re.compile(r"(-?\d+(?:\.\d+)?)([numkMGTPE]?)")
SUFFIXES = ("n", "u", "m", "", "k", "M", "G", "T", "P", "E")
POWERS = {suffix: power - SUFFIXES.index("") for power, suffix in enumerate(SUFFIXES)}

# The adapter signs its own certificate.
UNVERIFIED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
UNVERIFIED.check_hostname = False
UNVERIFIED.verify_mode = ssl.CERT_NONE


def binary():
    """Where scripts/install-tools has put it; None: it is not built."""
    done = subprocess.run([INSTALL, "--path", NAME], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def quantity(text):
    number, suffix = QUANTITY.fullmatch(text).groups()
    return Fraction(number) * Fraction(1000) ** POWERS[suffix]


def rules_of(values):
    """The adapter's own configuration, as its chart makes it of these Helm values."""
    rules = values["rules"]
    assert rules["default"] is False, "the chart's own rules are not ours"
    return {"rules": rules.get("custom", []), "externalRules": rules.get("external", [])}


class Answer:
    """What the metrics API said: a status, and values where that is 200."""

    def __init__(self, status, body):
        self.status = status
        self.body = body

    @property
    def values(self):
        """Of a list of metrics, each value as the HPA has it; None: it was not answered."""
        if self.status != 200:
            return None
        return [quantity(item["value"]) for item in self.body["items"]]

    def __repr__(self):
        return f"{self.status} {json.dumps(self.body)[:400]}"


class Adapter:
    """`rules`: see rules_of. Names are listed anew every `relist`; `max_age` is how far back."""

    def __init__(self, program, prometheus, kubernetes, rules, relist="1s", max_age="5m"):
        self.folder = Path(tempfile.mkdtemp(prefix="headroom-adapter-"))
        self._process = None
        self.port = None
        (self.folder / "kubeconfig").write_text(kubernetes.kubeconfig, encoding="utf-8")
        # JSON is YAML.
        (self.folder / "rules.yaml").write_text(json.dumps(rules), encoding="utf-8")
        self._command = [
            program,
            f"--config={self.folder / 'rules.yaml'}",
            f"--prometheus-url={prometheus.base}",
            f"--metrics-relist-interval={relist}",
            f"--metrics-max-age={max_age}",
            *(f"--{who}-kubeconfig={self.folder / 'kubeconfig'}" for who in KUBECONFIGS),
            # The API server's own way of asking in somebody's name needs its certificates.
            "--authentication-skip-lookup",
            "--bind-address=127.0.0.1",
            f"--cert-dir={self.folder / 'certificates'}",
            "--v=2",
        ]

    def start(self):
        """A port that somebody else took meanwhile is tried again with another."""
        for _ in range(5):
            self.port = free_port()
            if self._launch():
                return self
        raise AssertionError(f"{NAME} did not start:\n{self.log()}")

    def restart(self):
        """After kill(): the same port again."""
        eventually(self._launch, f"{NAME} again on port {self.port}")

    def _launch(self):
        command = [*self._command, f"--secure-port={self.port}"]
        self._process = Process(command, self.folder / "log")

        def ready():
            if not self._process.running():
                return "ended"
            return self.get("/readyz", as_json=False).status == 200 and "ready"

        return eventually(ready, f"{NAME} is ready", 2 * PATIENCE) == "ready"

    def get(self, path, token=TOKEN, as_json=True):
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self.port, timeout=PATIENCE, context=UNVERIFIED
        )
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
            answer = connection.getresponse()
            body = answer.read()
            return Answer(answer.status, json.loads(body) if as_json else body.decode())
        finally:
            connection.close()

    def external(self, name, labels=None, namespace="default"):
        """An HPA's External metric with these matchLabels."""
        path = f"/apis/external.metrics.k8s.io/v1beta1/namespaces/{namespace}/{name}"
        selector = ",".join(f"{key}={value}" for key, value in (labels or {}).items())
        return self.get(f"{path}?{urllib.parse.urlencode({'labelSelector': selector})}")

    def of_object(self, resource, of, name, version="v1beta2", namespace="default"):
        """An HPA's Object metric. The HPA takes the newest version that is registered."""
        place = f"/apis/custom.metrics.k8s.io/{version}/namespaces/{namespace}"
        return self.get(f"{place}/{resource}/{of}/{name}")

    def names(self, kind="external"):
        """The metrics that it lists."""
        answer = self.get(f"/apis/{kind}.metrics.k8s.io/v1beta1")
        if answer.status != 200:
            return None
        return {resource["name"] for resource in answer.body["resources"]}

    def running(self):
        return self._process.running()

    def log(self):
        return self._process.log()

    def kill(self):
        self._process.kill()

    def remove(self):
        if self._process is not None:
            self._process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
