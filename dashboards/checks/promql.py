"""Finds the selectors in a PromQL expression, and the calls around each.

Not a parser: whether an expression is PromQL is for promtool to say.
"""

import re
from typing import NamedTuple, Optional

TOKEN = re.compile(
    r"""(?P<space>\s+|\#[^\n]*)
      | (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)
      | (?P<range>\[[^\]]*\])
      | (?P<name>[A-Za-z_:][A-Za-z0-9_:]*)
      | (?P<number>(?:\d|\.\d|\$)[\w.${}]*)
      | (?P<operator>=~|!~|!=|==|<=|>=|[-+*/%^=<>(){},@])""",
    re.VERBOSE,
)
LABEL_LISTS = {"by", "without", "on", "ignoring", "group_left", "group_right"}
WORDS = {"and", "or", "unless", "bool", "offset", "atan2", "inf", "nan"}


class Selector(NamedTuple):
    name: str
    matchers: tuple  # (label, operator, value)
    range: Optional[str]  # what stands in the brackets
    calls: tuple  # names of the calls around it, the innermost last; "" for plain parentheses


class NotRead(ValueError):
    """The text has a character that cannot stand there."""


def tokens(expression):
    at, found = 0, []
    while at < len(expression):
        match = TOKEN.match(expression, at)
        if not match:
            raise NotRead(f"cannot read {expression[at:at + 20]!r}")
        if match.lastgroup != "space":
            found.append((match.lastgroup, match.group()))
        at = match.end()
    return found


class _Reader:
    def __init__(self, expression):
        self.left = tokens(expression)
        self.at = 0

    def peek(self, ahead=0):
        place = self.at + ahead
        return self.left[place] if place < len(self.left) else (None, None)

    def take(self):
        token = self.peek()
        self.at += 1
        return token

    def skip_list(self):
        if self.peek()[1] == "(":
            while self.at < len(self.left) and self.take()[1] != ")":
                pass

    def matchers(self):
        """Between the braces; the opening one is taken."""
        found = []
        while self.at < len(self.left):
            kind, text = self.take()
            if text == "}":
                return tuple(found)
            if kind == "name":
                operator, value = self.take()[1], self.take()[1]
                if value is None or value[0] not in "\"'`":
                    raise NotRead(f"label {text}: expected a string, got {value!r}")
                found.append((text, operator, value[1:-1]))
        raise NotRead("a brace is not closed")

    def selector(self, name, calls):
        matchers = ()
        if self.peek()[1] == "{":
            self.take()
            matchers = self.matchers()
        bracket = self.take()[1][1:-1] if self.peek()[0] == "range" else None
        return Selector(name, matchers, bracket, calls)


def selectors(expression):
    """Every selector, in the order of the text."""
    reader, calls, pending, found = _Reader(expression), [], "", []
    while reader.at < len(reader.left):
        kind, text = reader.take()
        if kind == "name" and text.lower() in LABEL_LISTS:
            reader.skip_list()
        elif text == "(":
            calls.append(pending)
            pending = ""
        elif text == ")":
            if not calls:
                raise NotRead("a parenthesis too many")
            calls.pop()
        elif text == "{":
            reader.at -= 1
            found.append(reader.selector("", tuple(calls)))
        elif kind == "name" and text.lower() not in WORDS:
            following = (reader.peek()[1] or "").lower()
            if following == "(" or following in {"by", "without"}:
                pending = text.lower()
            else:
                found.append(reader.selector(text, tuple(calls)))
    if calls:
        raise NotRead("a parenthesis is not closed")
    return found


def readable(expression):
    """The selectors, none if it cannot be read: that is for the rules on syntax to say."""
    try:
        return selectors(expression)
    except NotRead:
        return []


VALUES = {"__rate_interval": "5m", "__interval": "1m", "__range": "1h", "__auto": "5m"}


def fill_in(expression):
    """The expression with a value for each variable, as Grafana would send it."""

    def value(match):
        return VALUES.get(match.group(1) or match.group(2), "x")

    return re.sub(r"\$(\w+)|\$\{(\w+)(?::\w+)?\}", value, expression)
