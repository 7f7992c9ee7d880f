"""Each of dashboard-linter's 17 rules is broken once, and only that rule speaks up."""

import pytest
from checks.linter import RULES
from conftest import drawn, expression, rules_broken, variable


def remove_data_source_variable(board):
    variable(board, "datasource")["label"] = "Source"


def single_job(board):
    variable(board, "job")["allValue"] = ".*"


def no_instance_datasource(board):
    variable(board, "instance")["datasource"]["uid"] = "abc"


def broken_variable_query(board):
    variable(board, "target")["query"]["query"] = 'label_values(up{job=~"$job", target)'


def variable_asked_once(board):
    variable(board, "target")["refresh"] = 1


def fixed_data_source(board):
    drawn(board, "Errors")["datasource"] = {"type": "prometheus", "uid": "abc"}


def no_title(board):
    drawn(board, "Up")["title"] = ""


def free_unit(board):
    drawn(board, "Errors")["fieldConfig"]["defaults"]["unit"] = "clients"


def no_targets(board):
    drawn(board, "Up")["targets"] = []


def loki_target(board, text):
    drawn(board, "Errors")["targets"][0] = {
        "datasource": {"type": "loki", "uid": "${datasource}"},
        "expr": text,
    }


def broken_logql(board):
    loki_target(board, 'rate({job="x"[$__auto])')


def fixed_logql_window(board):
    loki_target(board, 'rate({job="x"}[5m])')


def broken_promql(board):
    expression(board, "Up", lambda text: text + ")")


def fixed_rate_window(board):
    expression(board, "Errors", lambda text: text.replace("$__rate_interval", "$__range"))


def no_job(board):
    expression(board, "Up", lambda text: text.replace('job=~"$job", ', ""))


def one_instance(board):
    expression(board, "Up", lambda text: text.replace('instance=~"$instance"', 'instance="$instance"'))


def bare_counter(board):
    expression(board, "Errors", lambda text: text.replace("rate(", "max_over_time("))


def editable(board):
    board["editable"] = True


# {rule: (what breaks it, other rules that rightly see it too)}
BREAKS = {
    "template-datasource-rule": (remove_data_source_variable, set()),
    "template-job-rule": (single_job, set()),
    "template-instance-rule": (no_instance_datasource, set()),
    "template-label-promql-rule": (broken_variable_query, set()),
    "template-on-time-change-reload-rule": (variable_asked_once, set()),
    "panel-datasource-rule": (fixed_data_source, {"data-source"}),
    "panel-title-description-rule": (no_title, set()),
    "panel-units-rule": (free_unit, {"units"}),
    "panel-no-targets-rule": (no_targets, set()),
    "target-logql-rule": (broken_logql, {"legend-labels"}),
    "target-logql-auto-rule": (fixed_logql_window, {"legend-labels"}),
    "target-promql-rule": (broken_promql, set()),
    "target-rate-interval-rule": (fixed_rate_window, set()),
    "target-job-rule": (no_job, set()),
    "target-instance-rule": (one_instance, set()),
    "target-counter-agg-rule": (bare_counter, {"documented-metrics"}),
    "uneditable-dashboard": (editable, set()),
}


def test_there_are_seventeen_rules_and_a_break_for_each():
    assert len(RULES) == 17
    assert set(BREAKS) == set(RULES)


def test_the_small_dashboard_breaks_none(small):
    assert rules_broken(small) == set()


@pytest.mark.parametrize("rule", sorted(BREAKS))
def test_a_broken_dashboard_fails(small, rule):
    breaks, beside = BREAKS[rule]
    breaks(small)
    found = rules_broken(small)
    assert rule in found
    assert found <= {rule} | beside


def test_panels_of_collapsed_rows_are_looked_at(small):
    expression(small, "Ages", lambda text: text.replace('job=~"$job", ', ""))
    assert rules_broken(small) == {"target-job-rule"}


@pytest.mark.parametrize(
    "change",
    [
        {"type": "textbox"},
        {"label": "Which job"},
        {"multi": False},
        {"allValue": ""},
    ],
)
def test_each_demand_on_the_variable_job_is_checked(small, change):
    variable(small, "job").update(change)
    assert "template-job-rule" in rules_broken(small)
