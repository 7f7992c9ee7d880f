"""SIGHUP and POST /-/reload: atomic, and nobody else's connection is touched."""

import signal

import pytest

from support.configs import target
from support.waiting import eventually

LIST = 'lists = ["queue:a"]'
OK = "headroom_config_last_reload_successful"


def client_ids(server):
    """The ids of headroom's connections, as CLIENT LIST has them."""
    rows = server("CLIENT", "LIST").decode().splitlines()
    return [r.split()[0] for r in rows if " name=headroom " in r]


@pytest.fixture(params=["SIGHUP", "POST"])
def reload(request):
    def by_signal(headroom):
        headroom.signal(signal.SIGHUP)

    def by_post(headroom):
        headroom.get("/-/reload", method="POST")

    return by_signal if request.param == "SIGHUP" else by_post


def targets(page):
    return page.label_values("headroom_target_up", "target")


def test_targets_are_added_and_removed_and_the_others_stay_connected(
    redis_server, exporter, reload
):
    kept, gone, new = redis_server(), redis_server(), redis_server()
    headroom = exporter(
        target(kept, LIST) + target(gone, LIST, name="gone"), "--web.enable-lifecycle"
    )
    headroom.until(lambda p: p.value("headroom_queue_messages", target="gone") == 0, "both up")
    before = client_ids(kept)
    assert len(before) == 1
    headroom.write_config(target(kept, LIST) + target(new, LIST, name="new"))
    reload(headroom)
    page = headroom.until(lambda p: targets(p) == {"main", "new"}, "the new set of targets")
    assert page.value(OK) == 1
    assert page.value("headroom_target_up", target="main") == 1
    assert client_ids(kept) == before
    eventually(lambda: client_ids(gone) == [], "the removed target is disconnected")
    headroom.until(lambda p: p.value("headroom_target_up", target="new") == 1, "the new one is up")


def test_a_changed_target_takes_its_new_settings(redis, exporter, reload):
    redis("RPUSH", "queue:b", 1, 2)
    headroom = exporter(target(redis, LIST), "--web.enable-lifecycle")
    headroom.scrape()
    headroom.write_config(target(redis, 'lists = ["queue:b"]'))
    reload(headroom)
    page = headroom.until(lambda p: p.series("headroom_queue_messages", queue="queue:b"), "new list")
    assert page.absent("headroom_queue_messages", queue="queue:a")


def test_a_bad_file_leaves_the_old_config_running(redis, exporter, reload):
    headroom = exporter(target(redis, LIST), "--web.enable-lifecycle")
    first = headroom.scrape()
    assert first.value(OK) == 1
    stamp = first.value("headroom_config_last_reload_success_timestamp_seconds")
    before = client_ids(redis)
    headroom.write_config(target(redis, 'listss = ["queue:a"]'))
    reload(headroom)
    page = headroom.until(lambda p: p.value(OK) == 0, "the failure is exported")
    assert page.value("headroom_queue_messages", queue="queue:a") == 0
    assert page.value("headroom_config_last_reload_success_timestamp_seconds") == stamp
    assert client_ids(redis) == before
    eventually(lambda: "listss" in headroom.log(), "the log names the mistake")
    headroom.write_config(target(redis, LIST))
    reload(headroom)
    headroom.until(lambda p: p.value(OK) == 1, "corrected")


def test_a_bad_file_is_told_to_who_posted_the_reload(redis, exporter):
    headroom = exporter(target(redis, LIST), "--web.enable-lifecycle")
    headroom.write_config("nonsense = ")
    answer = headroom.get("/-/reload", method="POST")
    assert answer.status == 500
    assert "headroom.toml:1" in answer.body


def test_reload_without_the_lifecycle_flag_is_forbidden(redis, exporter):
    headroom = exporter(target(redis, LIST))
    answer = headroom.get("/-/reload", method="POST")
    assert answer.status == 403
    assert "--web.enable-lifecycle" in answer.body


def test_reload_by_get_is_refused(redis, exporter):
    headroom = exporter(target(redis, LIST), "--web.enable-lifecycle")
    answer = headroom.get("/-/reload")
    assert answer.status == 405
    assert answer.headers["allow"] == "POST"
