"""What stands in deploy/, as the tests need it."""

from pathlib import Path

import yaml

from support.adapter import rules_of

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
ADAPTER = DEPLOY / "prometheus-adapter"
HPAS = ("recommended", "backlog-per-worker", "backlog-per-worker-object")
# Each ScaledObject, and the HPA whose meaning it has.
SCALED_OBJECTS = {
    "recommended-prometheus": "recommended",
    "recommended-direct": "recommended",
    "backlog-per-worker": "backlog-per-worker",
}


def read(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def hpa(name):
    return read(DEPLOY / "hpa" / f"{name}.yaml")["spec"]


def scaled_object(name):
    return read(DEPLOY / "keda" / f"{name}.yaml")["spec"]


def adapter_rules():
    """Those of the workloads and of single queues."""
    return rules_of(read(ADAPTER / "values-queue-depth.yaml"))


def asked(metric):
    """Name, matchLabels and target of one of an HPA's metrics, whatever its type."""
    source = metric[metric["type"].lower()]
    labels = source["metric"].get("selector", {}).get("matchLabels", {})
    return source["metric"]["name"], labels, source["target"]


def answer(adapter, metric):
    """What the HPA gets for this metric of its list."""
    name, labels, _ = asked(metric)
    if metric["type"] == "External":
        return adapter.external(name, labels)
    described = metric["object"]["describedObject"]
    return adapter.of_object(described["kind"].lower() + "s", described["name"], name)
