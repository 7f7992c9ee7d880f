"""Runs all rules over dashboards, with the exclusions of a .lint file."""

import json
from pathlib import Path

from checks import house, linter, promtool, sources
from checks.board import Board, variable_selector

HERE = Path(__file__).resolve().parents[1]


def load(paths):
    return [Board(json.loads(path.read_text(encoding="utf-8"))) for path in paths]


def default_paths():
    """The built dashboards: both builds of each."""
    return sorted(HERE.glob("*.json")) + sorted(HERE.glob("provisioned/*.json"))


def _expressions(boards):
    for board in boards:
        yield from (expression for _, _, expression in board.queries())
        yield from (annotation["expr"] for annotation in board.annotations())
        for variable in board.variables("query"):
            try:
                selector = variable_selector(variable)
            except ValueError:
                continue
            if selector:
                yield selector


class Exclusions:
    """A .lint file as dashboard-linter reads it (YAML, of which JSON is a part)."""

    def __init__(self, data):
        self.entries = []
        for rule, what in data.get("exclusions", {}).items():
            if not what.get("reason"):
                raise ValueError(f".lint: {rule} has no reason")
            self.entries += [(rule, entry) for entry in what.get("entries", [])]
        self.used = set()

    def covers(self, finding):
        place = {"dashboard": finding.dashboard, "panel": finding.panel, "targetIdx": finding.target}
        covered = False
        for number, (rule, entry) in enumerate(self.entries):
            same = all(str(place[key]) == str(value) for key, value in entry.items())
            if rule == finding.rule and same:
                self.used.add(number)
                covered = True
        return covered

    def unused(self):
        return [entry for number, entry in enumerate(self.entries) if number not in self.used]


def findings(boards, exclusions, tool="promtool", families=None, recorded=None):
    """(findings that no exclusion covers, exclusions that cover nothing)."""
    wrong = promtool.problems(_expressions(boards), tool)
    context = house.Context(
        families if families is not None else sources.documented(),
        recorded if recorded is not None else sources.recorded(),
        {board.data.get("uid") for board in boards},
        wrong.get,
    )
    found = []
    for board in boards:
        for rule in linter.RULES.values():
            found += rule(board, wrong.get)
        for rule in house.RULES.values():
            found += rule(board, context)
    return [finding for finding in found if not exclusions.covers(finding)], exclusions.unused()


def findings_of(boards, name, families=None, recorded=frozenset()):
    """The findings of one of the project's own rules alone; no promtool is run."""
    known = families if families is not None else sources.documented()
    context = house.Context(known, recorded, {board.data.get("uid") for board in boards}, {}.get)
    return [finding for board in boards for finding in house.RULES[name](board, context)]


def project_exclusions():
    return Exclusions(json.loads((HERE / ".lint").read_text(encoding="utf-8")))
