"""The same core on Redis 7.0 (Debian 12's), Redis 8.0 and Valkey 8 (Debian 13's).

HEADROOM_TRIXIE names a Debian 13 tree with redis-server and valkey-server installed; .ci/run makes
one with debootstrap. Without it (or without root, which chroot needs) those two skip.
"""

import time

import pytest

from support.configs import WORKERS, target
from support.debian import root_of


@pytest.fixture(params=["redis-server", "tree/redis-server", "tree/valkey-server"])
def server(request, redis_server):
    place, _, binary = request.param.rpartition("/")
    return redis_server(binary=binary, root=root_of(place or "own"))


def test_queues_workers_and_the_server_are_read(server, exporter):
    now = time.time()
    server("RPUSH", "queue:a", 1, 2, 3)
    server("RPUSH", "queue:found", 1)
    server("ZADD", "delayed:a", now - 10, "x")
    server("ZADD", "delayed:a", now + 3600, "y")
    server("HSET", "consumer:1", "state", "working", "updated_at", now)
    server("HSET", "consumer:2", "state", "working", "updated_at", now - 3600)
    body = """lists = ["queue:a", "queue:empty"]
list_patterns = ["queue:*"]
discovery_interval = "100ms"
[[redis.queues]]
name = "delayed:a"
key = "delayed:a"
kind = "zset"
"""
    headroom = exporter(target(server, body + WORKERS))
    page = headroom.until(
        lambda p: p.series("headroom_queue_messages", queue="queue:found")
        and p.series("headroom_workers"),
        "discovery",
    )

    def depth(queue, state="ready"):
        return page.value("headroom_queue_messages", queue=queue, state=state)

    assert [depth(q) for q in ("queue:a", "queue:empty", "queue:found")] == [3, 0, 1]
    assert (depth("delayed:a"), depth("delayed:a", "delayed")) == (1, 1)
    assert page.value("headroom_workers", state="working") == 1
    assert page.value("headroom_workers_stale", state="working") == 1
    assert page.value("headroom_pool_max_connections", pool="server") == int(
        server("CONFIG", "GET", "maxclients")[1]
    )
    assert page.value("redis_memory_used_bytes") > 0


def test_wrong_type_and_no_permission_are_told_apart(server, exporter):
    server("SET", "queue:text", "x")
    server("RPUSH", "private:a", 1)
    server("ACL", "SETUSER", "monitor", "on", ">pw", "~queue:*", "+@all")
    url = f"redis://monitor:pw@127.0.0.1:{server.port}"
    lists = 'lists = ["queue:text", "private:a", "queue:ok"]'
    page = exporter(target(server, lists, url=url)).scrape()
    assert page.label_values("headroom_queue_messages", "queue") == {"queue:ok"}
    assert page.value("headroom_target_errors_total", reason="unsupported") >= 1
    assert page.value("headroom_target_errors_total", reason="permission") >= 1


def test_a_killed_server_comes_back(server, exporter):
    headroom = exporter(target(server, 'lists = ["queue:a"]'))
    headroom.until(lambda p: p.value("headroom_target_up") == 1, "up")
    server.kill()
    headroom.until(lambda p: p.value("headroom_target_up") == 0, "down")
    server.restart()
    headroom.until(lambda p: p.value("headroom_target_up") == 1, "up again")
