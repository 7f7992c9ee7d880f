"""The same core on RabbitMQ 3.10 (Debian 12's) and 4.0 (Debian 13's).

HEADROOM_TRIXIE names a Debian 13 tree with rabbitmq-server installed; scripts/debian13-tree makes
one. Without it (or without root, which chroot needs) that one skips.
"""

import pytest

from support.configs import declared, every_source, toml_strings
from support.debian import NEWER, PLACES, release_of, root_of
from support.rabbitmq_cluster import Cluster
from support.rabbitmq_pages import MISSING, all_are, counts, every, until_counts
from support.watch import Watch, exactly_or_absent


@pytest.fixture(params=PLACES)
def broker(request, rabbit_server):
    root = root_of(request.param)
    server = rabbit_server(root=root)
    version = server.api("GET", "/overview")["rabbitmq_version"]
    assert version.startswith(release_of(root).rabbitmq + ".")
    return server


def test_queues_of_every_kind_are_counted_and_survive_a_restart(broker, exporter):
    with broker.amqp() as amqp:
        for name, kind in [("jobs", "classic"), ("replicated", "quorum")]:
            amqp.declare(name, kind)
            amqp.publish(name, 5)
        amqp.consume("jobs", 2, prefetch=2)
        broker.keep_quorum_queues("/", "replicated")
        headroom = exporter(every_source(broker))
        until_counts(headroom, broker, "/", {"jobs": (3, 2, 1), "replicated": (5, 0, 0)})
    returned = {"jobs": (5, 0, 0), "replicated": (5, 0, 0)}
    until_counts(headroom, broker, "/", returned)
    with Watch(headroom, exactly_or_absent(returned, "/")) as watch:
        broker.kill()
        broker.restart()
        headroom.until(lambda p: every(p, counts, "/") == all_are(returned), "counted again", 90)
    assert watch.found == [], watch.report()


def test_a_missing_queue_and_a_name_that_needs_escaping(broker, exporter):
    name = 'a "quoted\\ name\n'
    broker.define_queues("/", [name])
    with broker.amqp() as amqp:
        amqp.publish(name, 3)
    headroom = exporter(every_source(broker, declared("/", name, "none")))
    headroom.until(lambda p: counts(p, "auto").get(name) == (3, 0, 0), "counted by auto")
    headroom.until(
        lambda p: p.value(MISSING, target="auto", queue="none") == 1, "missing, once it is settled"
    )
    headroom.until(lambda p: counts(p, "management").get(name) == (3, 0, 0), "and management")


def test_every_reading_is_there(broker, exporter):
    with broker.amqp() as amqp:
        amqp.declare("jobs")
        amqp.publish("jobs", 2)
        amqp.get("jobs")
        readings = ["messages", "consumers", "rates", "memory", "info"]
        body = f'readings = {toml_strings(readings)}\ndiscovery_interval = "10s"'
        headroom = exporter(every_source(broker, body))
        expected = {"published_total": 2, "delivered_total": 1, "acknowledged_total": 1}
        for name, value in expected.items():
            headroom.until(
                lambda p: {s.value for s in p.series(f"headroom_queue_{name}")} == {value},  # noqa: B023
                name,
            )

        def with_kind(page):
            return [s for s in page.series("headroom_queue_info") if "kind" in s.labels]

        # The series is there before the reading `info` has told the kind.
        page = headroom.until(lambda p: len(with_kind(p)) == 3, "its kind")
        assert page.label_values("headroom_queue_info", "kind") == {"classic"}
        assert all(s.value > 0 for s in page.series("headroom_queue_memory_bytes"))


@pytest.mark.parametrize("place", [NEWER])
def test_a_cluster_of_the_new_version_loses_a_node(place, exporter, cleanup):
    """3.10's cluster has a file of its own."""
    cluster = Cluster(2, root=root_of(place))
    cleanup.callback(cluster.remove)
    cluster.start()
    for node, name, depth in zip(cluster, ("first", "second"), (3, 4)):
        with node.amqp() as amqp:
            amqp.declare(name)
            amqp.publish(name, depth)
    body = declared("/", "first", "second")
    urls = cluster.prometheus_urls
    headroom = exporter(every_source(cluster[0], body, prometheus_urls=urls))
    expected = {"first": (3, 0, 0), "second": (4, 0, 0)}
    headroom.until(lambda p: every(p, counts) == all_are(expected), "counted by every source")
    with Watch(headroom, exactly_or_absent(expected, "/")) as watch:
        cluster[1].kill()
        headroom.until(
            lambda p: every(p, counts) == all_are({"first": (3, 0, 0)}), "the other one stands"
        )
    assert watch.found == [], watch.report()
