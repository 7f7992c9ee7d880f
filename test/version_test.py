"""The version is CMake's; whatever else writes it down says the same.

Run by ctest; needs nothing but the sources.
"""

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "test" / "integration"))

from support.version import VERSION  # noqa: E402

CHART = "deploy/helm/headroom/Chart.yaml"
PLACES = [
    ("Dockerfile", r"^ARG VERSION=(\S+)$"),
    (CHART, r"^version: (\S+)$"),
    (CHART, r'^appVersion: "(\S+)"$'),
    ("deploy/sidecar/kustomization.yaml", r"^    newTag: (\S+)$"),
]


@pytest.mark.parametrize("path, line", PLACES)
def test_a_place_has_the_version_of_cmake(path, line):
    assert re.findall(line, (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE) == [VERSION]


def test_nothing_else_that_is_shipped_has_it():
    # What is not in PLACES would stay behind at the next version.
    word = re.compile(rf"(?<![\w.]){re.escape(VERSION)}(?![\w.])")
    files = [ROOT / "Dockerfile", *(p for p in (ROOT / "deploy").rglob("*") if p.is_file())]
    found = {str(p.relative_to(ROOT)): len(word.findall(p.read_text(encoding="utf-8"))) for p in files}
    known = [path for path, _ in PLACES]
    assert {path: n for path, n in found.items() if n} == {path: known.count(path) for path in known}
