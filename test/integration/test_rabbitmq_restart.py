"""A broker that restarts: no scrape, at any moment, shows a number that was not true.

With the default statistics tick of 5 s: until its first tick, a broker knows nothing of the queues
that it has, and parts of it say 0.
"""

import contextlib
import time

import pytest

from support.configs import SOURCES, declared, every_source, toml_strings
from support.rabbitmq_pages import all_are, counts, every
from support.rabbitmq_server import RabbitServer
from support.waiting import eventually
from support.watch import Watch, exactly_or_absent

DEPTH = 100
BACK = 90.0  # seconds; the back-off alone may be 30
AFTERWARDS = 15.0  # seconds: three statistics ticks
EXPECTED = {"jobs": (DEPTH, 0, 0), "replicated": (DEPTH, 0, 0)}
WITH_RATES = ("management", "auto")  # the plugin of RabbitMQ 3 has no counters per queue
COUNTERS = ("published", "delivered", "acknowledged", "redelivered")


@pytest.fixture(scope="module")
def broker():
    server = RabbitServer(tick=5000)
    try:
        yield server.start()
    finally:
        server.remove()


@pytest.fixture
def filled(broker, vhost):
    """100 persistent messages in a classic and in a quorum queue."""
    with broker.amqp(vhost) as amqp:
        for name, kind in [("jobs", "classic"), ("replicated", "quorum")]:
            amqp.declare(name, kind)
            amqp.publish(name, DEPTH)
    broker.keep_quorum_queues(vhost, "replicated")
    return vhost


def settled(page, vhost):
    return every(page, counts, vhost) == all_are(EXPECTED)


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_every_page_from_the_end_until_three_ticks_later_is_true(end, broker, filled, exporter):
    """Queues that are declared, which are asked for by name, and queues that are found."""
    bodies = declared(filled, *EXPECTED), f"vhosts = {toml_strings([filled])}"
    headrooms = [exporter(every_source(broker, body)) for body in bodies]
    for headroom in headrooms:
        headroom.until(lambda p: settled(p, filled), "counted by every source")
    with contextlib.ExitStack() as stack:
        complaints = exactly_or_absent(EXPECTED, filled)
        watches = [stack.enter_context(Watch(h, complaints)) for h in headrooms]
        getattr(broker, end)()
        broker.restart()
        back = time.monotonic()
        for headroom in headrooms:
            headroom.until(lambda p: settled(p, filled), "counted again by every source", BACK)
        eventually(lambda: time.monotonic() > back + AFTERWARDS, "three ticks", AFTERWARDS + 5)
    for watch in watches:
        assert watch.found == [], watch.report()
        assert watch.pages > 20


def test_a_headroom_that_starts_during_the_restart_knows_no_better(broker, filled, exporter):
    """It has no last numbers to compare with."""
    body = declared(filled, *EXPECTED)
    # Killed right after it has published, a broker of 3.10 may find no leader for the quorum queue.
    exporter(every_source(broker, body)).until(lambda p: settled(p, filled), "all is settled")
    broker.kill()
    broker.begin_restart()
    headroom = exporter(every_source(broker, body))
    with Watch(headroom, exactly_or_absent(EXPECTED, filled)) as watch:
        broker.await_ready()
        headroom.until(lambda p: settled(p, filled), "counted by every source", BACK)
    assert watch.found == [], watch.report()


def test_counters_start_again_with_the_only_node_and_never_jump(broker, vhost, exporter):
    """40 and then 5 were published; a headroom that starts now would say 5 as well."""
    with broker.amqp(vhost) as amqp:
        amqp.declare("jobs")
        amqp.publish("jobs", 40)
        for _ in range(10):
            amqp.get("jobs")
    body = declared(vhost, "jobs") + 'readings = ["messages", "rates"]'
    headroom = exporter(every_source(broker, body))
    headroom.until(
        lambda p: all(counters(p, s, vhost).get("published") == 40 for s in WITH_RATES), "counted"
    )
    with Watch(headroom, Monotonic(vhost)) as watch:
        broker.kill()
        broker.restart()
        with broker.amqp(vhost) as amqp:
            amqp.publish("jobs", 5)
        headroom.until(
            lambda p: all(counters(p, s, vhost).get("published") == 5 for s in WITH_RATES),
            "five more",
            BACK,
        )
    assert watch.found == [], watch.report()


def counters(page, target, vhost):
    found = {}
    for name in COUNTERS:
        for sample in page.series(f"headroom_queue_{name}_total", target=target, vhost=vhost):
            found[name] = sample.value
    return found


class Monotonic:
    """Complains of a counter that falls to anything but what was done since the restart."""

    def __init__(self, vhost):
        self._vhost = vhost
        self._last = {}

    def __call__(self, page):
        for source in SOURCES:
            for name, value in counters(page, source, self._vhost).items():
                before = self._last.get((source, name), 0)
                self._last[(source, name)] = value
                if (value < before and value > 5) or value > 45:
                    yield f"{source}: {name} went from {before} to {value}"
