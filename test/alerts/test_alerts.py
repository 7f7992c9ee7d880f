"""Every alert against its case: timeline.timelines says what is tried."""

import pytest

import rulebook
import timeline

GROUPS = rulebook.load_groups()
ALERTS = rulebook.alerts(GROUPS)
CASES = rulebook.cases()
ALWAYS = "HeadroomWatchdog"


def test_every_alert_has_a_case():
    assert {rulebook.alert_of(title) for title in CASES} == set(ALERTS) - {ALWAYS}


@pytest.mark.parametrize("title", sorted(CASES))
def test_alert(title):
    """Just below, before its `for`, fires, resolves; each series missing, one scrape lost, all gone."""
    name = rulebook.alert_of(title)
    tests = timeline.timelines(name, CASES[title], ALERTS[name], everything=False)
    passed, said = rulebook.promtool_test(rulebook.needed(GROUPS, [name]), tests)
    assert passed, said


@pytest.mark.parametrize("title", sorted(CASES))
def test_alert_fires_alone(title):
    """With all rules loaded, its fault fires it and only what its case names beside it."""
    name = rulebook.alert_of(title)
    tests = [timeline.main_line(name, CASES[title], ALERTS[name], everything=True)]
    passed, said = rulebook.promtool_test(GROUPS, tests)
    assert passed, said


def test_the_watchdog_fires_from_the_first_evaluation_on():
    test = {
        "name": ALWAYS,
        "input_series": [],
        "promql_expr_test": [timeline.firing(ALWAYS, 0, True)],
    }
    passed, said = rulebook.promtool_test(rulebook.needed(GROUPS, [ALWAYS]), [test])
    assert passed, said


@pytest.mark.parametrize("name", sorted(set(ALERTS) - {ALWAYS, "HeadroomExporterAbsent"}))
def test_alert_is_silent_when_nothing_is_known(name):
    """Absent is not 0: no series at all fires nothing but the alert for that."""
    test = {
        "name": "nothing",
        "input_series": [],
        "promql_expr_test": [timeline.quiet(name, 7200)],
    }
    passed, said = rulebook.promtool_test(rulebook.needed(GROUPS, [name]), [test])
    assert passed, said
