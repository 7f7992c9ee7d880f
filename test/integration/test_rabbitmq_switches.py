"""Parts of the broker that are switched off, before and while headroom watches."""

import pytest

from support.configs import declared, every_source, rabbitmq, toml_strings
from support.exporter import PATIENT
from support.rabbitmq_pages import all_are, counts, down, every, queue_series, up
from support.rabbitmq_server import MANAGEMENT, PROMETHEUS
from support.watch import Watch, exactly_or_absent

EXPECTED = {"jobs": (5, 0, 0)}
BACK = 90.0  # seconds; the back-off alone may be 30

# How `/` and the log begin to name the source that was picked.
PLUGIN = "Prometheus plugin:"
MANAGEMENT_API = "management API, "


@pytest.fixture
def jobs(vhost, amqp):
    amqp.declare("jobs")
    amqp.publish("jobs", 5)
    return vhost


@pytest.fixture
def switch_off(broker, cleanup):
    """switch_off(plugin); it is on again after the test."""

    def off(plugin):
        cleanup.callback(broker.enable, plugin)
        broker.disable(plugin)

    return off


def test_auto_goes_over_to_management_when_the_plugin_goes_and_back(
    broker, jobs, exporter, switch_off
):
    """Queues are found, which is what the plugin is cheaper for."""
    headroom = exporter(rabbitmq(broker, f"vhosts = {toml_strings([jobs])}", name="auto"))
    headroom.until(lambda p: counts(p, "auto", jobs) == EXPECTED, "counted")
    assert PLUGIN in headroom.get("/", headers=PATIENT).body
    with Watch(headroom, exactly_or_absent(EXPECTED, jobs, ["auto"])) as watch:
        switch_off(PROMETHEUS)
        page = headroom.until(lambda p: counts(p, "auto", jobs) == EXPECTED, "by management")
        assert up(page, "auto")
        assert MANAGEMENT_API in headroom.get("/", headers=PATIENT).body
        broker.enable(PROMETHEUS)
        headroom.until(lambda _: PLUGIN in headroom.get("/").body, "the plugin again", timeout=60)
        headroom.until(lambda p: counts(p, "auto", jobs) == EXPECTED, "still counted")
    assert watch.found == [], watch.report()
    said = [line for line in headroom.log().splitlines() if PLUGIN in line or MANAGEMENT_API in line]
    assert len(said) >= 3, headroom.log()


def test_the_plugin_goes_and_a_target_of_only_it_is_down(broker, jobs, exporter, switch_off):
    config = rabbitmq(broker, declared(jobs, "jobs"), source="prometheus")
    headroom = exporter(config)
    headroom.until(lambda p: counts(p, "main", jobs) == EXPECTED, "counted")
    switch_off(PROMETHEUS)
    page = headroom.scrape()
    assert down(page) and queue_series(page) == []
    broker.enable(PROMETHEUS)
    headroom.until(lambda p: counts(p, "main", jobs) == EXPECTED, "again")


def test_management_goes_while_headroom_watches(broker, jobs, exporter, switch_off):
    headroom = exporter(every_source(broker, declared(jobs, "jobs")))
    headroom.until(lambda p: every(p, counts, jobs) == all_are(EXPECTED), "counted")
    with Watch(headroom, exactly_or_absent(EXPECTED, jobs)) as watch:
        switch_off(MANAGEMENT)
        page = headroom.until(lambda p: down(p, "management"), "management is down")
        assert queue_series(page, "management") == []
        headroom.until(lambda p: counts(p, "auto", jobs) == EXPECTED, "auto has the plugin")
        assert counts(headroom.scrape(), "prometheus", jobs) == EXPECTED
        broker.enable(MANAGEMENT)
        headroom.until(lambda p: every(p, counts, jobs) == all_are(EXPECTED), "all again", BACK)
    assert watch.found == [], watch.report()


@pytest.mark.parametrize(
    "setting",
    ["management.disable_stats = true", "management_agent.disable_metrics_collector = true"],
)
def test_without_management_s_statistics_numbers_are_true_or_absent(
    setting, rabbit_server, exporter
):
    """disable_stats leaves rates and consumers out; without the collector some parts say 0."""
    broker = rabbit_server(setting)
    with broker.amqp() as amqp:
        amqp.declare("jobs")
        amqp.publish("jobs", 5)
        amqp.declare("held", "quorum")
        amqp.publish("held", 3)
        amqp.consume("held", 2, prefetch=2)
        readings = ["messages", "consumers", "capacity", "rates", "age", "memory"]
        body = declared("/", "jobs", "held", "none") + f"readings = {toml_strings(readings)}"
        headroom = exporter(every_source(broker, body))
        expected = EXPECTED | {"held": (1, 2, 1)}
        headroom.until(lambda p: whole(p, "prometheus", expected), "counted by the plugin")
        with Watch(headroom, exactly_or_absent(expected, "/")) as watch:
            headroom.until(lambda _: watch.pages > 20, "twenty pages")
            page = headroom.until(lambda p: whole(p, "auto", expected), "auto finds what is true")
        assert watch.found == [], watch.report()
        for target in ("management", "prometheus", "auto"):
            falsely_zero = [
                s
                for name in ("memory_bytes", "published_total", "consumer_capacity")
                for s in page.series(f"headroom_queue_{name}", target=target)
                if s.labels["queue"] in expected and s.value == 0 and name != "consumer_capacity"
            ]
            assert falsely_zero == []


def whole(page, target, expected):
    return expected.items() <= counts(page, target, "/").items()
