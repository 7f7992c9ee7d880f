"""Who may include whom, and that each third party is known in one file only.

docs/ARCHITECTURE.md gives the reasons. Run by ctest; needs nothing but the sources.
"""

import re
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)


def includes(folder):
    """{path of a source: the set of what it includes} for all sources below `folder`."""
    files = [p for p in (ROOT / folder).rglob("*") if p.suffix in (".h", ".cc")]
    assert files, f"no sources in {folder}"
    return {
        str(p.relative_to(ROOT)): set(INCLUDE.findall(p.read_text(encoding="utf-8"))) for p in files
    }


def includers(folder, pattern):
    """The sources below `folder` that include something matching `pattern`."""
    found = defaultdict(set)
    for path, names in includes(folder).items():
        for name in names:
            if re.match(pattern, name):
                found[path].add(name)
    return dict(found)


@pytest.mark.parametrize(
    "what, pattern",
    [
        ("the exporter", r"exporter/"),
        ("TOML", r"toml\+\+|toml\.hpp"),
        ("an HTTP server", r"microhttpd|civetweb|CivetServer"),
        ("a command line", r"CLI/|CLI11"),
        ("threads", r"p?thread(\.h)?$|future$|stop_token$"),
    ],
)
def test_collectors_know_nothing_of(what, pattern):
    found = includers("collectors", pattern)
    if what == "threads":  # name resolution has no deadline of its own; see the file
        found = {k: v for k, v in found.items() if "resolve" not in k}
    assert found == {}


def test_exporter_does_not_know_what_collectors_speak():
    assert includers("exporter", r"hiredis|libpq|curl/|simdjson") == {}
    assert includers("exporter", r"collectors/.*/") == {}


def test_exporter_names_no_system():
    # What it must know of one stands in the collector's row of the table (CollectorType).
    rows = [p.read_text(encoding="utf-8") for p in (ROOT / "collectors").glob("*/collector.cc")]
    systems = [re.search(r'return CollectorType\{\s*"(\w+)"', row).group(1) for row in rows]
    assert len(systems) > 3
    literal = re.compile(f'"({"|".join(systems)})"')
    sources = [p for p in (ROOT / "exporter").rglob("*") if p.suffix in (".h", ".cc")]
    found = {str(p): literal.findall(p.read_text(encoding="utf-8")) for p in sources}
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "folder, pattern",
    [
        ("collectors", r"hiredis"),
        ("exporter", r"toml\+\+|toml\.hpp"),
        ("exporter", r"CLI/|CLI11"),
        ("exporter", r"civetweb"),
        ("exporter", r"cctz/"),
    ],
)
def test_a_third_party_is_included_by_one_file(folder, pattern):
    assert len(includers(folder, pattern)) == 1, includers(folder, pattern)


@pytest.mark.parametrize(
    "pattern, place",
    [
        (r"microhttpd|civetweb", "exporter/http/"),
        (r"openssl/ssl", "collectors/net/"),
        (r"hiredis", "collectors/redis/"),
        (r"libpq-fe|libpq-events", "collectors/libpq/"),
        (r"toml\+\+|CLI/", "exporter/config/"),
        (r"cctz/", "exporter/calendar/"),
    ],
)
def test_a_third_party_stays_in_its_folder(pattern, place):
    found = {**includers("collectors", pattern), **includers("exporter", pattern)}
    assert found
    assert [path for path in found if not path.startswith(place)] == []


def test_headers_that_cost_seconds_to_compile_stay_out_of_our_headers():
    for folder in ("collectors", "exporter"):
        heavy = includers(folder, r"toml\+\+|CLI/|simdjson|hiredis")
        headers = [path for path in heavy if path.endswith(".h")]
        assert headers in ([], ["exporter/config/tomlplusplus.h"])
    # toml++ with its faults mended is a header of ours, for one file.
    found = includers("exporter", r"exporter/config/tomlplusplus\.h")
    assert list(found) == ["exporter/config/toml_value.cc"]


def test_every_header_is_included_once_by_pragma():
    for folder in ("collectors", "exporter"):
        for path in includes(folder):
            if path.endswith(".h"):
                assert "#pragma once" in (ROOT / path).read_text(encoding="utf-8"), path
