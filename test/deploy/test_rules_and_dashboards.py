"""The chart's rules and dashboards are those of alerts/ and dashboards/."""

import json
import shutil
import sys

import pytest
import yaml
from kube import ROOT, one, render, run, with_config

GENERATE = ROOT / "deploy" / "generate"
AGE = "queue:headroom_queue_oldest_message_age_seconds"


@pytest.fixture
def promtool():
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed (Debian package: prometheus)")
    return "promtool"


def rule_of(**values):
    return one(render(with_config(prometheusRule={"enabled": True, **values})), "PrometheusRule")


def rules(rule, key):
    """name -> rule, of the alerts or records."""
    return {r[key]: r for group in rule["spec"]["groups"] for r in group["rules"] if key in r}


def generate(*arguments):
    return run(sys.executable, "-B", GENERATE, *arguments)


def test_the_copies_in_the_chart_are_those_that_generate_writes():
    ran = generate("--check")
    assert (ran.returncode, ran.stderr) == (0, "")


def test_a_changed_a_missing_and_a_foreign_copy_are_told_and_mended(tmp_path):
    generate("--output", tmp_path)
    (tmp_path / "rules" / "limits.rules.yml").write_text("groups: []\n")
    (tmp_path / "dashboards" / "headroom-queues.json").unlink()
    (tmp_path / "rules" / "other.rules.yml").write_text("")
    ran = generate("--check", "--output", tmp_path)
    told = [line.split(":")[0] for line in ran.stderr.splitlines()]
    assert ran.returncode == 1
    assert told == ["dashboards/headroom-queues.json", "rules/limits.rules.yml", "rules/other.rules.yml"]
    generate("--output", tmp_path)
    assert generate("--check", "--output", tmp_path).returncode == 0


def test_the_rules_are_those_of_alerts():
    ours = rule_of()["spec"]["groups"]
    theirs = yaml.safe_load((ROOT / "alerts" / "prometheusrule.yaml").read_text())["spec"]["groups"]
    assert len(ours) == len(theirs) > 10
    for mine, other in zip(ours, theirs):
        assert mine == other


def test_links_lead_where_the_values_say():
    rule = rule_of(runbooks="https://wiki.internal/headroom", dashboards="https://grafana.internal")
    text = json.dumps(rule)
    assert "docs.example" not in text and "grafana.example" not in text
    late = rules(rule, "alert")["HeadroomWorkloadLate"]["annotations"]
    assert late["runbook_url"] == "https://wiki.internal/headroom#headroomworkloadlate"
    assert late["dashboard_url"].startswith("https://grafana.internal/d/headroom-autoscaling?var-workload={{ $labels.workload")


def test_disabled_alerts_are_left_out_and_nothing_else():
    every, less = rule_of(), rule_of(disabledAlerts=["HeadroomNoWorkers", "HeadroomTargetGone"])
    assert set(rules(every, "alert")) - set(rules(less, "alert")) == {"HeadroomNoWorkers", "HeadroomTargetGone"}
    assert rules(every, "record") == rules(less, "record")


def played(promtool, rule, record, series, expected, tmp_path):
    """promtool: the record alone, on the series, has the expected samples."""
    (tmp_path / "r.yml").write_text(json.dumps({"groups": [{"name": "g", "rules": [rules(rule, "record")[record]]}]}))
    test = {
        "rule_files": ["r.yml"],
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": s, "values": f"{v}x5"} for s, v in series.items()],
                "promql_expr_test": [
                    {
                        "expr": record,
                        "eval_time": "3m",
                        "exp_samples": [{"labels": f"{record}{{{labels}}}", "value": value} for labels, value in expected.items()],
                    }
                ],
            }
        ],
    }
    (tmp_path / "t.yml").write_text(json.dumps(test))
    ran = run(promtool, "test", "rules", tmp_path / "t.yml")
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_first_limit_that_matches_counts(promtool, tmp_path):
    limits = {f"{AGE}:limit": [{"match": 'queue="nightly"', "value": 14400}, {"match": 'queue=~"n.*"', "value": 1800}]}
    ages = {f'{AGE}:max{{queue="{queue}"}}': 7 for queue in ("nightly", "news", "orders")}
    expected = {'queue="nightly"': 14400, 'queue="news"': 1800, 'queue="orders"': 600}
    played(promtool, rule_of(limits=limits), f"{AGE}:limit", ages, expected, tmp_path)


