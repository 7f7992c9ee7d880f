"""A million keys that are none of our business."""

import statistics

import pytest

from support.configs import target
from support.exporter import run_once
from support.waiting import paced

KEYS = 1_000_000
LIST = 'lists = ["queue:a"]'


@pytest.fixture
def million(redis_server):
    server = redis_server()
    server("RPUSH", "queue:a", 1)
    server("DEBUG", "POPULATE", KEYS, "noise", 8)
    assert server("DBSIZE") >= KEYS
    return server


def commands_of_a_run(server, tmp_path):
    path = tmp_path / "headroom.toml"
    path.write_text(target(server, LIST), encoding="utf-8")
    server("CONFIG", "RESETSTAT")
    done = run_once("--once", f"--config.file={path}")
    assert done.returncode == 0, done.stderr
    return server.all_calls()


def test_a_run_costs_no_more_commands_than_on_an_empty_server(redis, million, tmp_path):
    assert commands_of_a_run(million, tmp_path) == commands_of_a_run(redis, tmp_path)


def test_no_scrape_waits_behind_discovery(million, exporter):
    body = LIST + '\nlist_patterns = ["queue:*"]\ndiscovery_interval = "100ms"'
    headroom = exporter(target(million, body))
    pages = [headroom.scrape() for _ in paced(0.1, 30)]
    assert million.calls("scan") > 10, "discovery did not run"
    assert all(p.value("headroom_queue_messages", queue="queue:a") == 1 for p in pages)
    # The exact bound is test/bench/scan_wait.py's; this one holds under sanitizers on busy cores.
    assert statistics.median(p.seconds for p in pages) < 0.05
