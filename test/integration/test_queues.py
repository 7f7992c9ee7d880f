"""Lists and sorted sets: true numbers, known zeros and unknowns told apart."""

import time

from support.configs import target

READY = {"state": "ready"}


def depth(page, queue, state="ready"):
    return page.value("headroom_queue_messages", queue=queue, state=state)


def test_a_declared_list_that_does_not_exist_is_zero(redis, exporter):
    page = exporter(target(redis, 'lists = ["queue:none"]')).scrape()
    sample = page.series("headroom_queue_messages", queue="queue:none")
    assert [(s.labels, s.value) for s in sample] == [
        (
            {"target": "main", "system": "redis", "db": "0", "queue": "queue:none", "state": "ready"},
            0,
        )
    ]


def test_a_list_that_becomes_empty_stays_at_zero(redis, exporter):
    redis("RPUSH", "queue:a", "x")
    headroom = exporter(target(redis, 'lists = ["queue:a"]'))
    headroom.until(lambda p: depth(p, "queue:a") == 1, "one message")
    redis("DEL", "queue:a")
    headroom.until(lambda p: depth(p, "queue:a") == 0, "no message")


def test_depth_follows_pushes_and_pops(redis, exporter):
    headroom = exporter(target(redis, 'lists = ["queue:a"]'))
    for push, pop in [(7, 0), (0, 3), (1000, 500), (0, 504), (1, 0)]:
        for i in range(push):
            redis("LPUSH", "queue:a", f"m{i}")
        for _ in range(pop):
            redis("RPOP", "queue:a")
        length = redis("LLEN", "queue:a")
        headroom.until(lambda p: depth(p, "queue:a") == length, f"depth {length}")  # noqa: B023


def test_a_sorted_set_splits_into_due_and_delayed(redis, exporter):
    now = time.time()
    for i, score in enumerate([now - 100, now - 10, now + 3600, now + 7200, now + 9999]):
        redis("ZADD", "delayed:emails", repr(score), f"m{i}")
    queue = '[[redis.queues]]\nname = "delayed:emails"\nkey = "delayed:emails"\nkind = "zset"'
    page = exporter(target(redis, queue)).scrape()
    assert depth(page, "delayed:emails", "ready") == 2
    assert depth(page, "delayed:emails", "delayed") == 3
    assert page.absent("headroom_queue_messages", state="in_flight")


def test_a_sorted_set_can_be_scored_in_milliseconds(redis, exporter):
    now = time.time() * 1000
    redis("ZADD", "delayed:emails", f"{now - 5000:.0f}", "due")
    redis("ZADD", "delayed:emails", f"{now + 600000:.0f}", "later")
    queue = '[[redis.queues]]\nname = "delayed:emails"\nkey = "delayed:emails"\nkind = "zset"\nscore_unit = "ms"'
    page = exporter(target(redis, queue)).scrape()
    assert depth(page, "delayed:emails", "ready") == 1
    assert depth(page, "delayed:emails", "delayed") == 1


def test_a_declared_sorted_set_that_does_not_exist_is_zero_in_both_states(redis, exporter):
    queue = '[[redis.queues]]\nname = "delayed:emails"\nkey = "delayed:emails"\nkind = "zset"'
    page = exporter(target(redis, queue)).scrape()
    assert depth(page, "delayed:emails", "ready") == 0
    assert depth(page, "delayed:emails", "delayed") == 0


def test_a_key_of_the_wrong_type_is_unknown_and_harms_no_other(redis, exporter):
    redis("SET", "queue:text", "not a list")
    redis("RPUSH", "queue:good", "x", "y")
    headroom = exporter(target(redis, 'lists = ["queue:text", "queue:good"]'))
    page = headroom.scrape()
    assert page.absent("headroom_queue_messages", queue="queue:text")
    assert depth(page, "queue:good") == 2
    assert page.value("headroom_target_up", target="main") == 1
    before = page.value("headroom_target_errors_total", reason="unsupported")
    assert before >= 1
    headroom.until(
        lambda p: p.value("headroom_target_errors_total", reason="unsupported") > before,
        "the error is counted in each run",
    )


def test_in_flight_is_read_from_its_own_key(redis, exporter):
    redis("RPUSH", "queue:a", 1, 2, 3)
    redis("RPUSH", "queue:a:processing", 1, 2)
    queue = '[[redis.queues]]\nname = "queue:a"\nkey = "queue:a"\nin_flight_key = "queue:a:processing"'
    page = exporter(target(redis, queue)).scrape()
    assert depth(page, "queue:a", "ready") == 3
    assert depth(page, "queue:a", "in_flight") == 2


