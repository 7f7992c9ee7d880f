"""Who shares a run with whom, and what a run costs Redis."""

import threading

from support.configs import target
from support.waiting import eventually

LIST = 'lists = ["queue:a"]'


def at_the_same_time(count, action):
    results, barrier = [], threading.Barrier(count)

    def run():
        barrier.wait()
        results.append(action())

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == count
    return results


def test_scrapes_at_the_same_moment_cost_one_batch(redis, exporter):
    headroom = exporter(target(redis, LIST, max_age="20s"))
    pages = at_the_same_time(10, headroom.scrape)
    assert all(p.value("headroom_queue_messages", queue="queue:a") == 0 for p in pages)
    assert redis.calls("llen") == 1


def test_scrapes_within_max_age_share_a_run(redis, exporter):
    headroom = exporter(target(redis, LIST, max_age="30s"))
    for _ in range(5):
        headroom.scrape()
    assert redis.calls("llen") == 1


def test_data_older_than_max_age_is_read_again(redis, exporter):
    headroom = exporter(target(redis, LIST, max_age="1ms"))

    def read_again():
        headroom.scrape()
        return redis.calls("llen") >= 5

    eventually(read_again, "scrapes make runs")


def test_without_scrapes_nobody_asks_redis(redis, exporter):
    headroom = exporter(target(redis, LIST))
    headroom.get("/-/healthy")
    headroom.get("/-/ready")
    assert redis.calls("llen") == 0


def test_sampling_asks_without_scrapes(redis, exporter):
    exporter(target(redis, LIST + '\nsample_interval = "50ms"'))
    eventually(lambda: redis.calls("llen") >= 5, "five samples")


def test_a_run_is_one_pipeline_over_one_kept_connection(redis, exporter):
    lists = ", ".join(f'"queue:{i}"' for i in range(200))
    headroom = exporter(target(redis, f"lists = [{lists}]"))
    first = headroom.scrape()
    assert len(first.series("headroom_queue_messages")) == 200
    connections = int(redis.info("stats")["total_connections_received"])
    eventually(lambda: headroom.scrape() and redis.calls("llen") >= 1000, "five runs")
    assert int(redis.info("stats")["total_connections_received"]) == connections
    assert b"name=headroom" in redis("CLIENT", "LIST")


def test_lists_without_patterns_never_scan(redis, exporter):
    headroom = exporter(target(redis, LIST))
    headroom.scrape()
    assert redis.calls("scan") == 0 and redis.calls("keys") == 0
