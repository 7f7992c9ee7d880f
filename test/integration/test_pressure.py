"""Pressure counters see what happens between two scrapes, once, however many scrape."""

import random
import signal
import threading
import time
from dataclasses import dataclass

import pytest

from support.configs import at_default_duty, pgbouncer, target
from support.pressure_load import (
    MESSAGES,
    OBSERVED,
    SATURATED,
    WAITING,
    Load,
    Meter,
    burst,
    stampede,
)
from support.slow_link import SlowLink
from support.waiting import eventually, paced

LIST = 'lists = ["queue:a"]'
SAMPLED = LIST + '\nsample_interval = "50ms"'
POOL = {"scope": "pool", "pool": "app/app"}
ATTEMPTS = 3
SETTLED = 0.3  # seconds: the next samples are there


def sampled(redis, **keywords):
    return at_default_duty(target(redis, SAMPLED, **keywords))


@dataclass
class Area:
    counted: float
    truth: float
    peak: float  # the most that there is at once

    def holds(self, missed):
        """What was not observed may have been full or empty; what was observed is never invented."""
        assert self.counted > 0
        assert self.counted <= self.truth * 1.1
        assert self.counted >= self.truth * 0.9 - missed * self.peak


def where_sampled(measure):
    """Judges the first measurement during which the machine was there to sample; it says so itself.

    What was missed may all have been load, whose busy time it is compared with. On a machine that
    never is there, the last one is judged by what the exporter says that it saw.
    """
    for _ in range(ATTEMPTS):
        missed, busy, areas = measure()
        assert missed > -0.1, "more time was observed than has passed"
        if missed < 0.04 * busy:
            missed = 0
            break
    for area in areas:
        area.holds(missed)


def test_without_sampling_there_are_no_counters(redis, exporter):
    page = exporter(target(redis, LIST)).scrape()
    assert [s for s in page.samples if s.name in (MESSAGES, SATURATED, WAITING, OBSERVED)] == []


def test_a_known_area_under_a_queue_is_measured_between_two_scrapes(redis, exporter):
    headroom = exporter(sampled(redis))

    def empty(page):
        return page.value("headroom_queue_messages", queue="queue:a") == 0

    def measure():
        redis("DEL", "queue:a")
        time.sleep(SETTLED)
        before = headroom.until(empty, "nothing waits")
        truth = Load()
        for _ in range(4):
            truth += burst(redis, "queue:a", [100, -30, 50, -90], held=0.21)
            time.sleep(random.uniform(0.1, 0.2))
        time.sleep(SETTLED)
        after = headroom.until(empty, "nothing waits")  # the gauge saw nothing of it, before and after
        meter = Meter(before, "main", queue="queue:a", state="ready")
        messages = Area(meter.grown(after, MESSAGES), truth.area, peak=120)
        return meter.missed(after), truth.busy, [messages]

    where_sampled(measure)


def test_a_dozen_stampedes_between_two_scrapes_show_although_the_gauge_is_zero(
    postgres, pgbouncer_server, clients, exporter
):
    bouncer = pgbouncer_server(postgres, default_pool_size=2)
    sessions = clients(bouncer, 20)
    # As often as configured, however busy the machine: what is measured is 50 ms.
    headroom = exporter(pgbouncer(bouncer, 'sample_interval = "50ms"'))
    stampede(sessions, service=0.001)  # the pool is there, its connections are open

    def nobody_waits(page):
        return page.value("headroom_pool_waiting_clients", **POOL) == 0

    def measure():
        time.sleep(SETTLED)
        before = headroom.until(nobody_waits, "nobody waits")
        start, truth = time.monotonic(), Load()
        for _ in paced(1.2 + 0.05 / 12, 12):  # at twelve phases of the samples
            truth += stampede(sessions, service=0.03)  # ten rounds of two: 300 ms
        time.sleep(max(SETTLED, start + 15 - time.monotonic()))
        after = headroom.until(nobody_waits, "nobody waits")
        for page in (before, after):
            # A database or user at its limit is not a pool in which somebody waits.
            scopes = page.label_values(SATURATED, "scope", target="pooler")
            assert not scopes & {"database", "user"}
        meter = Meter(before, "pooler", **POOL)
        waited = Area(meter.grown(after, WAITING), truth.area, peak=len(sessions))
        saturated = Area(meter.grown(after, SATURATED), truth.busy, peak=1)
        return meter.missed(after), truth.busy, [waited, saturated]

    where_sampled(measure)


