"""records.test.yml, with promtool itself."""

import re
import subprocess

import yaml

import rulebook


def test_records():
    done = subprocess.run(
        ["promtool", "test", "rules", "records.test.yml"],
        cwd=rulebook.ROOT / "test/alerts",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_documented_record_for_a_workload_without_a_group():
    """What docs/alerts.md says to put into limits.rules.yml, in the place of the record of that name."""
    text = (rulebook.ROOT / "docs/alerts.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```yaml\n(- record: .*?)```", text, re.DOTALL)
    (rule,) = yaml.safe_load(block)
    groups = rulebook.load_groups()
    for group in groups:
        group["rules"] = [rule if r.get("record") == rule["record"] else r for r in group["rules"]]
    replicas = 'kube_deployment_status_replicas_ready{namespace="shop",deployment="%s"}'
    test = {
        "name": "documented",
        "interval": f"{rulebook.STEP}s",
        "input_series": [
            {"series": 'headroom_workload_live_workers{workload="decisions"}', "values": "7x9"},
            {"series": replicas % "refund-workers", "values": "4x9"},
            {"series": replicas % "decisions", "values": "9x9"},
        ],
        "promql_expr_test": [
            {
                "expr": rule["record"],
                "eval_time": "2m",
                "exp_samples": [
                    {"labels": rule["record"] + '{workload="decisions"}', "value": 7},
                    {"labels": rule["record"] + '{workload="refunds"}', "value": 4},
                ],
            }
        ],
    }
    passed, said = rulebook.promtool_test(groups, [test])
    assert passed, said
