"""From an alert to the dashboard that shows what it is about, with variables that this dashboard has."""

import re
import urllib.parse

import pytest
import yaml
from checks import run
from checks.promql import selectors
from conftest import ROOT

BOARDS = {b.data["uid"]: b for b in run.load(run.default_paths()) if "__inputs" not in b.data}
GROUPS = [
    group
    for path in sorted((ROOT / "alerts").glob("*.rules.yml"))
    for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
]
RULES = [rule for group in GROUPS for rule in group["rules"]]
ALERTS = [rule for rule in RULES if "alert" in rule]
RECORDS = {rule["record"]: rule["expr"] for rule in RULES if "record" in rule}


def measured(expression):
    """The families that an expression comes from in the end, through all that rules record."""
    found = set()
    for name in {selector.name for selector in selectors(expression)}:
        found |= measured(RECORDS[name]) if name in RECORDS else {name}
    return found


DRAWN = {
    uid: set().union(*(measured(text) for _, _, text in board.queries())) for uid, board in BOARDS.items()
}


def link(alert):
    """(the dashboard, {variable: template})."""
    parts = urllib.parse.urlsplit(re.sub(r"{{[^}]*}}", "x", alert["annotations"]["dashboard_url"]))
    return parts.path.rsplit("/d/", 1)[1], urllib.parse.parse_qs(parts.query, strict_parsing=bool(parts.query))


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_an_alert_leads_to_a_dashboard_that_draws_what_it_is_about(alert):
    uid, variables = link(alert)
    assert uid in BOARDS
    known = {f"var-{variable['name']}" for variable in BOARDS[uid].variables()}
    assert variables.keys() - known == set()
    about = measured(alert["expr"])
    assert about == set() or about & DRAWN[uid], f"{uid} draws none of {sorted(about)}"


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_a_variable_is_filled_from_the_label_of_its_name(alert):
    for name, value in re.findall(r"var-(\w+)=({{[^}]*}})", alert["annotations"]["dashboard_url"]):
        assert value == f"{{{{ $labels.{name} | urlquery }}}}"


def test_there_are_alerts():
    assert len(ALERTS) > 40
