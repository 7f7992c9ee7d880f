"""The shipped rules and routes with all times divided by one factor; nothing else of them changes.

Thresholds stay what they are, those in seconds too: a fault is as bad as in production, only its
history is short.
"""

import json
import re
from pathlib import Path

import yaml

ALERTS = Path(__file__).resolve().parents[3] / "alerts"
PART = re.compile(r"(\d+)(ms|s|m|h|d)")
MILLISECONDS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
TIME = r"(?:\d+(?:ms|s|m|h|d))+"
IN_EXPRESSION = re.compile(rf"(?<=\[){TIME}(?=\])|(?<=\boffset ){TIME}")
PREDICTED = re.compile(r"(predict_linear\((?:[^()]|\([^()]*\))*, )(\d+) \* 3600\)")
ROUTE_TIMES = {"resolve_timeout", "group_wait", "group_interval", "repeat_interval"}


def shorter(text, factor):
    """'5m' by 20 -> '15000ms'."""
    parts = PART.findall(text)
    assert "".join(n + u for n, u in parts) == text, text
    return f"{sum(int(n) * MILLISECONDS[u] for n, u in parts) // factor}ms"


def expression(text, factor):
    text = PREDICTED.sub(lambda m: f"{m[1]}{int(m[2]) * 3600 / factor})", text)
    return IN_EXPRESSION.sub(lambda m: shorter(m[0], factor), text)


def rule(source, factor):
    held = ("for", "keep_firing_for")
    times = {k: shorter(source[k], factor) for k in held if k in source}
    return {**source, **times, "expr": expression(source["expr"], factor)}


def groups(factor):
    """{name of the file: text} of all rule files; all evaluated at the global interval."""
    files = {}
    for path in sorted(ALERTS.glob("*.rules.yml")):
        page = yaml.safe_load(path.read_text(encoding="utf-8"))
        for group in page["groups"]:
            group.pop("interval", None)
            group["rules"] = [rule(r, factor) for r in group["rules"]]
        files[path.name] = json.dumps(page)
    return files


def _times(source, factor):
    return {k: shorter(v, factor) if k in ROUTE_TIMES else v for k, v in source.items()}


def _route(source, factor):
    route = _times(source, factor)
    if "routes" in source:
        route["routes"] = [_route(r, factor) for r in source["routes"]]
    return route


def routes(factor, sink):
    """alertmanager.example.yml as JSON, each receiver a webhook at `sink` + "/" + its name."""
    page = yaml.safe_load((ALERTS / "alertmanager.example.yml").read_text(encoding="utf-8"))
    page["global"] = _times(page["global"], factor)
    page["route"] = _route(page["route"], factor)
    page["receivers"] = [
        {"name": name, "webhook_configs": [{"url": f"{sink}/{name}", "send_resolved": True}]}
        for name in (r["name"] for r in page["receivers"])
    ]
    return json.dumps(page)
