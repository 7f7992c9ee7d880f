"""What may be asked for: the families of docs/metrics.md, recorded series, and a few of others."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| `(?P<name>[a-z_]+)` \| (?P<kind>gauge|counter) \| (?P<labels>[^|]*) \|", re.MULTILINE)
RECORD = re.compile(r"^\s*(?:-\s*)?record:\s*[\"']?([A-Za-z_:][\w:]*)", re.MULTILINE)

# Put on every series by the scrape.
SCRAPE_LABELS = {"cluster", "namespace", "job", "instance"}

# {metric: (labels, who makes it)}: not of the exporter, and none of the dashboards' own sections needs them
# to draw anything else.
FOREIGN = {
    "up": (set(), "Prometheus, for each scrape"),
    "scrape_duration_seconds": (set(), "Prometheus, for each scrape"),
    "ALERTS": (
        {"alertname", "alertstate", "severity", "target", "queue", "workload"},
        "Prometheus, for each alert of the rules",
    ),
    "kube_horizontalpodautoscaler_spec_min_replicas": ({"horizontalpodautoscaler"}, "kube-state-metrics"),
    "kube_horizontalpodautoscaler_spec_max_replicas": ({"horizontalpodautoscaler"}, "kube-state-metrics"),
    "kube_horizontalpodautoscaler_status_current_replicas": (
        {"horizontalpodautoscaler"},
        "kube-state-metrics",
    ),
    "kube_horizontalpodautoscaler_status_desired_replicas": (
        {"horizontalpodautoscaler"},
        "kube-state-metrics",
    ),
    "kube_horizontalpodautoscaler_status_condition": (
        {"horizontalpodautoscaler", "condition", "status"},
        "kube-state-metrics",
    ),
}


class Family(NamedTuple):
    kind: str
    labels: frozenset


def documented(path=ROOT / "docs" / "metrics.md"):
    """{family: type and labels} of the metrics reference."""
    rows = ROW.finditer(path.read_text(encoding="utf-8"))
    found = {
        row["name"]: Family(row["kind"], frozenset(re.findall(r"`(\w+)`", row["labels"]))) for row in rows
    }
    if not found:
        raise RuntimeError(f"{path}: no families")
    return found


def recorded(folder=ROOT / "alerts"):
    """The names that the rule files record; None while there are no rule files."""
    files = sorted(folder.glob("*.rules.yml"))
    if not files:
        return None
    return {name for file in files for name in RECORD.findall(file.read_text(encoding="utf-8"))}
