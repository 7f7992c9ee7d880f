"""Depth and consumers are what the broker's own queues say, from each source alike."""

import pytest

from support.configs import declared, every_source, rabbitmq, toml_strings
from support.rabbitmq_pages import MISSING, all_are, counts, every, until_counts, up


@pytest.fixture
def headroom(broker, vhost, exporter):
    """Every queue of the test's virtual host, from each source."""
    return exporter(every_source(broker, f"vhosts = {toml_strings([vhost])}"))


@pytest.mark.parametrize("kind", ["classic", "quorum"])
def test_counts_follow_the_life_of_a_queue(kind, broker, vhost, amqp, headroom):
    amqp.declare("jobs", kind)
    until_counts(headroom, broker, vhost, {"jobs": (0, 0, 0)})
    amqp.publish("jobs", 7)
    until_counts(headroom, broker, vhost, {"jobs": (7, 0, 0)})
    tag, delivered = amqp.consume("jobs", 3, prefetch=3)
    until_counts(headroom, broker, vhost, {"jobs": (4, 3, 1)})
    amqp.cancel(tag)
    amqp.ack(delivered[1], multiple=True)
    amqp.requeue(delivered[2])
    amqp.flush()
    until_counts(headroom, broker, vhost, {"jobs": (5, 0, 0)})
    amqp.purge("jobs")
    until_counts(headroom, broker, vhost, {"jobs": (0, 0, 0)})


def test_a_stream_counts_its_messages_which_reading_does_not_take_away(
    broker, vhost, amqp, headroom
):
    amqp.declare("log", "stream")
    amqp.publish("log", 9)
    amqp.consume("log", 4, prefetch=4, x_stream_offset="first")
    nine = all_are((9.0,))
    page = headroom.until(lambda p: every(p, ready, vhost, "log") == nine, "nine messages")
    assert every(headroom.scrape(), ready, vhost, "log") == nine, page.text


def test_a_deleted_queue_that_was_found_is_zero_or_gone_and_a_refill_is_seen(
    broker, vhost, amqp, headroom
):
    amqp.declare("jobs")
    amqp.publish("jobs", 5)
    until_counts(headroom, broker, vhost, {"jobs": (5, 0, 0)})
    amqp.delete("jobs")
    headroom.until(
        lambda p: all(row.get("jobs", (0,))[0] == 0 for row in every(p, counts, vhost).values()),
        "nothing waits",
    )
    amqp.declare("jobs")
    amqp.publish("jobs", 2)
    until_counts(headroom, broker, vhost, {"jobs": (2, 0, 0)})


def test_a_queue_of_one_name_in_two_virtual_hosts_is_two_queues(broker, vhost, amqp, exporter):
    amqp.declare("jobs")
    amqp.publish("jobs", 1)
    with broker.amqp("/") as other:
        other.declare("jobs")
        other.publish("jobs", 2)
        headroom = exporter(every_source(broker))
        headroom.until(
            lambda p: every(p, counts, vhost) == all_are({"jobs": (1, 0, 0)})
            and every(p, counts, "/") == all_are({"jobs": (2, 0, 0)}),
            "each has its own number",
        )
        other.delete("jobs")


def test_many_queues_of_different_depth_keep_their_own_numbers(broker, vhost, amqp, headroom):
    depths = {f"jobs-{i}": i for i in range(20)}
    for name, depth in depths.items():
        amqp.declare(name)
        amqp.publish(name, depth)
    until_counts(headroom, broker, vhost, {n: (d, 0, 0) for n, d in depths.items()})


def test_a_declared_queue_that_does_not_exist_is_zero_and_missing(broker, vhost, amqp, exporter):
    headroom = exporter(every_source(broker, declared(vhost, "later")))
    page = headroom.until(
        lambda p: every(p, missing, vhost, "later") == all_are([1]), "missing in every source"
    )
    assert every(page, depth, vhost, "later") == all_are((0, 0))
    amqp.declare("later")
    amqp.publish("later", 4)
    page = headroom.until(
        lambda p: every(p, depth, vhost, "later") == all_are((4, 0)), "the count"
    )
    assert every(page, missing, vhost, "later") == all_are([0])
    amqp.delete("later")
    page = headroom.until(
        lambda p: every(p, missing, vhost, "later") == all_are([1]), "missing again"
    )
    assert every(page, depth, vhost, "later") == all_are((0, 0))


def test_a_new_empty_declared_queue_is_never_anything_but_zero(broker, vhost, amqp, exporter):
    headroom = exporter(every_source(broker, declared(vhost, "fresh")))
    amqp.declare("fresh")
    for _ in range(20):
        for ready, in_flight in every(headroom.scrape(), depth, vhost, "fresh").values():
            assert ready in (0, None) and in_flight in (0, None)
    page = headroom.until(
        lambda p: every(p, depth, vhost, "fresh") == all_are((0, 0)), "zero is known"
    )
    assert every(page, missing, vhost, "fresh") == all_are([0])


def test_only_declared_queues_are_exported_when_nothing_is_included(broker, vhost, amqp, exporter):
    for name in ("mine", "other"):
        amqp.declare(name)
    headroom = exporter(every_source(broker, declared(vhost, "mine")))
    headroom.until(
        lambda p: every(p, counts) == all_are({"mine": (0, 0, 0)}), "mine and nothing else"
    )


def test_a_plain_string_declares_a_queue_of_the_default_virtual_host(broker, exporter):
    with broker.amqp("/") as connection:
        connection.declare("plain")
        connection.publish("plain", 3)
        headroom = exporter(every_source(broker, 'queues = ["plain"]'))
        headroom.until(lambda p: every(p, counts, "/") == all_are({"plain": (3, 0, 0)}), "counted")
        connection.delete("plain")


def test_the_plugin_alone_counts_and_never_invents(broker, vhost, amqp, exporter):
    """Without the management API nobody can tell a missing queue from one without statistics."""
    amqp.declare("jobs")
    amqp.publish("jobs", 6)
    headroom = exporter(rabbitmq(broker, declared(vhost, "jobs", "none"), url=""))
    page = headroom.until(
        lambda p: counts(p, "main", vhost).get("jobs") == (6, 0, 0), "the plugin's count"
    )
    assert up(page)
    unknown, known = ([], (None, None)), ([1], (0, 0))
    assert (missing(page, "main", vhost, "none"), depth(page, "main", vhost, "none")) in (
        unknown,
        known,
    )


def ready(page, target, vhost, queue):
    return counts(page, target, vhost).get(queue, (None,))[:1]


def depth(page, target, vhost, queue):
    ready, in_flight, _ = counts(page, target, vhost).get(queue, (None, None, None))
    return ready, in_flight


def missing(page, target, vhost, queue):
    return [s.value for s in page.series(MISSING, target=target, vhost=vhost, queue=queue)]
