"""The 17 rules of grafana/dashboard-linter 0.2.0, restated.

Differences: what the linter only warns of (labels of variables) is a finding here. Of LogQL only the shape
is checked; no dashboard of this project has any. Units are held against the list of units.py.
"""

import re

from checks import promql
from checks.board import source_id, source_type, variable_selector
from checks.units import UNITS

DATASOURCE_NAMES = ("datasource", "prometheus_datasource", "loki_datasource")
QUERYING = {"singlestat", "stat", "graph", "table", "timeseries", "gauge"}
TITLED = QUERYING
DRAWING = {"singlestat", "graph", "table", "timeseries"}
GROWTH = {"rate", "irate", "increase"}


def template_datasource_rule(board, _):
    sources = board.variables("datasource")
    if not sources:
        yield board.find("template-datasource-rule", "no variable of type datasource")
    if len(sources) == 1:
        wanted = {f"{kind}datasource" for kind in ("", "prometheus_", "loki_")}
        if sources[0].get("name") not in wanted:
            yield board.find("template-datasource-rule", f"named {sources[0].get('name')!r}, not 'datasource'")
        if sources[0].get("label") != "Data source":
            yield board.find("template-datasource-rule", f"label {sources[0].get('label')!r}, not 'Data source'")


def _filter_variable(board, name):
    rule = f"template-{name}-rule"
    found = [v for v in board.variables() if v.get("name") == name]
    if not found:
        yield board.find(rule, f"no variable {name!r}")
        return
    variable = found[0]
    sources = {f"${n}" for n in DATASOURCE_NAMES} | {f"${{{n}}}" for n in DATASOURCE_NAMES}
    wanted = {
        "type": variable.get("type") == "query",
        "label": variable.get("label") == name.capitalize(),
        "datasource": source_id(variable) in sources,
        "multi": variable.get("multi") is True,
        "allValue": variable.get("allValue") == ".+",
    }
    for key, holds in wanted.items():
        if not holds:
            yield board.find(rule, f"variable {name!r}: {key} is {variable.get(key)!r}")


def template_job_rule(board, _):
    yield from _filter_variable(board, "job")


def template_instance_rule(board, _):
    yield from _filter_variable(board, "instance")


def template_label_promql_rule(board, syntax):
    for variable in board.variables("query"):
        problem = None
        try:
            selector = variable_selector(variable)
            problem = selector and syntax(selector)
        except ValueError as error:
            problem = str(error)
        if problem:
            yield board.find("template-label-promql-rule", f"variable {variable.get('name')!r}: {problem}")


def template_on_time_change_reload_rule(board, _):
    for variable in board.variables("query"):
        if variable.get("refresh") != 2:
            yield board.find(
                "template-on-time-change-reload-rule",
                f"variable {variable.get('name')!r}: refresh is {variable.get('refresh')!r}, not 2",
            )


def panel_datasource_rule(board, _):
    names = [v.get("name") for v in board.variables("datasource")]
    allowed = {f"${n}" for n in names} | {f"${{{n}}}" for n in names}
    for panel in board.panels():
        if panel.get("type") in DRAWING and source_id(panel) not in allowed:
            yield board.find("panel-datasource-rule", f"data source {source_id(panel)!r}", panel)


def panel_title_description_rule(board, _):
    for panel in board.panels():
        for key in ("title", "description"):
            if panel.get("type") in TITLED and not panel.get(key):
                yield board.find("panel-title-description-rule", f"no {key}", panel)


def panel_units_rule(board, _):
    for panel in board.panels():
        defaults = panel.get("fieldConfig", {}).get("defaults", {})
        fields = panel.get("options", {}).get("reduceOptions", {}).get("fields")
        if panel.get("type") not in QUERYING or defaults.get("mappings") or fields:
            continue
        if defaults.get("unit") not in UNITS:
            yield board.find("panel-units-rule", f"unit {defaults.get('unit')!r}", panel)


def panel_no_targets_rule(board, _):
    for panel in board.panels():
        if panel.get("type") in QUERYING and not panel.get("targets"):
            yield board.find("panel-no-targets-rule", "asks nothing", panel)


def _loki(board):
    for panel, index, target in board.targets():
        if source_type(panel, target) == "loki":
            yield panel, index, target.get("expr", "")


def target_logql_rule(board, _):
    for panel, index, text in _loki(board):
        bare = re.sub(r'"(?:\\.|[^"\\])*"|`[^`]*`', '""', text)
        balanced = all(bare.count(a) == bare.count(b) for a, b in ("()", "{}", "[]"))
        if not balanced or not re.search(r'\{\s*\w+\s*(=|!=|=~|!~)\s*""', bare):
            yield board.find("target-logql-rule", "not LogQL", panel, index)


def target_logql_auto_rule(board, _):
    for panel, index, text in _loki(board):
        for window in re.findall(r"\[([^\]]*)\]", text):
            if window != "$__auto":
                yield board.find("target-logql-auto-rule", f"[{window}] instead of [$__auto]", panel, index)


def target_promql_rule(board, syntax):
    for panel, index, expression in board.queries():
        problem = syntax(expression)
        if problem:
            yield board.find("target-promql-rule", problem, panel, index)


def _selectors(board):
    """(panel, index, selector); nothing of what cannot be read: target-promql-rule says so."""
    for panel, index, expression in board.queries():
        for selector in promql.readable(expression):
            yield panel, index, selector


def target_rate_interval_rule(board, _):
    for panel, index, selector in _selectors(board):
        direct = selector.calls and selector.calls[-1] in GROWTH
        if direct and selector.range != "$__rate_interval":
            yield board.find(
                "target-rate-interval-rule", f"{selector.name}[{selector.range}]: not $__rate_interval", panel, index
            )


def _filtered_by(board, label):
    for panel, index, selector in _selectors(board):
        if (label, "=~", f"${label}") not in selector.matchers:
            yield board.find(
                f"target-{label}-rule", f'{selector.name}: no {label}=~"${label}"', panel, index
            )


def target_job_rule(board, _):
    yield from _filtered_by(board, "job")


def target_instance_rule(board, _):
    yield from _filtered_by(board, "instance")


def target_counter_agg_rule(board, _):
    for panel, index, selector in _selectors(board):
        if selector.name.endswith("_total") and (not selector.calls or selector.calls[-1] not in GROWTH):
            yield board.find(
                "target-counter-agg-rule", f"{selector.name}: not in rate, irate or increase", panel, index
            )


def uneditable_dashboard(board, _):
    if board.data.get("editable") is not False:
        yield board.find("uneditable-dashboard", "editable is not false")


RULES = {
    "template-datasource-rule": template_datasource_rule,
    "template-job-rule": template_job_rule,
    "template-instance-rule": template_instance_rule,
    "template-label-promql-rule": template_label_promql_rule,
    "template-on-time-change-reload-rule": template_on_time_change_reload_rule,
    "panel-datasource-rule": panel_datasource_rule,
    "panel-title-description-rule": panel_title_description_rule,
    "panel-units-rule": panel_units_rule,
    "panel-no-targets-rule": panel_no_targets_rule,
    "target-logql-rule": target_logql_rule,
    "target-logql-auto-rule": target_logql_auto_rule,
    "target-promql-rule": target_promql_rule,
    "target-rate-interval-rule": target_rate_interval_rule,
    "target-job-rule": target_job_rule,
    "target-instance-rule": target_instance_rule,
    "target-counter-agg-rule": target_counter_agg_rule,
    "uneditable-dashboard": uneditable_dashboard,
}
