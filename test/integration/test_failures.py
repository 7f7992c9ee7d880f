"""What a target's failure looks like: unknown, named, bounded in time and nobody else's problem."""

import time

import pytest

from support.configs import target
from support.waiting import eventually, keeps_within

LIST = 'lists = ["queue:a"]'


def down(page, name="main"):
    return page.value("headroom_target_up", target=name) == 0


def up(page, name="main"):
    return page.value("headroom_target_up", target=name) == 1


def errors(page, reason, name="main"):
    return page.value("headroom_target_errors_total", target=name, reason=reason)


def nothing_measured(page, name="main"):
    families = [f for f in page.types if f.startswith(("headroom_queue", "headroom_workers", "redis_"))]
    families += [f for f in page.types if f.startswith("headroom_pool")]
    return all(page.absent(f, target=name) for f in families)


def test_a_wrong_password_is_said_and_never_shown(redis_server, exporter, tmp_path):
    redis = redis_server("--requirepass", "right-0n3", password="right-0n3")
    secret = tmp_path / "password"
    secret.write_text("s3cr3t-wr0ng\n", encoding="utf-8")
    headroom = exporter(target(redis, f'password_file = "{secret}"\n{LIST}'))
    page = headroom.scrape()
    assert down(page) and nothing_measured(page)
    assert errors(page, "auth") >= 1
    log = eventually(lambda: "password" in headroom.log() and headroom.log(), "the log says so")
    assert str(secret) in log or "password_file" in log, f"does not say what to do:\n{log}"
    assert "s3cr3t-wr0ng" not in log + page.text + headroom.get("/").body


def test_a_corrected_password_file_is_read_at_the_next_connect(redis_server, exporter, tmp_path):
    redis = redis_server("--requirepass", "right-0n3", password="right-0n3")
    secret = tmp_path / "password"
    secret.write_text("wrong", encoding="utf-8")
    headroom = exporter(target(redis, f'password_file = "{secret}"\n{LIST}'))
    assert down(headroom.scrape())
    secret.write_text("right-0n3\n", encoding="utf-8")
    headroom.until(up, "up with the new password")


def test_a_password_in_the_url_is_never_shown(redis_server, exporter):
    redis = redis_server("--requirepass", "right-0n3", password="right-0n3")
    url = f"redis://:s3cr3t-wr0ng@127.0.0.1:{redis.port}"
    headroom = exporter(target(redis, LIST, url=url))
    page = headroom.scrape()
    assert down(page) and errors(page, "auth") >= 1
    assert "s3cr3t-wr0ng" not in headroom.log() + page.text + headroom.get("/").body


def test_no_password_where_one_is_needed(redis_server, exporter):
    redis = redis_server("--requirepass", "right-0n3", password="right-0n3")
    page = exporter(target(redis, LIST)).scrape()
    assert down(page) and nothing_measured(page)
    assert errors(page, "auth") >= 1


def test_an_acl_user_with_its_password(redis, exporter, tmp_path):
    redis("ACL", "SETUSER", "monitor", "on", ">pass word/:@", "~*", "+@all")
    redis("RPUSH", "queue:a", 1)
    secret = tmp_path / "password"
    secret.write_text("pass word/:@\n", encoding="utf-8")
    config = target(
        redis,
        f'password_file = "{secret}"\n{LIST}',
        url=f"redis://monitor@127.0.0.1:{redis.port}",
    )
    page = exporter(config).scrape()
    assert page.value("headroom_queue_messages", queue="queue:a") == 1


def test_a_key_without_permission_is_unknown_and_the_rest_stands(redis, exporter):
    redis("ACL", "SETUSER", "monitor", "on", ">pw", "~queue:*", "+@all")
    redis("RPUSH", "queue:a", 1, 2)
    redis("RPUSH", "private:b", 1)
    url = f"redis://monitor:pw@127.0.0.1:{redis.port}"
    page = exporter(target(redis, 'lists = ["queue:a", "private:b"]', url=url)).scrape()
    assert page.absent("headroom_queue_messages", queue="private:b")
    assert page.value("headroom_queue_messages", queue="queue:a") == 2
    assert errors(page, "permission") >= 1


def test_a_stopped_server_is_down_with_no_queue_series(redis, exporter):
    redis("RPUSH", "queue:a", 1)
    headroom = exporter(target(redis, LIST))
    assert up(headroom.scrape())
    redis.kill()
    page = headroom.until(down, "down")
    assert nothing_measured(page)
    assert errors(page, "connect") >= 1


