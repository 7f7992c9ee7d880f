"""A broker that stops, dies or hangs: unknown within one scrape, bounded in time, and back by itself."""

import pytest

from support.configs import SOURCES, declared, every_source
from support.rabbitmq_pages import all_are, counts, down, errors, every, queue_series, up
from support.waiting import keeps_within
from support.watch import Watch, exactly_or_absent

TIMEOUT = 0.8
BACK = 90.0  # seconds; the back-off alone may be 30
EXPECTED = {"jobs": (4, 0, 0), "replicated": (2, 0, 0)}


@pytest.fixture
def headroom(broker, vhost, amqp, exporter):
    """All three sources up, with the numbers that the broker has."""
    amqp.declare("jobs")
    amqp.publish("jobs", 4)
    amqp.declare("replicated", "quorum")
    amqp.publish("replicated", 2)
    amqp.close()
    broker.keep_quorum_queues(vhost, "replicated")
    body = declared(vhost, "jobs", "replicated", "none")
    process = exporter(every_source(broker, body, timeout=f"{TIMEOUT * 1000:.0f}ms"))
    process.until(recovered, "counted by every source", BACK)
    yield process
    broker.resume()
    if not broker.running():
        broker.restart()


def recovered(page):
    return all(EXPECTED.items() <= counts(page, source).items() for source in SOURCES)


def all_down(page):
    return every(page, down) == all_are(True)


def nothing_measured(page):
    assert every(page, queue_series) == all_are([])
    facts = [s for s in page.samples if s.name.startswith("rabbitmq_")]
    assert facts == []


def test_stop_app_makes_every_queue_unknown_within_one_scrape(broker, headroom):
    broker.stop_app()
    page = headroom.scrape()
    assert all_down(page), headroom.log()
    nothing_measured(page)
    broker.start_app()
    headroom.until(recovered, "back by itself", BACK)


def test_no_scrape_shows_another_number_while_the_application_stops_and_starts(
    broker, vhost, headroom
):
    with Watch(headroom, exactly_or_absent(EXPECTED, vhost)) as watch:
        broker.stop_app()
        broker.start_app()
        headroom.until(recovered, "back by itself", BACK)
    assert watch.found == [], watch.report()
    assert watch.pages > 10


def test_a_killed_broker_is_down_at_once_and_comes_back(broker, headroom):
    broker.kill()
    page = headroom.scrape()
    assert all_down(page)
    nothing_measured(page)
    headroom.until(
        lambda p: all(errors(p, "connect", source) >= 1 for source in SOURCES), "no connection"
    )
    broker.restart()
    headroom.until(recovered, "back by itself", BACK)


def test_a_frozen_broker_costs_its_timeout_then_nothing_and_recovers(broker, headroom):
    def attempt():
        broker.resume()
        headroom.until(recovered, "recovered", BACK)
        broker.pause()
        page = headroom.scrape()
        assert all_down(page)
        nothing_measured(page)
        return page.seconds

    keeps_within(TIMEOUT + 1.0, attempt)
    headroom.until(
        lambda p: all(errors(p, "timeout", source) >= 3 for source in SOURCES), "three failures"
    )
    for _ in range(5):
        page = headroom.until(lambda p: p.seconds < 0.3, "in back-off answered at once")
        assert all_down(page)
        nothing_measured(page)
    broker.resume()
    headroom.until(recovered, "recovered", BACK)


def test_a_frozen_broker_harms_no_other_target(broker, headroom, exporter, redis):
    redis("RPUSH", "a", 1)
    headroom.write_config(
        headroom.config_path.read_text(encoding="utf-8")
        + f'[[redis]]\nname = "other"\nurl = "{redis.url}"\nlists = ["a"]\ntimeout = "9s"\n'
    )
    both = exporter(headroom.config_path.read_text(encoding="utf-8"))

    def attempt():
        broker.resume()
        both.until(lambda p: up(p, "other") and recovered(p), "all up", BACK)
        broker.pause()
        page = both.scrape()
        assert page.value("headroom_queue_messages", target="other", queue="a") == 1
        return page.seconds

    keeps_within(TIMEOUT + 1.0, attempt)


def test_sigterm_while_a_broker_hangs_ends_within_a_second(broker, exporter):
    def attempt():
        headroom = exporter(every_source(broker, declared("/", "a"), timeout="20s"))
        headroom.until(lambda p: every(p, up) == all_are(True), "all up", BACK)
        broker.pause()
        try:
            headroom.scrape(headers={"X-Prometheus-Scrape-Timeout-Seconds": "0.2"})
            return headroom.stop()
        finally:
            broker.resume()

    keeps_within(1.0, attempt)
