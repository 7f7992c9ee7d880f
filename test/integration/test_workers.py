"""Consumer-state keys: live workers by state, stale ones apart."""

import json
import time

from support.configs import WORKERS, target


def heartbeat(redis, worker, state, age=0.0, in_state=0.0, unit=1):
    now = time.time()
    fields = {"state": state, "updated_at": (now - age) * unit, "since": (now - in_state) * unit}
    redis("HSET", worker, *[f"{x:.3f}" if isinstance(x, float) else x for kv in fields.items() for x in kv])


def workers(page, name="headroom_workers"):
    return {s.labels["state"]: s.value for s in page.series(name, group="decision-workers")}


def found(count):
    return lambda p: sum(workers(p).values()) + sum(workers(p, "headroom_workers_stale").values()) == count


def test_workers_are_counted_by_state_and_every_state_is_present(redis, exporter):
    for i in range(3):
        heartbeat(redis, f"consumer:{i}", "working")
    heartbeat(redis, "consumer:3", "idle")
    heartbeat(redis, "consumer:4", "exploding")
    page = exporter(target(redis, WORKERS)).until(found(5), "all five")
    assert workers(page) == {"idle": 1, "working": 3, "draining": 0, "other": 1}
    assert workers(page, "headroom_workers_stale") == {
        "idle": 0,
        "working": 0,
        "draining": 0,
        "other": 0,
    }


def test_a_lingering_working_state_is_stale_not_working(redis, exporter):
    heartbeat(redis, "consumer:alive", "working")
    heartbeat(redis, "consumer:dead", "working", age=600, in_state=900)
    page = exporter(target(redis, WORKERS)).until(found(2), "both")
    assert workers(page)["working"] == 1
    assert workers(page, "headroom_workers_stale")["working"] == 1
    age = page.value("headroom_workers_oldest_heartbeat_age_seconds")
    assert 599 <= age < 660
    assert page.value("headroom_workers_longest_in_state_seconds", state="working") < 60


def test_a_worker_goes_stale_by_the_passing_of_time(redis, exporter):
    config = WORKERS.replace('"60s"', '"2s"')

    def beating(state):
        """Until a page has it, it goes on: one heartbeat may be too old by the first page."""

        def alive(page):
            if workers(page).get(state) == 1:
                return True
            heartbeat(redis, "consumer:0", state)
            return False

        return alive

    headroom = exporter(target(redis, config))
    headroom.until(beating("working"), "alive")
    page = headroom.until(lambda p: workers(p).get("working") == 0, "silent for too long")
    assert workers(page, "headroom_workers_stale")["working"] == 1
    page = headroom.until(beating("idle"), "it is back")
    assert workers(page, "headroom_workers_stale")["working"] == 0


def test_a_worker_without_its_heartbeat_field_is_stale(redis, exporter):
    redis("HSET", "consumer:0", "state", "working")
    page = exporter(target(redis, WORKERS)).until(found(1), "the one")
    assert workers(page)["working"] == 0
    assert workers(page, "headroom_workers_stale")["working"] == 1


def test_a_heartbeat_in_milliseconds_is_understood(redis, exporter):
    heartbeat(redis, "consumer:0", "working", age=10.0, unit=1000)
    page = exporter(target(redis, WORKERS)).until(found(1), "the one")
    assert workers(page)["working"] == 1
    assert 10 <= page.value("headroom_workers_oldest_heartbeat_age_seconds") < 60


def test_a_heartbeat_from_the_future_has_age_zero(redis, exporter):
    heartbeat(redis, "consumer:0", "working", age=-3600.0)
    page = exporter(target(redis, WORKERS)).until(found(1), "the one")
    assert workers(page)["working"] == 1
    assert page.value("headroom_workers_oldest_heartbeat_age_seconds") == 0


def test_json_strings_and_iso_8601(redis, exporter):
    for i, age in enumerate([0, 3600]):
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - age))
        redis("SET", f"consumer:{i}", json.dumps({"state": "working", "updated_at": moment}))
    page = exporter(target(redis, WORKERS)).until(found(2), "both")
    assert workers(page)["working"] == 1
    assert workers(page, "headroom_workers_stale")["working"] == 1


BY_TTL = """
  [[redis.workers]]
  group = "decision-workers"
  members = "consumers"
  state_field = "state"
  states = ["idle", "working"]
  heartbeat_ttl = "60s"
  stale_after = "30s"
"""


def test_members_of_a_set_with_a_refreshed_ttl(redis, exporter):
    for name, ttl in [("w:fresh", 59), ("w:late", 20), ("w:forever", None)]:
        redis("HSET", name, "state", "working")
        redis("SADD", "consumers", name)
        if ttl:
            redis("EXPIRE", name, ttl)
    page = exporter(target(redis, BY_TTL)).until(found(3), "all three")
    assert workers(page) == {"idle": 0, "working": 1, "other": 0}
    assert workers(page, "headroom_workers_stale") == {"idle": 0, "working": 2, "other": 0}


def test_an_empty_group_is_zero_workers(redis, exporter):
    page = exporter(target(redis, BY_TTL)).scrape()
    assert workers(page) == {"idle": 0, "working": 0, "other": 0}


def test_a_group_with_an_unreadable_member_is_absent_not_smaller(redis, exporter):
    for name in ["w:good", "hidden:w"]:
        redis("HSET", name, "state", "working")
        redis("EXPIRE", name, 59)
        redis("SADD", "consumers", name)
    redis("ACL", "SETUSER", "monitor", "on", ">pw", "~w:*", "~consumers", "~queue:*", "+@all")
    queue = '[[redis.queues]]\nname = "queue:a"\nkey = "queue:a"'
    url = f"redis://monitor:pw@127.0.0.1:{redis.port}"
    page = exporter(target(redis, BY_TTL + queue, url=url)).scrape()
    assert page.absent("headroom_workers") and page.absent("headroom_workers_stale")
    assert page.value("headroom_target_errors_total", reason="permission") >= 1
    assert page.value("headroom_queue_messages", queue="queue:a") == 0


def test_a_key_that_is_no_record_is_no_worker(redis, exporter):
    heartbeat(redis, "consumer:1", "working")
    redis("RPUSH", "consumer:jobs", "x", "y")
    page = exporter(target(redis, WORKERS)).until(found(1), "the one")
    assert workers(page) == {"idle": 0, "working": 1, "draining": 0, "other": 0}
    assert sum(workers(page, "headroom_workers_stale").values()) == 0


def test_without_heartbeat_every_key_counts_and_there_is_no_stale_series(redis, exporter):
    group = """
  [[redis.workers]]
  group = "decision-workers"
  members = "consumers"
  state_field = "state"
  states = ["working"]
"""
    redis("HSET", "w:1", "state", "working")
    redis("SADD", "consumers", "w:1")
    page = exporter(target(redis, group)).scrape()
    assert workers(page) == {"working": 1, "other": 0}
    assert page.absent("headroom_workers_stale")
