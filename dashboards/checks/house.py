"""The project's own rules: what dashboard-linter does not see, and what follows from "unknown is not 0".

Each is a function of one dashboard and of a `Context`, and yields findings.
"""

import re
from typing import NamedTuple, Optional

from checks import promql, sources
from checks.board import source_id, variable_selector
from checks.units import BY_SUFFIX, UNITS

COLUMNS = 24
# What fits beside the (i) at 1440 pixels: 13 characters in a panel 3 wide, 20 in one 4 wide.
TITLE_CHARACTERS_PER_COLUMN = 7
TITLE_MARGIN = 8
AT_ONE_MOMENT = {"stat", "bargauge", "table", "gauge"}
AGGREGATIONS = {
    *("sum", "max", "min", "avg", "count", "group", "topk", "bottomk"),
    *("stddev", "stdvar", "quantile", "count_values"),
}
VARIABLE = re.compile(r"\$(\w+)|\$\{(\w+)[^}]*\}")
PARTS = ("**If bad:**", "**What to do:**")


class Context(NamedTuple):
    families: dict
    recorded: Optional[set]
    uids: set  # of all dashboards
    syntax: object  # expression -> what promtool objects to, or None


def grid(board, _):
    """No two panels on one cell, none outside of the 24 columns."""
    for group in (board.data["panels"], *(r.get("panels", []) for r in board.rows())):
        taken = {}
        for panel in group:
            place = panel["gridPos"]
            if place["x"] < 0 or place["w"] < 1 or place["x"] + place["w"] > COLUMNS:
                yield board.find("grid", f"outside of {COLUMNS} columns", panel)
            for x in range(place["x"], place["x"] + place["w"]):
                for y in range(place["y"], place["y"] + place["h"]):
                    other = taken.setdefault((x, y), panel)
                    if other is not panel:
                        yield board.find("grid", f"overlaps {other.get('title')!r}", panel)
                        break
                else:
                    continue
                break


def identity(board, _):
    """Ids of panels are unique; the uid is readable and not too long for Grafana."""
    seen = set()
    for panel in (*board.panels(), *board.rows()):
        if panel.get("id") in seen:
            yield board.find("identity", f"id {panel.get('id')} twice", panel)
        seen.add(panel.get("id"))
    if not re.fullmatch(r"[a-z0-9-]{1,40}", board.data.get("uid", "")):
        yield board.find("identity", f"uid {board.data.get('uid')!r}")


def _texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def variables(board, _):
    """Every variable that is used is defined, and the other way round."""
    defined = {v["name"] for v in board.variables()}
    used = set()
    for text in _texts(board.data):
        used |= {a or b for a, b in VARIABLE.findall(text)}
    inputs = {i["name"] for i in board.data.get("__inputs", [])}
    for name in sorted(used - defined - inputs):
        if not name.startswith("__") and not name.isdigit():
            yield board.find("variables", f"${name} is not defined")
    for name in sorted(defined - used):
        yield board.find("variables", f"${name} is not used")
    for variable in board.variables("query"):
        if not (variable.get("multi") and variable.get("includeAll")):
            yield board.find("variables", f"${variable['name']}: not multi with All")


def data_source(board, _):
    """Nothing asks a data source of a fixed name."""
    for panel, index, target in board.targets():
        if source_id(target) != "${datasource}" or source_id(panel) != "${datasource}":
            yield board.find("data-source", f"{source_id(target)!r}", panel, index)
    for annotation in board.annotations():
        if source_id(annotation) != "${datasource}":
            yield board.find("data-source", f"annotation {annotation['name']!r}: {source_id(annotation)!r}")


def thresholds(board, _):
    """Not the editor's 80, which means nothing for what is no percentage."""
    for panel in board.panels():
        for steps in _steps(panel.get("fieldConfig", {})):
            if any(step.get("value") == 80 for step in steps):
                yield board.find("thresholds", "the default threshold of 80", panel)


