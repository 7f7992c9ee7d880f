"""Each of the project's own rules is broken once, and speaks up."""

import pytest
from checks import run, sources
from checks.house import RULES
from conftest import Board, drawn, expression, rules_broken, variable


def overlap(board):
    drawn(board, "Errors")["gridPos"]["x"] -= 1


def too_wide(board):
    drawn(board, "Errors")["gridPos"]["w"] += 1


def same_id(board):
    drawn(board, "Errors")["id"] = drawn(board, "Up")["id"]


def long_uid(board):
    board["uid"] = "x" * 41


def unknown_variable(board):
    expression(board, "Up", lambda text: text.replace("$target", "$server"))


def unused_variable(board):
    board["templating"]["list"].append({**variable(board, "target"), "name": "queue"})


def single_value(board):
    variable(board, "target")["multi"] = False


def fixed_source_in_a_tile(board):
    drawn(board, "Up")["targets"][0]["datasource"] = {"type": "prometheus", "uid": "abc"}


def default_threshold(board):
    steps = drawn(board, "Up")["fieldConfig"]["defaults"]["thresholds"]["steps"]
    steps.append({"color": "red", "value": 80})


def half_a_description(board):
    drawn(board, "Up")["description"] = "What it is.\n\n**If bad:** something."


def long_title(board):
    drawn(board, "Up")["title"] = "a title that is so long that a panel which is twelve columns wide cannot show its end"


def last_not_null(board):
    drawn(board, "Up")["options"]["reduceOptions"]["calcs"] = ["lastNotNull"]


def range_query_in_a_tile(board):
    drawn(board, "Up")["targets"][0].update({"instant": False, "range": True})


def lines_across_gaps(board):
    drawn(board, "Errors")["fieldConfig"]["defaults"]["custom"]["spanNulls"] = True


def empty_without_a_word(board):
    del drawn(board, "Up")["fieldConfig"]["defaults"]["noValue"]


def seconds_as_bytes(board):
    drawn(board, "Ages")["fieldConfig"]["defaults"]["unit"] = "bytes"


def override_of_nothing(board):
    drawn(board, "Targets")["fieldConfig"]["overrides"][0]["matcher"]["options"] = "Upp"


def link_to_nowhere(board):
    url = "/d/headroom-nowhere?${__url_time_range}&${__all_variables}"
    drawn(board, "Up")["fieldConfig"]["defaults"]["links"] = [{"title": "x", "url": url}]


def link_that_forgets(board):
    links = drawn(board, "Up")["fieldConfig"]["defaults"]["links"]
    links.append({"title": "x", "url": "/d/headroom-small"})


def broken_annotation(board):
    board["annotations"]["list"][1]["expr"] += "}"


def unknown_metric(board):
    expression(board, "Up", lambda text: text.replace("headroom_target_up", "headroom_target_alive"))


def unknown_label(board):
    expression(board, "Up", lambda text: text.replace("target=~", "queue=~"))


def rate_of_a_gauge(board):
    expression(board, "Ages", lambda text: text.replace("headroom_target_data_age_seconds", "headroom_target_errors_total"))


def unrecorded(board):
    expression(board, "Up", lambda text: text.replace("headroom_target_up", "target:headroom_target_up:max"))


def wrong_legend(board):
    drawn(board, "Errors")["targets"][0]["legendFormat"] = "{{queue}}"


def sum_over_replicas(board):
    expression(board, "Up", lambda text: text.replace("max by", "sum by"))


def no_aggregation(board):
    expression(board, "Up", lambda text: text[text.index("headroom") : text.index("}") + 1])


def fixed_window(board):
    selector = 'max_over_time(headroom_target_up{namespace=~"$namespace", job=~"$job", instance=~"$instance"}[5m])'
    expression(board, "Up", lambda text: f"sum(max by (target) ({selector}))")


BREAKS = [
    ("grid", overlap),
    ("grid", too_wide),
    ("identity", same_id),
    ("identity", long_uid),
    ("variables", unknown_variable),
    ("variables", unused_variable),
    ("variables", single_value),
    ("data-source", fixed_source_in_a_tile),
    ("thresholds", default_threshold),
    ("description", half_a_description),
    ("title", long_title),
    ("no-last-value", last_not_null),
    ("no-last-value", range_query_in_a_tile),
    ("no-last-value", lines_across_gaps),
    ("no-last-value", empty_without_a_word),
    ("units", seconds_as_bytes),
    ("overrides", override_of_nothing),
    ("links", link_to_nowhere),
    ("links", link_that_forgets),
    ("annotation-promql", broken_annotation),
    ("documented-metrics", unknown_metric),
    ("documented-metrics", unknown_label),
    ("documented-metrics", rate_of_a_gauge),
    ("recorded-metrics", unrecorded),
    ("legend-labels", wrong_legend),
    ("replicas", sum_over_replicas),
    ("replicas", no_aggregation),
    ("windows", fixed_window),
]


def test_every_rule_is_broken_by_something():
    assert {rule for rule, _ in BREAKS} == set(RULES)


@pytest.mark.parametrize("rule, breaks", BREAKS, ids=[f"{r}:{b.__name__}" for r, b in BREAKS])
def test_a_broken_dashboard_fails(small, rule, breaks):
    breaks(small)
    assert rule in rules_broken(small)


def test_a_recorded_series_is_known_once_a_rule_records_it(small):
    unrecorded(small)
    assert "recorded-metrics" not in rules_broken(small, recorded={"target:headroom_target_up:max"})


def test_the_names_that_rules_record_are_read_from_their_files(tmp_path):
    rules = "groups:\n  - name: a\n    rules:\n      - record: a:b:max\n        expr: x\n      - expr: y\n        record: c:d:max\n"
    (tmp_path / "a.rules.yml").write_text(rules)
    assert sources.recorded(tmp_path) == {"a:b:max", "c:d:max"}
    assert sources.recorded(tmp_path / "none") is None


def test_an_exclusion_covers_its_target_only_and_needs_a_reason(small):
    expression(small, "Up", lambda text: text.replace('job=~"$job", ', ""))
    entry = {"dashboard": "headroom / Small", "panel": "Up", "targetIdx": 0}
    other = {"dashboard": "headroom / Small", "panel": "Up", "targetIdx": 1}
    excluded = run.Exclusions({"exclusions": {"target-job-rule": {"reason": "a test", "entries": [entry, other]}}})
    found, unused = run.findings([Board(small)], excluded, recorded=set())
    assert (found, unused) == ([], [("target-job-rule", other)])
    with pytest.raises(ValueError, match="no reason"):
        run.Exclusions({"exclusions": {"target-job-rule": {"entries": [entry]}}})
