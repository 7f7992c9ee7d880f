"""The rule files and the cases as data, and promtool runs on them."""

import json
import re
import subprocess
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
RULE_FILES = sorted((ROOT / "alerts").glob("*.rules.yml"))
STEP = 30  # seconds between two samples, and between two evaluations
DURATION = re.compile(r"(\d+)(ms|s|m|h|d|w|y)")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(text):
    """'5m' -> 300."""
    if not text:
        return 0
    parts = DURATION.findall(str(text))
    assert "".join(n + u for n, u in parts) == str(text), text
    return sum(int(n) * SECONDS[u] for n, u in parts)


def load_groups(files=None):
    """All groups of the rule files, in the order of their files."""
    groups = []
    for path in files or RULE_FILES:
        groups += yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
    return groups


def ordered(groups):
    """Groups in the order in which one evaluation feeds the next: records, limits, alerts."""

    def rank(group):
        if group["name"] == "headroom-limits":
            return 1
        if group["name"] == "headroom-actual-workers":
            return 2
        return 3 if group["name"].endswith("-alerts") else 0

    return sorted(groups, key=rank)


def alerts(groups=None):
    """{name: rule} of all alerts."""
    return {r["alert"]: r for g in groups or load_groups() for r in g["rules"] if "alert" in r}


def records(groups=None):
    """[rule] of all recording rules; a name may have several."""
    return [r for g in groups or load_groups() for r in g["rules"] if "record" in r]


def cases():
    """{title: case} of all case files.

    A title is the name of an alert and, when it has several cases, what is special about this one.
    """
    found = {}
    for path in sorted((ROOT / "test/alerts/cases").glob("*.yml")):
        for title, case in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            assert title not in found, f"two cases are called {title}"
            found[title] = case
    return found


def record_tests():
    """The tests of records.test.yml."""
    text = (ROOT / "test/alerts/records.test.yml").read_text(encoding="utf-8")
    return yaml.safe_load(text)["tests"]


def metrics_in(expression):
    """Names of the series that an expression reads."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', '""', expression)
    bare = re.sub(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", " ", bare)
    bare = re.sub(r"\{[^}]*\}", " ", bare)
    bare = re.sub(r"\[[^\]]*\]", " ", bare)
    words = re.findall(r"(?<![\w:.])([a-zA-Z_][\w:]*)(?!\s*\(|[\w:])", bare)
    return set(words) - {"and", "or", "unless", "offset", "bool", "m", "h", "s"}


def needed(groups, names):
    """The groups cut down to the alerts `names` and the records that they read, however indirectly."""
    by_record = {}
    for rule in records(groups):
        by_record.setdefault(rule["record"], []).append(rule)
    wanted = set()
    queue = [alerts(groups)[n] for n in names]
    while queue:
        for metric in metrics_in(queue.pop()["expr"]):
            if metric in by_record and metric not in wanted:
                wanted.add(metric)
                queue += by_record[metric]
    cut = []
    for group in groups:
        rules = [r for r in group["rules"] if r.get("alert") in names or r.get("record") in wanted]
        if rules:
            cut.append({**group, "rules": rules})
    return cut


def alert_of(title):
    """The alert that a case is about."""
    return title.split()[0]


def promtool_test(groups, tests, timeout=300):
    """(passed, what promtool said) for tests on groups."""
    groups = ordered(groups)
    with tempfile.TemporaryDirectory(prefix="headroom-rules-") as folder:
        Path(folder, "rules.json").write_text(json.dumps({"groups": groups}), encoding="utf-8")
        named = [{k: v for k, v in t.items() if k != "name"} | {"name": t["name"]} for t in tests]
        page = {
            "rule_files": ["rules.json"],
            "evaluation_interval": f"{STEP}s",
            "group_eval_order": [g["name"] for g in groups],
            "tests": named,
        }
        test = Path(folder, "test.json")
        test.write_text(json.dumps(page), encoding="utf-8")
        done = subprocess.run(
            ["promtool", "test", "rules", str(test)],
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        return done.returncode == 0, done.stdout + done.stderr
