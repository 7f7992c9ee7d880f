"""A strict reader of Prometheus' text format 0.0.4, as headroom must write it.

Stricter than the format: every family has HELP and TYPE, once, before its samples, which stand
together; families are sorted; no series twice; no timestamps; never NaN or Inf (truth rules).
"""

import re
from dataclasses import dataclass, field

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?(e[+-]?[0-9]+)?")
ESCAPES = {"\\": "\\", '"': '"', "n": "\n"}


class FormatError(AssertionError):
    pass


@dataclass(frozen=True)
class Sample:
    name: str
    labels: dict
    value: float


@dataclass
class Page:
    types: dict = field(default_factory=dict)
    samples: list = field(default_factory=list)

    def series(self, name, /, **labels):
        wanted = labels.items()
        return [s for s in self.samples if s.name == name and wanted <= s.labels.items()]

    def value(self, name, /, **labels):
        found = self.series(name, **labels)
        assert len(found) == 1, f"{name}{labels}: {len(found)} series: {found}"
        return found[0].value

    def absent(self, name, /, **labels):
        return not self.series(name, **labels)

    def label_values(self, name, label, /, **labels):
        return {s.labels[label] for s in self.series(name, **labels)}


def parse(text):
    if not text.endswith("\n"):
        raise FormatError("the last line is cut")
    reader = _Reader()
    for number, line in enumerate(text[:-1].split("\n"), 1):
        try:
            reader.line(line)
        except FormatError as error:
            raise FormatError(f"line {number}: {error}: {line[:200]!r}") from None
    reader.end_family()
    return reader.page


class _Reader:
    def __init__(self):
        self.page = Page()
        self._seen = set()
        self._family = None
        self._family_samples = 0
        self._typed = False

    def line(self, line):
        if line.startswith("# HELP "):
            self._help(line[len("# HELP ") :])
        elif line.startswith("# TYPE "):
            self._type(line[len("# TYPE ") :])
        elif line.startswith("#") or not line.strip():
            raise FormatError("neither HELP, TYPE nor a sample")
        else:
            self._sample(line)

    def end_family(self):
        if self._family is not None and self._family_samples == 0:
            raise FormatError(f"family {self._family} has no samples")

    def _help(self, rest):
        self.end_family()
        name, _, text = rest.partition(" ")
        if not NAME.fullmatch(name) or not text:
            raise FormatError("HELP without a name or a text")
        if name in self.page.types:
            raise FormatError(f"family {name} stands in two places")
        if self._family is not None and name < self._family:
            raise FormatError(f"family {name} after {self._family}: not sorted")
        self._family, self._family_samples, self._typed = name, 0, False

    def _type(self, rest):
        name, _, kind = rest.partition(" ")
        if name != self._family or self._typed or self._family_samples:
            raise FormatError("TYPE does not follow its HELP")
        if kind not in ("gauge", "counter"):
            raise FormatError(f"unknown type {kind}")
        if (kind == "counter") != name.endswith("_total"):
            raise FormatError(f"{name} is a {kind}")
        self.page.types[name] = kind
        self._typed = True

    def _sample(self, line):
        match = NAME.match(line)
        if not match or match.group() != self._family or not self._typed:
            raise FormatError("a sample outside of its family")
        labels, rest = _labels(line[match.end() :])
        if not rest.startswith(" ") or not NUMBER.fullmatch(rest[1:]):
            raise FormatError("not a finite number")
        key = (self._family, tuple(sorted(labels.items())))
        if key in self._seen:
            raise FormatError("the same series twice")
        self._seen.add(key)
        self._family_samples += 1
        self.page.samples.append(Sample(self._family, labels, float(rest[1:])))


def _labels(text):
    """"{a="b"} 1" -> ({"a": "b"}, " 1")."""
    labels = {}
    if not text.startswith("{"):
        return labels, text
    at = 1
    while True:
        match = LABEL.match(text, at)
        if not match or text[match.end() : match.end() + 2] != '="':
            raise FormatError("not a label")
        value, at = _quoted(text, match.end() + 2)
        if match.group() in labels:
            raise FormatError(f"label {match.group()} twice")
        if value == "":
            raise FormatError(f"label {match.group()} is empty, which is no label")
        labels[match.group()] = value
        if text[at : at + 1] == "}":
            return labels, text[at + 1 :]
        if text[at : at + 1] != ",":
            raise FormatError("labels are not separated")
        at += 1


def _quoted(text, at):
    value = []
    while at < len(text):
        character = text[at]
        if character == '"':
            return "".join(value), at + 1
        if character == "\\":
            escape = text[at + 1 : at + 2]
            if escape not in ESCAPES:
                raise FormatError(f"escape \\{escape}")
            value.append(ESCAPES[escape])
            at += 2
        else:
            value.append(character)
            at += 1
    raise FormatError("a label value is not closed")
