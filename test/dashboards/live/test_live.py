"""Every query of every dashboard has data, on real servers; what shows trouble has none before there is any."""

import math
import time

import pytest
from checks import run
from grafana import Reader, Window
from quiet import EMPTY_IN_HEALTH
from support.debian import PLACES, root_of
from support.resp import RespError
from support.waiting import eventually
from world import HASTE

# A step of a minute stands for one of 4 s, and `rate` looks back over four: 16 s at least.
PATIENCE = 120
BOARDS = [b for b in run.load(run.default_paths()) if "__inputs" not in b.data]
BORN = int(time.time())


def readers():
    window = Window(BORN, int(time.time()))
    return window, [Reader(board, window, HASTE) for board in BOARDS]


def queries():
    window, all_readers = readers()
    found = [q for reader in all_readers for q in (*reader.panels(), *reader.annotations())]
    assert len({q.where for q in found}) == len(found)
    return window, found


def series(prometheus, query, window):
    """What the query finds; a number that is none fails at once."""
    if query.instant:
        rows = prometheus.api("query", query=query.text, time=window.end)["result"]
        samples = [row["value"] for row in rows]
    else:
        start = window.start - window.start % query.step
        rows = prometheus.api("query_range", query=query.text, start=start, end=window.end, step=query.step)
        rows = rows["result"]
        samples = [sample for row in rows for sample in row["values"]]
    for _, value in samples:
        if not math.isfinite(float(value)):
            pytest.fail(f"{query.where} says {value}:\n{query.text}")
    return rows


def until_none_is_empty(world, prometheus, wanted):
    """Asks again for what is empty, over a range that grows; `wanted(where)`: is it to have data?"""
    full = set()

    def missing():
        assert world.load.error is None, world.load.error
        window, found = queries()
        for query in found:
            if wanted(query.where) and query.where not in full and series(prometheus, query, window):
                full.add(query.where)
        empty = [q for q in found if wanted(q.where) and q.where not in full]
        assert not empty, "\n".join(f"{q.where}: {q.text}" for q in empty)
        return True

    eventually(missing, "data for every query", PATIENCE, interval=1)


@pytest.fixture(params=PLACES)
def prometheus(request, world):
    root = root_of(request.param)
    return world.prometheus[root]


def test_the_list_of_what_may_be_empty_names_queries_that_there_are():
    _, found = queries()
    assert EMPTY_IN_HEALTH.keys() - {query.where for query in found} == set()


def test_every_query_of_a_panel_or_an_annotation_has_data(world, prometheus):
    until_none_is_empty(world, prometheus, lambda where: where not in EMPTY_IN_HEALTH)


def test_every_variable_has_values(prometheus):
    window, all_readers = readers()
    for reader in all_readers:
        for where, selector, label in reader.variables():
            match = {"match[]": selector, "start": window.start, "end": window.end}
            assert prometheus.api(f"label/{label}/values", **match), f"{where}: {selector}"


def test_a_stranger_that_is_down_is_not_taken_for_an_exporter(prometheus):
    assert prometheus.value('up{job="stranger"}') == 0

    def nobody_is_down():
        """Again, if a scrape of the exporter itself came too late."""
        window, found = queries()
        for where in ("headroom-overview: Not scraped: A", "headroom-exporter: Exporters down: A"):
            (row,) = series(prometheus, next(q for q in found if q.where == where), window)
            assert float(row["value"][1]) == 0
        return True

    eventually(nobody_is_down, "no exporter counts as down", interval=1)
    window, found = queries()
    (query,) = [q for q in found if q.where == "headroom-exporter: How long a scrape takes: A"]
    assert {row["metric"]["job"] for row in series(prometheus, query, window)} == {"headroom"}


def test_what_shows_trouble_is_empty_while_there_is_none(prometheus):
    window, found = queries()
    data = {q.where: series(prometheus, q, window) for q in found if q.where in EMPTY_IN_HEALTH}
    assert {where: rows for where, rows in data.items() if rows} == {}


@pytest.fixture(scope="module")
def trouble(world):
    """Whatever comes after this has a broken world."""
    world.alert_soon()
    world.pair.standby.kill()
    with world.redis.connect() as client:
        for i in range(40):
            client("SET", f"ballast:{i}", "x" * 100_000)
        used = dict(row.split(b":", 1) for row in client("INFO", "memory").splitlines() if b":" in row)
        client("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        client("CONFIG", "SET", "maxmemory", int(used[b"used_memory"]) - 1_000_000)
        client("CONFIG", "SET", "maxclients", 1)
    with pytest.raises((AssertionError, OSError, RespError)), world.redis.connect() as client:
        client("PING")
    return world


def test_trouble_fills_what_was_empty(trouble, prometheus):
    until_none_is_empty(trouble, prometheus, lambda where: where in EMPTY_IN_HEALTH)
