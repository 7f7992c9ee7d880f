"""Who may read what: wrong passwords, users without rights, and what each is told."""

import socket

import pytest

from support.configs import declared, every_source, rabbitmq, toml_strings
from support.rabbitmq_pages import MISSING, counts, down, errors, queue_series, up
from support.waiting import eventually


@pytest.fixture
def jobs(vhost, amqp):
    amqp.declare("jobs")
    amqp.publish("jobs", 3)
    return vhost


def management(broker, body, user, password, **keywords):
    url = broker.url_for(user, password)
    return rabbitmq(broker, body, source="management", url=url, prometheus_urls=[], **keywords)


def test_a_wrong_password_is_said_and_never_shown(broker, jobs, exporter, tmp_path):
    secret = tmp_path / "password"
    secret.write_text("s3cr3t-wr0ng\n", encoding="utf-8")
    body = declared(jobs, "jobs") + f'password_file = "{secret}"'
    headroom = exporter(management(broker, body, "guest", None))
    page = headroom.scrape()
    assert down(page) and queue_series(page) == []
    assert errors(page, "auth") >= 1
    log = eventually(lambda: "password" in headroom.log() and headroom.log(), "the log says so")
    assert "s3cr3t-wr0ng" not in log + page.text + headroom.get("/").body


def test_a_password_in_the_url_is_never_shown(broker, jobs, exporter):
    headroom = exporter(management(broker, declared(jobs, "jobs"), "guest", "s3cr3t-wr0ng"))
    page = headroom.scrape()
    assert down(page) and errors(page, "auth") >= 1
    assert "s3cr3t-wr0ng" not in headroom.log() + page.text + headroom.get("/").body


def test_a_password_from_a_file_or_the_environment_opens(broker, jobs, exporter, tmp_path):
    broker.add_user("monitor", "pass word/:@", "monitoring", [jobs])
    secret = tmp_path / "password"
    secret.write_text("pass word/:@\n", encoding="utf-8")
    by_file = declared(jobs, "jobs") + f'password_file = "{secret}"'
    by_variable = declared(jobs, "jobs") + 'password_env = "BROKER_PASSWORD"'
    config = management(broker, by_file, "monitor", None, name="file")
    config += management(broker, by_variable, "monitor", None, name="variable")
    headroom = exporter(config, env={"BROKER_PASSWORD": "pass word/:@"})
    for target in ("file", "variable"):
        headroom.until(lambda p: counts(p, target) == {"jobs": (3, 0, 0)}, target)  # noqa: B023


def test_a_corrected_password_file_is_read_again(broker, jobs, exporter, tmp_path):
    secret = tmp_path / "password"
    secret.write_text("wrong", encoding="utf-8")
    body = declared(jobs, "jobs") + f'password_file = "{secret}"'
    headroom = exporter(management(broker, body, "guest", None))
    assert down(headroom.scrape())
    secret.write_text("guest\n", encoding="utf-8")
    headroom.until(up, "up with the new password")


def test_a_user_without_a_management_tag_is_refused(broker, jobs, exporter):
    broker.add_user("worker", "pw", "", [jobs])
    page = exporter(management(broker, declared(jobs, "jobs"), "worker", "pw")).scrape()
    assert down(page) and queue_series(page) == []
    assert errors(page, "auth") + errors(page, "permission") >= 1


def test_the_tag_monitoring_and_a_permission_for_nothing_suffice(broker, jobs, exporter):
    broker.add_user("watcher", "pw", "monitoring", [jobs], permission="^$")
    readings = ["messages", "consumers", "capacity", "rates", "age", "memory", "info"]
    body = declared(jobs, "jobs") + f"readings = {toml_strings(readings)}"
    headroom = exporter(management(broker, body, "watcher", "pw"))
    page = headroom.until(lambda p: counts(p, "main", jobs) == {"jobs": (3, 0, 0)}, "counted")
    assert up(page)
    refused = [s for s in page.series("headroom_target_part_up") if s.value == 0]
    assert refused == [], headroom.log()
    assert errors(page, "permission") == 0 and errors(page, "auth") == 0


@pytest.mark.parametrize("source", ["management", "auto"])
def test_what_a_user_cannot_see_is_unknown_and_not_missing(source, broker, jobs, exporter):
    """The tag `management` shows the user's own virtual hosts only."""
    broker.add_vhost("own")
    try:
        with broker.amqp("own") as connection:
            connection.declare("mine")
            connection.publish("mine", 2)
        broker.add_user("limited", "pw", "management", ["own"])
        rows = f'{{ vhost = "{jobs}", name = "jobs" }}, {{ vhost = "own", name = "mine" }}'
        headroom = exporter(
            rabbitmq(
                broker,
                f"queues = [{rows}]",
                source=source,
                url=broker.url_for("limited", "pw"),
                prometheus_urls=[],
            )
        )
        page = headroom.until(
            lambda p: counts(p, "main", "own").get("mine", ())[:2] == (2, 0), "its own is counted"
        )
        assert counts(page, "main", jobs) == {}
        assert page.absent(MISSING, vhost=jobs)
    finally:
        broker.delete_vhost("own")


def test_a_virtual_host_that_does_not_exist_is_unknown(broker, exporter):
    """A proxy that decodes %2F looks the same, and must not make queues missing."""
    headroom = exporter(rabbitmq(broker, declared("nowhere", "jobs"), source="management"))
    page = headroom.until(lambda p: p.value("headroom_target_up") == 1, "it is up")
    assert page.absent(MISSING, queue="jobs")
    assert counts(page, "main", "nowhere") == {}
    assert errors(page, "unsupported") >= 1


def test_a_broker_that_was_never_there_is_down_from_the_first_page(broker, exporter, cleanup):
    refusing = cleanup.enter_context(socket.socket())
    refusing.bind(("127.0.0.1", 0))  # held, so that nobody else listens there
    port = refusing.getsockname()[1]
    url = f"http://guest:guest@127.0.0.1:{port}"
    pages = [f"http://127.0.0.1:{port}"]
    config = every_source(broker, 'queues = ["jobs"]', url=url, prometheus_urls=pages)
    page = exporter(config).scrape()
    for source in ("management", "prometheus", "auto"):
        assert down(page, source) and queue_series(page, source) == []
        assert errors(page, "connect", source) >= 1


def test_something_that_is_no_broker_is_a_protocol_error(broker, exporter, redis):
    """A web server of another kind: headroom itself."""
    other = exporter(f'[[redis]]\nname = "r"\nurl = "{redis.url}"\nlists = ["a"]')
    page = exporter(
        every_source(
            broker,
            'queues = ["jobs"]',
            url=other.base.replace("//", "//guest:guest@"),
            prometheus_urls=[other.base],
        )
    ).scrape()
    for source in ("management", "prometheus", "auto"):
        assert down(page, source) and queue_series(page, source) == []
        assert sum(errors(page, r, source) for r in ("protocol", "unsupported")) >= 1
