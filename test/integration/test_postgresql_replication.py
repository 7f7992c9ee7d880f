"""Replication lag on both sides: an idle pair, a stuck one, a frozen one and a cut one differ."""

import time

import pytest

from support.pool_pages import down, measured, up
from support.postgres_pair import RECEIVER_TIMEOUT, Pair, lag, sent_diff
from support.slow_link import SlowLink
from support.waiting import eventually

IDLE_SECONDS = 60
# The standby asks for a sign of life after half of wal_receiver_timeout, and has 5 s for the answer.
SILENCE = RECEIVER_TIMEOUT / 2 + 5

IS_REPLICA = "pg_replication_is_replica"


@pytest.fixture(scope="module", autouse=True)
def idle_pair():
    """Left alone from here to the file's last test; with the settings that everybody has."""
    pair = Pair(standby_settings={})
    yield pair
    pair.remove()


@pytest.fixture
def pair(cleanup):
    pair = Pair()
    cleanup.callback(pair.remove)
    return pair


@pytest.fixture
def headroom(pair, exporter):
    process = exporter(pair.config(timeout="500ms"))
    process.until(lambda p: up(p, "primary") and up(p, "standby"), "both up")
    return process


def quiet_page(pair, headroom):
    """(bytes that the standby is behind, the page), the same before and after it."""

    def unchanged():
        before, page = pair.behind(), headroom.until(lambda p: up(p, "primary"), "up")
        return (before, page) if before is not None and before == pair.behind() else None

    return eventually(unchanged, "a page between two equal looks")


def test_each_side_knows_what_it_is(pair, headroom):
    # A primary writes WAL by itself as well: it is not level at every moment.
    page = headroom.until(lambda p: lag(p) == 0 and sent_diff(p) == [0], "both up and level")
    assert page.value(IS_REPLICA, target="primary") == 0
    assert page.value(IS_REPLICA, target="standby") == 1
    assert page.absent("pg_replication_lag_seconds", target="primary"), "a primary is not behind anybody"
    assert page.absent("pg_stat_replication_pg_wal_lsn_diff", target="standby")


def test_a_standby_that_does_not_replay_is_behind_by_bytes_and_seconds(pair, headroom):
    pair.standby.sql("SELECT pg_wal_replay_pause()")
    pair.write()
    eventually(lambda: (pair.behind() or 0) > 1000, "it is behind")

    behind, page = quiet_page(pair, headroom)
    assert sent_diff(page) == [behind]
    first = lag(headroom.until(lambda p: lag(p) is not None and lag(p) > 0, "behind"))
    headroom.until(lambda p: (lag(p) or 0) > first + 0.3, "it grows")
    pair.standby.sql("SELECT pg_wal_replay_resume()")
    headroom.until(lambda p: lag(p) == 0 and sent_diff(p) == [0], "level again")


def test_a_frozen_standby_is_unknown_itself_and_behind_for_the_primary(pair, headroom):
    pair.standby.pause()
    pair.write()
    page = headroom.until(lambda p: down(p, "standby") and up(p, "primary"), "down")
    assert measured(page, "standby") == []
    # The primary writes what was committed a moment later: synchronous_commit is off.
    eventually(lambda: (pair.behind() or 0) > 1000, "it is behind")
    behind, page = quiet_page(pair, headroom)
    assert sent_diff(page) == [behind] and behind > 1000
    pair.standby.resume()
    headroom.until(lambda p: up(p, "standby") and lag(p) == 0 and sent_diff(p) == [0], "level")


def test_a_frozen_primary_makes_the_standby_old(pair, headroom):
    """Everything received is replayed, so bytes say 0: only the silence tells."""
    pair.primary.pause()
    frozen_at = time.monotonic()
    page = headroom.until(lambda p: (lag(p) or 0) > 0, "the silence is noticed", timeout=60)
    noticed = time.monotonic() - frozen_at
    assert noticed < SILENCE + 5
    assert down(page, "primary")
    assert lag(page) > 1
    grown = headroom.until(
        lambda p: (lag(p) or 0) > lag(page) + 0.5, "it grows with the silence"
    )
    assert up(grown, "standby")
    pair.primary.resume()
    headroom.until(lambda p: up(p, "primary") and lag(p) == 0, "level again", timeout=60)