@pytest.mark.parametrize("scrapers", [1, 2, 10])
def test_the_rate_is_the_same_however_many_scrape(redis, exporter, scrapers):
    redis("RPUSH", "queue:a", *range(7))
    headroom = exporter(sampled(redis))
    headroom.until(lambda page: page.value(OBSERVED) > 0, "two samples")
    grown = []
    runs, start = redis.calls("llen"), time.monotonic()

    def scrape_for_a_while():
        start = time.monotonic()
        before = headroom.scrape()
        for _ in paced(0.1, 20):
            after = headroom.scrape()
        meter = Meter(before, "main", queue="queue:a", state="ready")
        elapsed = time.monotonic() - start
        grown.append((meter.observed(after), meter.grown(after, MESSAGES), elapsed))

    threads = [threading.Thread(target=scrape_for_a_while) for _ in range(scrapers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pace = (redis.calls("llen") - runs) / (time.monotonic() - start)
    assert len(grown) == scrapers
    assert pace < 24, "scrapers made the target run"  # 20 ticks a second
    for observed, area, elapsed in grown:
        assert area == pytest.approx(7 * observed)
        assert 0 < observed < elapsed + 0.3  # per scrape it would be many times that


def test_samples_are_taken_at_their_pace_under_the_default_duty(redis, exporter):
    exporter(sampled(redis))

    def kept_pace():
        before, start = redis.calls("llen"), time.monotonic()
        time.sleep(2)
        pace = (redis.calls("llen") - before) / (time.monotonic() - start)
        assert pace < 22
        return pace > 18

    eventually(kept_pace, "20 samples a second")


def test_a_target_that_answers_slowly_is_observed_at_the_pace_of_its_duty(
    postgres, pgbouncer_server, exporter, cleanup
):
    bouncer = pgbouncer_server(postgres)
    link = SlowLink(bouncer.port, delay=0.003)  # for each of several questions
    cleanup.callback(link.remove)
    dsn = f"host=127.0.0.1 port={link.port} user=stats dbname=pgbouncer"
    body = f'sample_interval = "50ms"\npassword_file = "{bouncer.password_file("stats")}"'
    headroom = exporter(at_default_duty(pgbouncer(bouncer, body, dsn=dsn)))
    headroom.until(lambda page: page.value(OBSERVED) > 0, "two samples")

    def keeps_up():
        before = headroom.scrape()
        time.sleep(5)
        after = headroom.scrape()
        meter = Meter(before, "pooler")
        return meter.missed(after) <= 0.1 * meter.observed(after)

    eventually(keeps_up, "nine tenths of five seconds observed")
    warning = "sampled less often than configured"
    eventually(lambda: warning in headroom.log(), "a warning")
    time.sleep(1)
    assert headroom.log().count(warning) == 1


def test_a_stall_of_the_server_is_not_paid_for_with_blindness(redis, exporter):
    headroom = exporter(sampled(redis))
    headroom.until(lambda page: page.value(OBSERVED) > 1, "a second of samples")
    redis("DEBUG", "SLEEP", "1.5")
    stalled = headroom.scrape()

    def sees_again(page):
        return Meter(stalled, "main").observed(page) > 1.5

    # Paid for at the default max_duty, it would be 15 s.
    headroom.until(sees_again, "a second and a half of samples", timeout=8)


def test_a_target_that_is_down_keeps_its_counters_and_nothing_is_invented(redis, exporter):
    redis("RPUSH", "queue:a", *range(7))
    headroom = exporter(sampled(redis, timeout="1s"))
    headroom.until(lambda page: page.value(OBSERVED) > 0.5, "half a second of samples")
    redis.kill()
    down = headroom.until(lambda page: page.value("headroom_target_up") == 0, "down")
    time.sleep(1)
    later = headroom.scrape()
    assert down.value(OBSERVED) > 0.5
    assert later.value(OBSERVED) == down.value(OBSERVED)
    assert later.value(MESSAGES) == down.value(MESSAGES) == pytest.approx(7 * down.value(OBSERVED))
    assert later.absent("headroom_queue_messages")
    redis.restart()  # it comes back empty
    back = headroom.until(lambda page: page.value(OBSERVED) > down.value(OBSERVED), "samples again")
    assert back.value(MESSAGES) == down.value(MESSAGES)


def test_a_queue_that_cannot_be_read_is_absent_and_goes_on_later(redis, exporter):
    redis("RPUSH", "queue:a", "x")
    headroom = exporter(sampled(redis))
    before = headroom.until(lambda page: page.value(MESSAGES) > 0.3, "samples")
    redis("RENAME", "queue:a", "elsewhere")
    redis("SET", "queue:a", "not a list")
    unknown = headroom.until(lambda page: page.absent(MESSAGES), "the queue is unknown")
    assert unknown.value(OBSERVED) >= before.value(OBSERVED)
    time.sleep(1)
    redis("RENAME", "elsewhere", "queue:a")
    back = headroom.until(lambda page: page.series(MESSAGES), "the queue again")
    assert before.value(MESSAGES) <= back.value(MESSAGES)
    missed = back.value(OBSERVED) - back.value(MESSAGES)
    assert missed > 0.8  # one message: the area would be the observed time


def test_a_reload_keeps_the_counters_of_a_target_that_stays_as_it_was(redis, exporter):
    headroom = exporter(sampled(redis))
    # Longer than a reload may take: counters that start again must not have caught up meanwhile.
    before = headroom.until(lambda page: page.value(OBSERVED) > 4, "four seconds of samples")
    headroom.write_config(sampled(redis) + target(redis, LIST, name="other"))
    headroom.signal(signal.SIGHUP)
    after = headroom.until(lambda page: page.series("headroom_target_up", target="other"), "reloaded")
    assert after.received - before.received < before.value(OBSERVED)
    assert after.value(OBSERVED) >= before.value(OBSERVED)
    headroom.write_config(sampled(redis, timeout="4s"))
    headroom.signal(signal.SIGHUP)
    headroom.until(lambda page: page.value(OBSERVED) < before.value(OBSERVED), "started again")