def _steps(value):
    if isinstance(value, dict):
        if isinstance(value.get("steps"), list):
            yield value["steps"]
        for inner in value.values():
            yield from _steps(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _steps(inner)


def description(board, _):
    """What it is; if bad; what to do."""
    for panel in board.panels():
        text = panel.get("description", "")
        places = [text.find(part) for part in PARTS]
        if not 0 < places[0] < places[1]:
            yield board.find("description", f"needs a sentence, then {' and '.join(PARTS)}", panel)


def title(board, _):
    for panel in board.panels():
        room = panel["gridPos"]["w"] * TITLE_CHARACTERS_PER_COLUMN - TITLE_MARGIN
        if len(panel.get("title", "")) > room:
            yield board.find("title", f"longer than the {room} characters that fit", panel)


def no_last_value(board, _):
    """A number is of now; over a range Grafana would show the last one of something that is gone."""
    for panel in board.panels():
        options = panel.get("options", {})
        calcs = options.get("reduceOptions", {}).get("calcs", []) + options.get("legend", {}).get("calcs", [])
        if "lastNotNull" in calcs:
            yield board.find("no-last-value", "lastNotNull shows what is no longer known", panel)
        if panel["type"] in AT_ONE_MOMENT:
            for index, target in enumerate(panel.get("targets", [])):
                if not target.get("instant") or target.get("range"):
                    yield board.find("no-last-value", "not an instant query", panel, index)
        drawn = panel.get("fieldConfig", {}).get("defaults", {})
        if panel["type"] == "timeseries" and drawn.get("custom", {}).get("spanNulls") is not False:
            yield board.find("no-last-value", "draws lines across gaps", panel)
        if not drawn.get("noValue") and panel["type"] in AT_ONE_MOMENT:
            yield board.find("no-last-value", "does not say what empty means (noValue)", panel)


def units(board, _):
    """Every unit is Grafana's, overrides too, and agrees with the metric's name."""
    for panel in board.panels():
        field = panel.get("fieldConfig", {})
        asked = [p["value"] for o in field.get("overrides", []) for p in o["properties"] if p["id"] == "unit"]
        for unit in (field.get("defaults", {}).get("unit"), *asked):
            if unit not in UNITS:
                yield board.find("units", f"unit {unit!r}", panel)
        if panel["type"] == "table":
            continue
        for index, target in enumerate(panel.get("targets", [])):
            plain = re.search(r"[/*]|\brate\(|\bincrease\(|count|_timestamp_|\bsum\(1", target["expr"])
            names = {s.name for s in promql.readable(target["expr"])}
            for suffix, right in BY_SUFFIX.items():
                unit = field["defaults"]["unit"]
                if names and not plain and all(name.endswith(suffix) for name in names) and unit not in right:
                    if "bool" not in target["expr"]:
                        yield board.find("units", f"{sorted(names)} in {unit!r}", panel, index)


def overrides(board, _):
    """An override matches something: a column of the table, or a series by its legend."""
    for panel in board.panels():
        legends = [t.get("legendFormat", "") for t in panel.get("targets", [])]
        columns = set()
        for step in panel.get("transformations", []):
            columns |= set(step["options"].get("renameByName", {}).values())
        for override in panel.get("fieldConfig", {}).get("overrides", []):
            kind, wanted = override["matcher"]["id"], override["matcher"]["options"]
            by_name = kind == "byName" and wanted in columns
            by_pattern = kind == "byRegexp" and any(re.fullmatch(wanted, name) for name in legends)
            if not by_name and not by_pattern:
                yield board.find("overrides", f"{kind} {wanted!r} matches nothing", panel)


def links(board, context):
    """A link to a dashboard leads to one of ours, and keeps time and variables."""
    for text in _texts(board.data):
        match = re.match(r"/d/([\w-]+)", text)
        if not match:
            continue
        if match[1] not in context.uids:
            yield board.find("links", f"no dashboard {match[1]!r}")
        if "${__url_time_range}" not in text or "${__all_variables}" not in text:
            yield board.find("links", f"{match[1]}: loses time range or variables")


def _all_expressions(board):
    """(panel or None, index, expression) of panels, annotations and variables."""
    yield from board.queries()
    for annotation in board.annotations():
        yield None, None, annotation["expr"]
    for variable in board.variables("query"):
        try:
            selector = variable_selector(variable)
        except ValueError:
            continue
        if selector:
            yield None, None, selector


def _all_selectors(board):
    for panel, index, expression in _all_expressions(board):
        for selector in promql.readable(expression):
            yield panel, index, selector


def annotation_promql(board, context):
    for annotation in board.annotations():
        problem = context.syntax(annotation["expr"])
        if problem:
            yield board.find("annotation-promql", f"annotation {annotation['name']!r}: {problem}")


def documented_metrics(board, context):
    """Every metric is one that the exporter documents, with labels that it has; rate() is for counters."""
    for panel, index, selector in _all_selectors(board):
        if ":" in selector.name:
            continue  # recorded_metrics
        family = context.families.get(selector.name)
        foreign = sources.FOREIGN.get(selector.name)
        if not family and not foreign:
            yield board.find("documented-metrics", f"{selector.name!r} is not in docs/metrics.md", panel, index)
            continue
        known = sources.SCRAPE_LABELS | (family.labels if family else foreign[0])
        for label, _, _ in selector.matchers:
            if label not in known:
                yield board.find("documented-metrics", f"{selector.name} has no label {label!r}", panel, index)
        grows = bool(selector.calls) and selector.calls[-1] in ("rate", "irate", "increase")
        asked_for_labels = panel is None and not selector.calls
        if family and not asked_for_labels and grows != (family.kind == "counter"):
            yield board.find("documented-metrics", f"{selector.name} is a {family.kind}", panel, index)


def recorded_metrics(board, context):
    """Every recorded series is recorded by a rule of alerts/."""
    for panel, index, selector in _all_selectors(board):
        if ":" in selector.name and selector.name not in (context.recorded or ()):
            yield board.find("recorded-metrics", f"no rule records {selector.name!r}", panel, index)


def legend_labels(board, context):
    """A legend names labels that some metric of the query has."""
    for panel, index, target in board.targets():
        known = set(sources.SCRAPE_LABELS)
        for selector in promql.readable(target["expr"]):
            if selector.name in context.families:
                known |= context.families[selector.name].labels
            elif selector.name in sources.FOREIGN:
                known |= sources.FOREIGN[selector.name][0]
            elif selector.name.startswith("workload:"):
                known.add("workload")
        for label in re.findall(r"\{\{\s*(\w+)\s*\}\}", target.get("legendFormat", "")):
            if label not in known:
                yield board.find("legend-labels", f"{{{{{label}}}}} is no label here", panel, index)


def replicas(board, context):
    """Replicas of the exporter write the same series: a max, not a sum, is what comes first."""
    for panel, index, selector in _all_selectors(board):
        family = context.families.get(selector.name)
        if not family or not family.labels & {"target", "workload"} or panel is None:
            continue
        around = [call for call in reversed(selector.calls) if call in AGGREGATIONS]
        if not around or around[0] != "max":
            yield board.find("replicas", f"{selector.name}: not max by (...) first", panel, index)


def windows(board, _):
    """No fixed windows: they break with another scrape interval or zoom."""
    for panel, index, selector in _all_selectors(board):
        if selector.range not in (None, "$__rate_interval", "$__range"):
            yield board.find("windows", f"{selector.name}[{selector.range}]", panel, index)


RULES = {
    "grid": grid,
    "identity": identity,
    "variables": variables,
    "data-source": data_source,
    "thresholds": thresholds,
    "description": description,
    "title": title,
    "no-last-value": no_last_value,
    "units": units,
    "overrides": overrides,
    "links": links,
    "annotation-promql": annotation_promql,
    "documented-metrics": documented_metrics,
    "recorded-metrics": recorded_metrics,
    "legend-labels": legend_labels,
    "replicas": replicas,
    "windows": windows,
}