def test_a_cut_link_makes_the_standby_old_and_leaves_the_primary_without_it(pair, headroom):
    asked_at, age = time.monotonic(), pair.last_message_age()
    pair.standby.reload(primary_conninfo="host=/nowhere")
    eventually(
        lambda: pair.standby.value("SELECT count(*) FROM pg_stat_wal_receiver") == 0, "cut"
    )
    cut_at = time.monotonic()
    page = headroom.until(lambda p: sent_diff(p) == [], "the primary has no standby")
    assert lag(page) is None or lag(page) > 0, "0 would be a lie"
    pair.write()
    page = headroom.until(
        lambda p: (lag(p) or 0) > 1 and up(p, "primary"), "it is as old as the last message"
    )
    # The last message came before the cut, and not before the one whose age is known.
    assert page.received - cut_at - page.seconds - 1 <= lag(page)
    assert lag(page) <= page.received - asked_at + age + 1
    assert up(page, "standby")


def test_catch_up_over_a_slow_link_is_behind_until_it_has_ended(pair, headroom, cleanup):
    """All that arrives is replayed at once; the primary is far ahead all the same."""
    link = SlowLink(pair.primary.port, bytes_per_second=200_000)
    cleanup.callback(link.remove)
    pair.standby.reload(primary_conninfo="host=/nowhere")
    eventually(lambda: pair.behind() is None, "cut")
    pair.write(rows=60_000)  # 4 MB: 20 s
    pair.standby.reload(primary_conninfo=f"host=127.0.0.1 port={link.port} user=admin")
    eventually(lambda: (pair.behind() or 0) > 1_000_000, "connected over the slow link")
    seen = []
    while (pair.behind() or 0) > 1_000_000 and len(seen) < 20:
        page = headroom.scrape()
        seen.append((lag(page), pair.behind()))
    assert len(seen) > 3
    assert all(seconds is None or seconds > 0 for seconds, _ in seen), seen
    link.bytes_per_second = 100_000_000
    headroom.until(lambda p: lag(p) == 0 and sent_diff(p) == [0], "level again", timeout=60)


def test_an_idle_primary_that_ended_a_segment_is_level(pair, headroom):
    pair.primary.sql("SELECT pg_switch_wal()")
    pair.primary.sql("CHECKPOINT")
    eventually(pair.level, "replayed")
    headroom.until(lambda p: lag(p) == 0, "level")
    pair.write(1)
    pair.primary.sql("SELECT pg_switch_wal()")
    eventually(pair.level, "replayed")
    headroom.until(lambda p: lag(p) == 0, "level")


def test_a_promoted_standby_is_no_replica_any_more(pair, headroom):
    pair.standby.sql("SELECT pg_promote()")
    page = headroom.until(lambda p: p.value(IS_REPLICA, target="standby") == 0, "promoted")
    assert lag(page) is None


def test_an_idle_pair_is_level_for_a_minute(idle_pair, exporter):
    """The time since the last commit grows, the lag does not."""
    headroom = exporter(idle_pair.config(timeout="20s"))
    seen = set()
    while time.monotonic() < idle_pair.quiet_since + IDLE_SECONDS:
        page = headroom.scrape()
        seen.add((up(page, "standby"), lag(page), tuple(sent_diff(page))))
        time.sleep(0.2)
    page = headroom.scrape()
    seen.add((up(page, "standby"), lag(page), tuple(sent_diff(page))))
    assert seen == {(True, 0, (0,))}
    since_commit = idle_pair.standby.value(
        "SELECT extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) AS s"
    )
    assert since_commit > IDLE_SECONDS - 1
