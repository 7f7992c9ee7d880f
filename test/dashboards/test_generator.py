"""dashboards/generate writes the files that are in the repository, the same each time."""

import json
import subprocess
import sys

import pytest
from conftest import ROOT

GENERATE = ROOT / "dashboards" / "generate"


def generate(*arguments, **environment):
    return subprocess.run(
        [sys.executable, GENERATE, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": "/usr/bin:/bin", **environment},
    )


def built(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*.json")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    where = tmp_path_factory.mktemp("dashboards")
    assert generate("--output", where).returncode == 0
    return where


def test_what_is_committed_is_what_is_generated():
    ran = generate("--check")
    assert (ran.returncode, ran.stderr) == (0, "")


def test_the_same_bytes_whatever_the_hash_seed_and_the_locale(folder, tmp_path):
    assert generate("--output", tmp_path, PYTHONHASHSEED="7", LC_ALL="C").returncode == 0
    assert built(tmp_path) == built(folder)


@pytest.mark.parametrize("name", ["headroom-overview.json", "provisioned/headroom-overview.json"])
def test_a_changed_missing_or_foreign_file_is_told(folder, tmp_path, name):
    generate("--output", tmp_path)
    (tmp_path / name).write_text("{}")
    (tmp_path / "headroom-queues.json").unlink()
    (tmp_path / "provisioned" / "other.json").write_text("{}")
    ran = generate("--check", "--output", tmp_path)
    told = [line.split(":")[0] for line in ran.stderr.splitlines()]
    assert ran.returncode == 1
    assert told == sorted([name, "headroom-queues.json", "provisioned/other.json"])


def test_the_importable_build_asks_for_the_data_source_and_is_else_the_same(folder):
    for path in (folder / "provisioned").glob("*.json"):
        provisioned = json.loads(path.read_text())
        importable = json.loads((folder / path.name).read_text())
        assert "__inputs" not in provisioned and "__requires" not in provisioned
        (asked,) = importable.pop("__inputs")
        assert (asked["name"], asked["type"], asked["pluginId"]) == ("DS_PROMETHEUS", "datasource", "prometheus")
        needed = {r["id"] for r in importable.pop("__requires") if r["type"] == "panel"}
        assert needed <= {"stat", "timeseries", "table", "bargauge"} and needed
        source = importable["templating"]["list"][0]
        assert source["current"]["value"] == "${DS_PROMETHEUS}"
        source["current"] = {}
        assert importable.pop("id") is None
        assert importable == provisioned
