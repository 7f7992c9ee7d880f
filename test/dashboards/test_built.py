"""The dashboards of this repository hold every rule, and stand and fall with the metrics reference."""

import re

import pytest
from checks import run, sources
from checks.promql import selectors
from conftest import ROOT

BOARDS = run.load(run.default_paths())
PROVISIONED = [board for board in BOARDS if "__inputs" not in board.data]
# Grafana's first screen at 1440x900 holds 22 rows of its grid: (900 - 2 * 16) / 38.
FIRST_SCREEN = 22


def names(board):
    """Every metric that the dashboard asks for."""
    texts = [text for _, _, text in board.queries()] + [a["expr"] for a in board.annotations()]
    return {selector.name for text in texts for selector in selectors(text)}


USED = set().union(*map(names, PROVISIONED))
RECORDED = {name for name in USED if ":" in name}


def test_both_builds_of_all_dashboards_hold_every_rule():
    found, unused = run.findings(BOARDS, run.project_exclusions(), recorded=sources.recorded())
    assert list(map(str, found)) == []
    assert unused == []


def test_every_recorded_series_is_recorded_by_a_rule():
    assert RECORDED - sources.recorded() == set()


def test_the_watchdog_by_which_the_overview_knows_that_there_are_rules_is_one():
    files = sorted((ROOT / "alerts").glob("*.rules.yml"))
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    alerts = set(re.findall(r"alert: (\w+)", text))
    assert "HeadroomWatchdog" in alerts
    assert {name for name in alerts if not name.startswith("Headroom")} == set()


@pytest.mark.parametrize("name", sorted(USED - RECORDED - sources.FOREIGN.keys()))
def test_a_metric_that_is_renamed_in_the_reference_fails(name):
    families = sources.documented()
    families[name + "_renamed"] = families.pop(name)
    found = run.findings_of(PROVISIONED, "documented-metrics", families=families)
    assert found and all(name in finding.text for finding in found)


def test_every_family_of_the_nouns_the_workloads_and_the_targets_is_drawn():
    documented = {name for name in sources.documented() if name.startswith("headroom_")}
    assert documented - USED == set()


def test_no_foreign_metric_is_allowed_that_nobody_uses():
    assert sources.FOREIGN.keys() - USED == set()


@pytest.mark.parametrize("board", PROVISIONED, ids=lambda board: board.data["uid"])
def test_the_first_screen_begins_with_numbers_and_shows_lines_under_them(board):
    first = [p for p in board.data["panels"] if p["gridPos"]["y"] + p["gridPos"]["h"] <= FIRST_SCREEN]
    assert {p["type"] for p in first if p["gridPos"]["y"] == 0} == {"stat"}
    assert sum(p["type"] == "timeseries" for p in first) >= 2


def test_titles_tell_the_dashboards_apart():
    titles = [board.title for board in PROVISIONED]
    assert len(set(titles)) == len(titles) == 8


@pytest.mark.parametrize("board", PROVISIONED, ids=lambda board: board.data["uid"])
def test_panels_of_a_dashboard_have_titles_of_their_own(board):
    titles = [panel["title"] for panel in board.panels()]
    assert sorted(set(titles)) == sorted(titles)


def test_an_expression_that_divides_says_what_happens_at_zero():
    """Every divisor is compared with 0 or more (`> 0`, `> 0.9`): no NaN, no Inf."""
    bare = []
    for board in PROVISIONED:
        for panel, _, text in board.queries():
            for divisor in re.findall(r"/ ?(?:on \([^)]*\) group_left \(\) )?(.*)", text):
                if "> 0" not in divisor:
                    bare.append((board.title, panel["title"], divisor))
    assert bare == []


def test_the_readme_of_the_dashboards_names_each():
    text = (ROOT / "dashboards" / "README.md").read_text(encoding="utf-8")
    for board in PROVISIONED:
        assert f"{board.data['uid']}.json" in text