def test_several_keys_are_summed_into_one_queue(redis, exporter):
    redis("RPUSH", "shard:1", 1, 2, 3)
    redis("RPUSH", "shard:2", 1)
    queue = '[[redis.queues]]\nname = "sharded"\nkeys = ["shard:1", "shard:2", "shard:3"]'
    headroom = exporter(target(redis, queue))
    assert depth(headroom.scrape(), "sharded") == 4
    redis("SET", "shard:3", "not a list")
    headroom.until(
        lambda p: p.absent("headroom_queue_messages", queue="sharded"),
        "one unknown shard makes the sum unknown",
    )


DISCOVER = 'list_patterns = ["queue:*"]\ndiscovery_interval = "100ms"'


def test_lists_are_discovered_and_stay_at_zero_when_gone(redis, exporter):
    redis("RPUSH", "queue:first", 1, 2)
    redis("RPUSH", "other:list", 1)
    redis("SET", "queue:counter", 5)
    headroom = exporter(target(redis, DISCOVER))
    headroom.until(lambda p: p.series("headroom_queue_messages", queue="queue:first"), "first")
    redis("RPUSH", "queue:second", 1, 2, 3)
    page = headroom.until(
        lambda p: p.series("headroom_queue_messages", queue="queue:second"), "second"
    )
    assert depth(page, "queue:second") == 3
    assert page.label_values("headroom_queue_messages", "queue") == {"queue:first", "queue:second"}
    redis("DEL", "queue:first")
    headroom.until(lambda p: depth(p, "queue:first") == 0, "gone, still at 0")
    redis("RPUSH", "queue:first", 1)
    headroom.until(lambda p: depth(p, "queue:first") == 1, "refilled, seen again")


def test_a_renamed_list_appears_under_its_new_name_and_the_old_one_is_empty(redis, exporter):
    redis("RPUSH", "queue:old", 1, 2, 3)
    headroom = exporter(target(redis, DISCOVER))
    headroom.until(lambda p: p.series("headroom_queue_messages", queue="queue:old"), "found")
    redis("RENAME", "queue:old", "queue:new")
    page = headroom.until(
        lambda p: p.series("headroom_queue_messages", queue="queue:new"), "the new name"
    )
    assert depth(page, "queue:new") == 3
    assert depth(page, "queue:old") == 0


def test_a_discovered_list_is_forgotten_after_its_ttl(redis, exporter):
    redis("RPUSH", "queue:brief", 1)
    redis("RPUSH", "queue:lasting", 1)
    headroom = exporter(target(redis, DISCOVER + '\npattern_ttl = "300ms"'))
    headroom.until(lambda p: p.series("headroom_queue_messages", queue="queue:brief"), "found")
    redis("DEL", "queue:brief")
    page = headroom.until(
        lambda p: p.absent("headroom_queue_messages", queue="queue:brief"), "forgotten"
    )
    assert depth(page, "queue:lasting") == 1


def test_a_list_both_declared_and_discovered_is_one_series(redis, exporter):
    redis("RPUSH", "queue:a", 1)
    redis("RPUSH", "queue:b", 1)
    headroom = exporter(target(redis, 'lists = ["queue:a"]\n' + DISCOVER))
    page = headroom.until(
        lambda p: p.series("headroom_queue_messages", queue="queue:b"), "discovery has run"
    )
    assert len(page.series("headroom_queue_messages", queue="queue:a")) == 1


def test_another_database_is_asked_and_named(redis, exporter):
    redis("SELECT", 3)
    redis("RPUSH", "queue:a", 1, 2)
    page = exporter(target(redis, 'lists = ["queue:a"]', url=redis.url + "/3")).scrape()
    assert page.value("headroom_queue_messages", queue="queue:a", db="3") == 2


def test_hostile_names_make_a_valid_page(redis, exporter):
    names = [b'queue:"quoted"', b"queue:back\\slash", b"queue:line\nbreak", b"queue:\xff\xfe", b"queue:{a=\"b\"} 1"]
    for i, name in enumerate(names):
        redis("RPUSH", name, *range(i + 1))
    headroom = exporter(target(redis, DISCOVER))
    page = headroom.until(
        lambda p: len(p.label_values("headroom_queue_messages", "queue")) == len(names), "all found"
    )
    assert depth(page, 'queue:"quoted"') == 1
    assert depth(page, "queue:back\\slash") == 2
    assert depth(page, "queue:line\nbreak") == 3
    assert depth(page, 'queue:{a="b"} 1') == 5


def test_the_server_is_reported_as_redis_itself_says(redis, exporter):
    redis("CONFIG", "SET", "maxclients", "321")
    redis("CONFIG", "SET", "maxmemory", "100000000")
    headroom = exporter(target(redis))
    page = headroom.until(
        lambda p: p.value("headroom_pool_connections", state="open")
        == int(redis.info("clients")["connected_clients"]),
        "connections as INFO has them",
    )
    assert page.value("headroom_pool_max_connections", scope="server", pool="server") == 321
    assert page.value("redis_memory_max_bytes", target="main") == 100000000
    used = int(redis.info("memory")["used_memory"])
    assert abs(page.value("redis_memory_used_bytes") - used) < 0.5 * used