def test_a_restarted_server_comes_back_by_itself(redis, exporter):
    headroom = exporter(target(redis, LIST))
    headroom.until(up, "up")
    redis.kill()
    headroom.until(down, "down")
    redis.restart()
    redis("RPUSH", "queue:a", 1, 2, 3)
    page = headroom.until(up, "up again")
    assert page.value("headroom_queue_messages", queue="queue:a") == 3


def test_a_server_that_never_was_there_is_down_from_the_first_page(redis, exporter):
    redis.kill()
    page = exporter(target(redis, LIST)).scrape()
    assert down(page) and nothing_measured(page)
    assert page.absent("headroom_target_last_success_timestamp_seconds")
    assert page.absent("headroom_target_data_age_seconds")


def test_too_many_clients_is_a_limit(redis_server, exporter):
    redis = redis_server()
    # Not from its start on: the connection that looked whether it runs may be counted a while longer.
    redis("CONFIG", "SET", "maxclients", 1)
    page = exporter(target(redis, LIST)).scrape()
    assert down(page)
    assert errors(page, "limit") >= 1


@pytest.fixture
def frozen(redis_server, exporter):
    """Two targets; the first is stopped with SIGSTOP after both were up."""
    bad, good = redis_server(), redis_server()
    good("RPUSH", "queue:a", 1, 2)
    config = target(bad, LIST, name="bad", timeout="500ms") + target(good, LIST, name="good")
    headroom = exporter(config)
    headroom.until(lambda p: up(p, "bad") and up(p, "good"), "both up")
    bad.pause()
    yield headroom, bad
    bad.resume()


def test_a_frozen_server_costs_a_scrape_its_timeout_at_most(frozen):
    headroom, bad = frozen

    def attempt():
        bad.resume()
        headroom.until(lambda p: up(p, "bad"), "up")
        bad.pause()
        page = headroom.until(lambda p: down(p, "bad"), "down")
        assert nothing_measured(page, "bad")
        assert up(page, "good")
        assert page.value("headroom_queue_messages", target="good", queue="queue:a") == 2
        return page.seconds

    keeps_within(0.5 + 1.0, attempt)


def test_a_frozen_server_in_back_off_costs_a_scrape_nothing(frozen):
    headroom, bad = frozen
    headroom.until(lambda p: down(p, "bad") and errors(p, "timeout", "bad") >= 3, "three failures")
    for _ in range(5):
        page = headroom.until(lambda p: p.seconds < 0.3, "answered at once")
        assert down(page, "bad") and up(page, "good")
    bad.resume()
    page = headroom.until(lambda p: up(p, "bad"), "recovered")
    assert page.value("headroom_queue_messages", target="bad", queue="queue:a") == 0


def test_a_short_scrape_timeout_is_honoured(redis_server, exporter):
    redis = redis_server()
    headroom = exporter(target(redis, LIST, timeout="20s"))

    def attempt():
        headroom.until(up, "up")
        redis.pause()
        try:
            page = headroom.scrape(headers={"X-Prometheus-Scrape-Timeout-Seconds": "1"})
        finally:
            redis.resume()
        assert down(page)
        return page.seconds

    keeps_within(1.0, attempt)


def test_sigterm_while_a_target_hangs_ends_within_a_second(redis_server, exporter):
    redis = redis_server()

    def attempt():
        headroom = exporter(target(redis, LIST, timeout="20s"))
        headroom.until(up, "up")
        redis.pause()
        try:
            headroom.scrape(headers={"X-Prometheus-Scrape-Timeout-Seconds": "0.5"})
            return headroom.stop()
        finally:
            redis.resume()

    keeps_within(1.0, attempt)


def test_data_age_grows_while_down_and_success_time_stays(redis, exporter):
    headroom = exporter(target(redis, LIST))
    before = headroom.until(up, "up").value("headroom_target_last_success_timestamp_seconds")
    assert abs(before - time.time()) < 60
    redis.kill()
    first = headroom.until(down, "down")
    age = first.value("headroom_target_data_age_seconds")
    headroom.until(lambda p: p.value("headroom_target_data_age_seconds") > age + 0.2, "it grows")


def test_one_log_line_per_change_of_state(redis, exporter):
    headroom = exporter(target(redis, LIST))
    headroom.until(up, "up")
    redis.kill()
    headroom.until(down, "down")
    lines = len(headroom.log().splitlines())
    for _ in range(30):
        assert down(headroom.scrape())
    assert len(headroom.log().splitlines()) == lines, headroom.log()
    redis.restart()
    headroom.until(up, "up again")
    eventually(lambda: len(headroom.log().splitlines()) == lines + 1, "one line for the recovery")
