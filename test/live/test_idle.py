"""In health nothing fires, every rule has data, and the exporter writes every metric asked for."""

import sys
import time
from pathlib import Path

import pytest
import rulebook
from site_under_test import FACTOR
from support.waiting import eventually

sys.path.insert(0, str(rulebook.ROOT / "dashboards"))

from checks import run, sources  # noqa: E402
from checks.promql import selectors  # noqa: E402

# Ten minutes.
IDLE = 600 / FACTOR
ATTEMPTS = 3
# What a healthy site of this size does not have, and why.
NOT_HERE = {
    "pg_replication_lag_seconds": "of a standby",
    "pg_replication_slots_active": "no replication slot",
    "pg_replication_slots_pg_wal_lsn_diff": "no replication slot",
    "pg_stat_replication_replay_lag_seconds": "no standby",
    "pgbouncer_state": "not before PgBouncer 1.19",
    "redis_connected_slave_lag_seconds": "no replica",
    "redis_master_link_up": "of a replica",
}
# Recorded series without data here, and why.
NOT_RECORDED = {
    # Needs pressure of RabbitMQ, which is sampled every 5 s at most: too seldom for ranges of 15 s.
    "queue:headroom_queue_wait_seconds:mean5m": "the broker is not sampled",
    "queue:headroom_queue_redeliveries:ratio5m": "nothing was delivered in the range",
    "queue:headroom_queue_redeliveries:limit": "nothing was delivered in the range",
    "queue:headroom_queue_stream:max": "no stream",
    "target:pg_replication_lag_seconds:max": "of a standby",
    "target:pg_replication_lag_seconds:limit": "of a standby",
}


@pytest.fixture(scope="module")
def site(start_site):
    return start_site()


def drawn_metrics():
    boards = [b for b in run.load(run.default_paths()) if "__inputs" not in b.data]
    texts = [text for b in boards for _, _, text in b.queries()]
    texts += [a["expr"] for b in boards for a in b.annotations()]
    return {s.name for text in texts for s in selectors(text)}


def asked_for():
    """Metrics of alerts, recording rules and dashboards that no rule records."""
    rules = [*rulebook.records(), *rulebook.alerts().values()]
    names = {m for rule in rules for m in rulebook.metrics_in(rule["expr"])} | drawn_metrics()
    return {n for n in names if ":" not in n} - set(sources.FOREIGN)


def test_every_metric_asked_for_is_on_the_page(site):
    wanted = asked_for()

    def complete(page):
        """Not the first page: servers gather their statistics every few seconds."""
        families = {line.split()[2] for line in page.text.splitlines() if line.startswith("# TYPE ")}
        assert wanted - families == set(NOT_HERE)
        return True

    site.exporter.until(complete, "all but what is not here")


def scrapes_were_lost(site):
    """The machine stood still: that is no health, and an alert may be right."""
    window = f"[{IDLE:.0f}s]"
    lost = f"min_over_time(up{window}) == 0 or count_over_time(up{window}) < {0.8 * IDLE}"
    return bool(site.prometheus.query(lost))


def test_ten_minutes_of_health_fire_nothing(site):
    for _ in range(ATTEMPTS):
        eventually(lambda: not site.alerts("firing"), "nothing of the start fires")
        site.webhooks.forget()
        began = time.monotonic()
        eventually(lambda: time.monotonic() - began > IDLE, "ten minutes have passed", 600, 0.5)
        if not scrapes_were_lost(site):
            break
    assert site.ever_fired(f"{IDLE:.0f}s") == set()
    assert site.webhooks.names("pager") == set()
    assert site.webhooks.names("tickets") == set()
    assert site.webhooks.names("dead-mans-switch") == {"HeadroomWatchdog"}


def test_every_recording_rule_has_data(site):
    def recorded():
        empty = {r["record"] for r in rulebook.records() if not site.prometheus.query(r["record"])}
        assert empty == set(NOT_RECORDED)
        return True

    eventually(recorded, "the rules have data")
