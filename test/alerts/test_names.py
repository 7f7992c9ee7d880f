"""What stands in two places: metrics and their reference, alerts and runbooks, both forms of the rules."""

import re
import subprocess

import pytest
import yaml

import rulebook

GROUPS = rulebook.load_groups()
ALERTS = rulebook.alerts(GROUPS)
RECORDS = rulebook.records(GROUPS)
REFERENCE = (rulebook.ROOT / "docs/metrics.md").read_text(encoding="utf-8")
FROM_OTHERS = {
    "up": "Prometheus",
    "scrape_duration_seconds": "Prometheus",
}
TARGET = {"cluster", "namespace", "job", "target", "system"}
LEVELS = {
    "workload": {"workload", "by"},
    "queue": TARGET | {"vhost", "db", "queue", "consumer_group", "state"},
    "group": TARGET | {"group", "state"},
    "pool": TARGET | {"scope", "pool", "database", "user", "state"},
    "target": TARGET | {"part", "reason"},
    "database": TARGET | {"datname"},
}


def documented():
    """{family: its labels} from the tables of docs/metrics.md."""
    rows = re.findall(r"^\| `([a-z_]+)` \| (?:gauge|counter) \| ([^|]*) \|", REFERENCE, re.MULTILINE)
    assert len(rows) > 100
    return {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows}


def rule_id(rule):
    return rule.get("alert") or rule["record"]


def test_every_metric_is_documented_or_recorded():
    known = set(documented()) | {r["record"] for r in RECORDS} | set(FROM_OTHERS)
    unknown = {
        (rule_id(rule), metric)
        for rule in [*RECORDS, *ALERTS.values()]
        for metric in rulebook.metrics_in(rule["expr"])
        if metric not in known
    }
    assert unknown == set()


def test_every_alert_that_the_documents_name_exists():
    for name in ["alerts.md", "runbooks.md", "kubernetes.md", "autoscaling.md", "metrics.md"]:
        page = rulebook.ROOT / "docs" / name
        named = set(re.findall(r"\bHeadroom[A-Z]\w+", page.read_text(encoding="utf-8")))
        assert named <= set(ALERTS), page


def test_every_expression_reads_something():
    assert [rule_id(r) for r in [*RECORDS, *ALERTS.values()] if not rulebook.metrics_in(r["expr"])] == [
        "HeadroomWatchdog"
    ]


def test_every_label_in_a_case_is_documented():
    """A case typed in with a label that the exporter does not write would prove nothing."""
    families = documented()
    for name, case in rulebook.cases().items():
        for series in case["series"]:
            family, _, labels = series.partition("{")
            if family not in FROM_OTHERS:
                given = set(re.findall(r'(\w+)="', labels))
                # Prometheus adds the instance.
                assert given - {"instance"} <= families[family], f"{name}: {series}"


def test_a_record_says_of_what_it_is_and_keeps_those_labels_only():
    for rule in RECORDS:
        level = rule["record"].split(":")[0]
        for labels in re.findall(r"max by \(([^)]*)\)", rule["expr"]):
            assert set(labels.replace(" ", "").split(",")) <= LEVELS[level], rule["record"]


def test_a_division_has_a_divisor_above_zero():
    for rule in [*RECORDS, *ALERTS.values()]:
        expression = re.sub(r'"[^"]*"', '""', rule["expr"]).replace("\n", " ")
        for divisor in re.findall(r"/\s*(.*)", expression):
            divisor = re.sub(r"^(on|ignoring)\s*\([^)]*\)\s*(group_left\s*\(\)\s*)?", "", divisor.strip())
            assert re.match(r"\((rate|max by|[a-z]+:)[^>]*>", divisor), f"{rule_id(rule)}: / {divisor}"


@pytest.mark.parametrize("name", sorted(ALERTS))
def test_alert_has_its_labels_and_annotations(name):
    rule = ALERTS[name]
    severities = {"none"} if name == "HeadroomWatchdog" else {"critical", "warning"}
    assert rule["labels"]["severity"] in severities
    assert re.fullmatch(r"[a-z]+", rule["labels"]["component"])
    assert set(rule["annotations"]) == {"summary", "description", "runbook_url", "dashboard_url"}
    assert "{{" not in rule["annotations"]["summary"]
    assert rule["annotations"]["runbook_url"].endswith("/runbooks#" + name.lower())
    assert "/d/headroom-" in rule["annotations"]["dashboard_url"]


def test_runbooks_have_one_section_per_alert_and_no_other():
    text = (rulebook.ROOT / "docs/runbooks.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL))
    assert set(sections) == set(ALERTS)
    for name, section in sections.items():
        assert re.findall(r"^- \*\*(\w+)\*\*:", section, re.MULTILINE) == ["Means", "Check", "Act"], name


def test_runbooks_name_limits_that_are_recorded():
    text = (rulebook.ROOT / "docs/runbooks.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+:\w+:\w+)`", text))
    assert named
    assert named <= {r["record"] for r in RECORDS}


def test_every_limit_is_used_by_an_alert():
    limits = {r["record"] for r in RECORDS if r["record"].endswith(":limit")}
    used = {m for rule in ALERTS.values() for m in rulebook.metrics_in(rule["expr"])}
    assert limits <= used


def test_prometheusrule_is_what_generate_writes():
    done = subprocess.run(
        [rulebook.ROOT / "alerts/generate", "--check"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_prometheusrule_has_the_same_groups():
    """Read as YAML, which the generator does not do."""
    page = yaml.safe_load((rulebook.ROOT / "alerts/prometheusrule.yaml").read_text(encoding="utf-8"))
    assert (page["apiVersion"], page["kind"]) == ("monitoring.coreos.com/v1", "PrometheusRule")
    assert page["spec"]["groups"] == GROUPS


def test_generate_puts_in_the_addresses_of_the_site(tmp_path):
    output = tmp_path / "rule.yaml"
    subprocess.run(
        [
            rulebook.ROOT / "alerts/generate",
            "--runbooks=https://r.test/x",
            "--dashboards=https://g.test",
            f"--output={output}",
        ],
        timeout=60,
        check=True,
    )
    rules = rulebook.alerts(yaml.safe_load(output.read_text(encoding="utf-8"))["spec"]["groups"])
    for rule in rules.values():
        assert rule["annotations"]["runbook_url"].startswith("https://r.test/x#")
        assert rule["annotations"]["dashboard_url"].startswith("https://g.test/d/")


def test_promtool_has_nothing_to_say():
    done = subprocess.run(
        ["promtool", "check", "rules", "--lint=all", "--lint-fatal", *map(str, rulebook.RULE_FILES)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
