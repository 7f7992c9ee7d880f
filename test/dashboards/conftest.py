"""The dashboards' own modules, and a small dashboard that breaks no rule."""

import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "dashboards"))

from checks import run  # noqa: E402
from checks.board import Board  # noqa: E402
from src import dashboard, panels, promql  # noqa: E402

ABOUT = panels.Help("What it is.", "what that means.", "this.")


def _small():
    """A tile, a line, a table and a collapsed row, as the generator makes them."""
    up = promql.gauge(promql.PER_TARGET, "headroom_target_up", promql.TARGET)
    errors = promql.rate(promql.PER_TARGET, "headroom_target_errors_total", promql.TARGET)
    age = promql.gauge(promql.PER_TARGET, "headroom_target_data_age_seconds", promql.TARGET)
    tile = panels.stat("Up", ABOUT, "short", f"sum({up})", empty="unknown")
    lines = panels.timeseries("Errors", ABOUT, "cps", [panels.line(errors, "{{target}}")])
    ages = panels.timeseries("Ages", ABOUT, "s", [panels.line(age, "{{target}}")])
    listed = panels.table("Targets", ABOUT, {"target": "Target"}, [panels.column(up, "Up", "none")], sort="Up")
    return dashboard.dashboard(
        "headroom-small",
        "headroom / Small",
        "For the tests.",
        [],
        [*dashboard.exporter_variables(), dashboard.target_variable()],
        [
            dashboard.row("", dashboard.band(4, tile, lines)),
            dashboard.row("More", dashboard.band(4, listed, ages), collapsed=True),
        ],
    )


@pytest.fixture
def small():
    """A fresh copy to break."""
    return json.loads(json.dumps(_small()))


def drawn(board, title):
    """The panel of that title."""
    return next(panel for panel in Board(board).panels() if panel["title"] == title)


def expression(board, title, change):
    """Replaces the panel's first expression by change(expression)."""
    target = drawn(board, title)["targets"][0]
    target["expr"] = change(target["expr"])


def variable(board, name):
    return next(v for v in board["templating"]["list"] if v["name"] == name)


def rules_broken(board, families=None, recorded=frozenset()):
    """The names of the rules that find something in the dashboard."""
    found, _ = run.findings([Board(board)], run.Exclusions({}), families=families, recorded=recorded)
    return {finding.rule for finding in found}
