"""What the rules look at: a dashboard's JSON, and a finding in it."""

import re
from typing import NamedTuple, Optional


class Finding(NamedTuple):
    rule: str
    dashboard: str
    panel: Optional[str]
    target: Optional[int]
    text: str

    def __str__(self):
        place = self.dashboard
        if self.panel is not None:
            place += f": {self.panel}"
        if self.target is not None:
            place += f": target {self.target}"
        return f"{place}: {self.text} ({self.rule})"


class Board:
    """One dashboard, with the walks that rules need."""

    def __init__(self, data):
        self.data = data
        self.title = data.get("title", "?")

    def panels(self):
        """All panels, those in collapsed rows too; no rows."""
        for panel in self.data.get("panels", []):
            if panel.get("type") == "row":
                yield from panel.get("panels", [])
            else:
                yield panel

    def rows(self):
        return [panel for panel in self.data.get("panels", []) if panel.get("type") == "row"]

    def targets(self):
        """(panel, index, target) of each query."""
        for panel in self.panels():
            for index, target in enumerate(panel.get("targets", [])):
                yield panel, index, target

    def queries(self):
        """(panel, index, expression) of each Prometheus query."""
        for panel, index, target in self.targets():
            if source_type(panel, target) != "loki" and target.get("expr"):
                yield panel, index, target["expr"]

    def variables(self, kind=None):
        found = self.data.get("templating", {}).get("list", [])
        return [v for v in found if kind is None or v.get("type") == kind]

    def annotations(self):
        return [a for a in self.data.get("annotations", {}).get("list", []) if a.get("expr")]

    def find(self, rule, text, panel=None, target=None):
        return Finding(rule, self.title, panel.get("title", "") if panel else None, target, text)


def source_type(panel, target):
    for holder in (target, panel):
        source = holder.get("datasource")
        if isinstance(source, dict) and source.get("type"):
            return source["type"]
    return None


def source_id(holder):
    source = holder.get("datasource")
    return source.get("uid") if isinstance(source, dict) else source


def query_text(variable):
    query = variable.get("query", "")
    return query.get("query", "") if isinstance(query, dict) else query


LABEL_VALUES = re.compile(r"^label_values\((?:(?P<selector>.+),\s*)?(?P<label>\w+)\)$", re.DOTALL)


def variable_selector(variable):
    """The PromQL in a variable's query, or None; ValueError for a query of no known form."""
    text = query_text(variable).strip()
    if text == "label_names()":
        return None
    if text.startswith("query_result(") and text.endswith(")"):
        return text[len("query_result(") : -1]
    match = LABEL_VALUES.match(text)
    if not match:
        raise ValueError(f"not a query for values: {text!r}")
    return match["selector"]