def test_a_limit_without_matchers_is_the_new_default(promtool, tmp_path):
    rule = rule_of(limits={f"{AGE}:limit": [{"value": 900.5}]})
    played(promtool, rule, f"{AGE}:limit", {f'{AGE}:max{{queue="a"}}': 7}, {'queue="a"': 900.5}, tmp_path)


def test_every_limit_can_be_set(promtool, tmp_path):
    names = [name for name in rules(rule_of(), "record") if name.endswith(":limit")]
    assert len(names) > 10
    rule = rule_of(limits={name: [{"match": 'target="a"', "value": 1}] for name in names})
    (tmp_path / "r.yml").write_text(json.dumps({"groups": rule["spec"]["groups"]}))
    ran = run(promtool, "check", "rules", "--lint-fatal", tmp_path / "r.yml")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for name in names:
        assert '{target="a"} * 0 + 1 and (\n' in rules(rule, "record")[name]["expr"]


def test_a_limit_reaches_only_what_has_one_by_the_default(promtool, tmp_path):
    usage = "pool:headroom_pool_usage"
    ratios = {f'{usage}:ratio{{scope="{scope}",system="pgbouncer"}}': 1 for scope in ("server", "pool")}
    rule = rule_of(limits={f"{usage}:limit": [{"value": 0.7}]})
    played(promtool, rule, f"{usage}:limit", ratios, {'scope="server",system="pgbouncer"': 0.7}, tmp_path)


def test_a_group_without_alerts_is_left_out():
    rule = rule_of(disabledAlerts=["HeadroomWorkersStale", "HeadroomWorkerStuck"])
    assert all(group["rules"] for group in rule["spec"]["groups"])
    assert "headroom-workers-alerts" not in {group["name"] for group in rule["spec"]["groups"]}


def test_workers_of_a_workload_without_a_group_are_those_of_the_values(promtool, tmp_path):
    workers = {"decisions": {"group": "deciders", "target": "main"}, "refunds": {"deployment": "refunder", "namespace": "shop"}}
    series = {
        'group:headroom_workers_live:max{group="deciders",target="main"}': 3,
        'group:headroom_workers_live:max{group="deciders",target="other"}': 8,
        'kube_deployment_status_replicas_ready{deployment="refunder",namespace="shop"}': 4,
        'kube_deployment_status_replicas_ready{deployment="refunder",namespace="test"}': 9,
        'workload:headroom_workload_live_workers:max{workload="mails"}': 5,
    }
    expected = {'workload="decisions"': 3, 'workload="refunds"': 4, 'workload="mails"': 5}
    played(promtool, rule_of(actualWorkers=workers), "workload:headroom_actual_workers:max", series, expected, tmp_path)


def test_dashboards_are_configmaps_that_grafana_finds():
    manifests = render(with_config(dashboards={"enabled": True}))
    found = {
        name: (text, m["metadata"])
        for m in manifests
        if m["kind"] == "ConfigMap" and "grafana_dashboard" in m["metadata"]["labels"]
        for name, text in m["data"].items()
    }
    sources = {path.name: path.read_text() for path in (ROOT / "dashboards" / "provisioned").glob("*.json")}
    assert {name: text for name, (text, _) in found.items()} == sources
    for _, metadata in found.values():
        assert metadata["labels"]["grafana_dashboard"] == "1" and metadata["annotations"] == {"grafana_folder": "headroom"}
    assert len({m["metadata"]["name"] for m in manifests if m["kind"] == "ConfigMap"}) == len(sources) + 1
