"""A workload as time passes and servers come and go, and who may ask for it."""

import datetime
import math
import signal
import time

from support.configs import WORKERS, target
from support.exporter import PATIENT
from support.waiting import PATIENCE
from support.workloads import MIN, limits, messages, plain, said, workers


def test_workers_that_took_all_messages_are_seen_within_seconds(redis, exporter):
    messages(redis, 100, 0)
    headroom = exporter(plain(redis))
    headroom.until(lambda p: said(p).get("recommended_workers") == 10, "100 messages")
    workers(redis, ["working"] * 10)
    messages(redis, 0, 0)
    page = headroom.until(lambda p: said(p).get("busy_workers") == 10, "ten at work", timeout=15)
    assert said(page)["recommended_workers"] == 10


def test_without_redis_the_minimum_stays_and_the_recommendation_comes_back(redis, exporter):
    messages(redis, 95, 0)
    headroom = exporter(plain(redis))
    headroom.until(lambda p: said(p).get("recommended_workers") == 10, "95 messages")
    redis.kill()
    page = headroom.scrape()
    assert said(page) == {"minimum_workers": MIN, "floor_workers": 0, "finish_within_seconds": 3600}
    assert limits(page) == {}
    redis.restart()
    messages(redis, 45, 0)
    headroom.until(lambda p: said(p).get("recommended_workers") == 5, "45 messages")


def test_a_stopped_redis_is_as_unknown_as_a_dead_one(redis, exporter):
    messages(redis, 95, 0)
    headroom = exporter(plain(redis).replace('"5s"', '"500ms"'))
    headroom.until(lambda p: said(p).get("recommended_workers") == 10, "95 messages")
    redis.pause()
    try:
        assert "recommended_workers" not in said(headroom.scrape())
    finally:
        redis.resume()
    headroom.until(lambda p: said(p).get("recommended_workers") == 10, "95 messages again")


def moment(seconds):
    now = datetime.datetime.now(datetime.timezone.utc)
    return (now + datetime.timedelta(seconds=seconds)).isoformat(timespec="seconds")


def floor(start, end, workers, lead="0s"):
    return f"""
  [[workload.floor]]
  start = {moment(start)}
  end = {moment(end)}
  lead = "{lead}"
  workers = {workers}
"""


def test_a_planned_event_brings_its_workers_whatever_the_backlog_is(redis, exporter):
    headroom = exporter(plain(redis, floor(-60, 3600, 12) + floor(7200, 9000, 25, lead="1h")))
    page = headroom.until(lambda p: said(p).get("recommended_workers") == 12, "the floor")
    assert said(page)["floor_workers"] == said(page)["minimum_workers"] == 12
    assert said(page)["next_floor_workers"] == 25
    assert abs(said(page)["next_floor_timestamp_seconds"] - time.time() - 7200) < 60
    redis.kill()
    down = said(headroom.scrape())
    assert "recommended_workers" not in down
    assert down["floor_workers"] == down["minimum_workers"] == 12


def test_an_event_ends_by_the_passing_of_time(redis, exporter):
    # A machine that is too slow to show a page within the first event's time is given a longer one.
    for seconds in (3, 15, 60):
        end = math.floor(time.time()) + seconds
        headroom = exporter(plain(redis, floor(-60, end - time.time(), 12)))
        page = headroom.scrape()
        if time.time() < end:
            break
    assert said(page)["floor_workers"] == said(page)["minimum_workers"] == 12
    page = headroom.until(
        lambda p: said(p)["floor_workers"] == 0, "it is over", timeout=seconds + PATIENCE
    )
    assert time.time() >= end
    assert said(page)["minimum_workers"] == MIN


def test_a_request_for_a_workload_asks_nobody_else(redis_server, exporter):
    redis, other = redis_server(), redis_server()
    messages(redis, 95, 0)
    headroom = exporter(plain(redis) + target(other, 'lists = ["x"]', name="other"))
    headroom.until(lambda p: said(p).get("recommended_workers") == 10, "95 messages")
    other.pause()  # whoever asks it waits for five seconds
    try:
        page = headroom.scrape("/metrics?collect[]=workload:decisions")
    finally:
        other.resume()
    assert page.seconds < 4
    assert said(page)["recommended_workers"] == 10
    assert {s.name.startswith("headroom_workload_") for s in page.samples} == {True}
    both = headroom.scrape("/metrics?collect[]=workload:decisions&collect[]=other")
    assert both.label_values("headroom_target_up", "target") == {"other"}
    assert said(both)["recommended_workers"] == 10


def test_an_unknown_workload_is_refused_with_a_suggestion(redis, exporter):
    headroom = exporter(plain(redis))
    answer = headroom.get("/metrics?collect[]=workload:decision", headers=PATIENT)
    assert answer.status == 400
    assert 'did you mean "decisions"?' in answer.body


def test_a_queue_of_a_workload_is_exported_as_a_declared_one(redis, exporter):
    page = exporter(plain(redis)).scrape()
    for queue in ("queue:decisions", "queue:pipelines"):
        assert page.value("headroom_queue_messages", queue=queue, state="ready") == 0


def test_workloads_are_reloaded_with_the_targets(redis, exporter):
    messages(redis, 95, 0)
    headroom = exporter(target(redis, WORKERS))
    assert said(headroom.scrape()) == {}
    headroom.write_config(plain(redis))
    headroom.signal(signal.SIGHUP)
    headroom.until(lambda p: said(p).get("recommended_workers") == 10, "the workload is there")
    headroom.write_config(target(redis, WORKERS))
    headroom.signal(signal.SIGHUP)
    page = headroom.until(lambda p: said(p) == {}, "it is gone")
    assert page.absent("headroom_queue_messages", queue="queue:decisions")
