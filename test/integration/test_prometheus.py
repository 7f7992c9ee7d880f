"""A real Prometheus takes the page, and its API gives back what Redis says."""

import subprocess

from support.configs import WORKERS, target
from support.waiting import eventually

DISCOVER = 'list_patterns = ["queue:*"]\ndiscovery_interval = "100ms"'


def test_prometheus_reads_back_what_redis_says(redis, exporter, prometheus):
    redis("RPUSH", "queue:a", *range(17))
    server = prometheus(exporter(target(redis, 'lists = ["queue:a", "queue:empty"]')))
    query = 'headroom_queue_messages{queue="queue:a",state="ready",system="redis"}'
    empty = 'headroom_queue_messages{queue="queue:empty"}'
    eventually(
        lambda: server.value(query) == redis("LLEN", "queue:a") and server.value(empty) == 0, "17 of 17"
    )
    redis("LTRIM", "queue:a", 0, 4)
    eventually(lambda: server.value(query) == redis("LLEN", "queue:a") == 5, "5 of 5")
    eventually(lambda: server.value("up") == 1, "up")


def test_a_stopped_redis_makes_the_series_stale_not_zero(redis, exporter, prometheus):
    redis("RPUSH", "queue:a", 1)
    server = prometheus(exporter(target(redis, 'lists = ["queue:a"]')))
    eventually(lambda: server.value("headroom_queue_messages") == 1, "it was there")
    redis.kill()
    eventually(lambda: server.value("headroom_target_up") == 0, "the target is down")
    assert server.query("headroom_queue_messages") == []


def test_hostile_names_survive(redis, exporter, prometheus):
    names = ['queue:"q"', "queue:a\\b", "queue:x\ny", 'queue:{a="b"} 7', "queue:한글", "queue:$1"]
    for i, name in enumerate(names):
        redis("RPUSH", name, *range(i + 1))
    server = prometheus(exporter(target(redis, DISCOVER)))

    def rows():
        found = {m["queue"]: v for m, v in server.query("headroom_queue_messages")}
        assert server.scrape_error() == ""
        return found == {name: i + 1 for i, name in enumerate(names)}

    eventually(rows, "all names as they are")


def test_promtool_has_nothing_to_say(redis, exporter):
    redis("RPUSH", "queue:a", 1)
    redis("ZADD", "delayed:a", 1, "x")
    redis("HSET", "consumer:1", "state", "working", "updated_at", 1)
    queues = 'lists = ["queue:a"]\n[[redis.queues]]\nname = "delayed:a"\nkey = "delayed:a"\nkind = "zset"\n'
    headroom = exporter(target(redis, DISCOVER + "\n" + queues + WORKERS))
    page = headroom.until(lambda p: p.series("headroom_workers"), "a full page")
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=page.text, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
