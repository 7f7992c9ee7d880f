"""What Grafana does with a dashboard before Prometheus sees a query of it.

Facts from Grafana's Prometheus data source (11): `$__interval` is the range over the panel's width, no shorter
than the data source's scrape interval or the target's own; `$__rate_interval` is that plus a scrape interval and
at least four of them; a variable that stands at All becomes its `allValue`, as it is.
"""

import re
from typing import NamedTuple

from checks.board import query_text, variable_selector

MINUTE = 60
PANEL_PIXELS = 600
SCRAPE = 1  # seconds
DURATION = re.compile(r"(\d+)(ms|s|m|h)$")
SECONDS = {"ms": 0.001, "s": 1, "m": MINUTE, "h": 60 * MINUTE}


class Window(NamedTuple):
    """The time range that is looked at, in whole seconds."""

    start: int
    end: int


class Query(NamedTuple):
    """`where`: what it belongs to, for people and for the list of what may be empty."""

    where: str
    text: str
    instant: bool
    step: float


def seconds(text, haste=1):
    """"1m" as a number; `haste`: how many times faster than usual time runs."""
    count, unit = DURATION.match(text).groups()
    return int(count) * SECONDS[unit] / haste


class Reader:
    """A dashboard that stands at All for every variable, over `window`.

    `haste`: a scrape interval of 1 s stands for one of so many seconds; shortest steps are shortened likewise.
    """

    def __init__(self, board, window, haste):
        self._board = board
        self._window = window
        self._haste = haste
        self._values = {
            v["name"]: v["allValue"] if v.get("includeAll") else None for v in board.variables("query")
        }

    def expand(self, text, step=SCRAPE, scrape=SCRAPE):
        built_in = {
            "__interval": f"{step:g}s",
            "__rate_interval": f"{max(step + scrape, 4 * scrape):g}s",
            "__range": f"{self._window.end - self._window.start}s",
        }

        def value(match):
            name = match["long"] or match["short"]
            return str({**self._values, **built_in}[name])

        return re.sub(r"\$(?:\{(?P<long>\w+)\}|(?P<short>\w+))", value, text)

    def panels(self):
        """Every query of every panel, those in closed rows too."""
        for panel, index, target in self._board.targets():
            least = seconds(target["interval"], self._haste) if "interval" in target else SCRAPE
            step = max((self._window.end - self._window.start) / PANEL_PIXELS, least)
            text = self.expand(target["expr"], step, least)
            where = f"{self._board.data['uid']}: {panel['title']}: {'ABCDEFGHIJ'[index]}"
            yield Query(where, text, bool(target.get("instant")), step)

    def annotations(self):
        for annotation in self._board.annotations():
            where = f"{self._board.data['uid']}: annotation {annotation['name']}"
            step = max(seconds(annotation["step"], self._haste), SCRAPE)
            yield Query(where, self.expand(annotation["expr"], step), False, step)

    def variables(self):
        """(where, the selector, the label whose values are asked for)."""
        for variable in self._board.variables("query"):
            label = query_text(variable).removesuffix(")").rsplit(",", 1)[1].strip()
            where = f"{self._board.data['uid']}: variable {variable['name']}"
            yield where, self.expand(variable_selector(variable)), label
