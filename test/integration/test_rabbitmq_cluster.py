"""A cluster of two nodes: each queue's numbers live on the node of its leader."""

import pytest

from support.configs import SOURCES, declared, every_source, rabbitmq
from support.rabbitmq_cluster import Cluster
from support.rabbitmq_pages import MISSING, all_are, counts, every, up
from support.waiting import keeps_within
from support.watch import Watch, exactly_or_absent

DEPTHS = {"first": 3, "second": 4, "replicated": 6}
EXPECTED = {name: (depth, 0, 0) for name, depth in DEPTHS.items()}
READINGS = 'readings = ["messages", "consumers"]'


@pytest.fixture(scope="module")
def cluster():
    nodes = Cluster(2)
    try:
        nodes.start()
        fill(nodes)
        yield nodes
    finally:
        nodes.remove()


def fill(cluster):
    """Classic queues `first` and `second` on their node; a quorum queue led by the second node."""
    for node, name in zip(cluster, ("first", "second")):
        with node.amqp() as amqp:
            amqp.declare(name)
            amqp.publish(name, DEPTHS[name])
    with cluster[1].amqp() as amqp:
        amqp.declare("replicated", "quorum", x_queue_leader_locator="client-local")
        amqp.publish("replicated", DEPTHS["replicated"])


def both(cluster, body):
    """Three sources; the management API of the first node, the pages of both."""
    return every_source(cluster[0], body, prometheus_urls=cluster.prometheus_urls)


@pytest.fixture
def headroom(cluster, exporter):
    process = exporter(both(cluster, declared("/", *DEPTHS, "none") + READINGS))
    process.until(complete, "counted by every source")
    yield process
    if not cluster[1].running():
        cluster[1].restart()
    process.until(complete, "counted again by every source", 90)


def complete(page):
    return all(EXPECTED.items() <= counts(page, source).items() for source in SOURCES)


def test_queues_of_both_nodes_are_counted_by_every_source(cluster, headroom):
    told = {name: row["ready"] for (_, name), row in cluster[0].list_queues().items()}
    assert told == DEPTHS
    page = headroom.until(
        lambda p: [s.value for s in p.series(MISSING, queue="none")] == [1] * len(SOURCES)
        and complete(p),
        "missing, once the nodes have been up for a while, and the others counted",
    )
    for source in SOURCES:
        assert page.value(MISSING, target=source, queue="second") == 0


def test_each_node_is_a_part_of_its_own(cluster, headroom):
    page = headroom.scrape()
    parts = page.label_values("headroom_target_part_up", "part", target="prometheus")
    assert {f"node:127.0.0.1:{node.prometheus_port}" for node in cluster} <= parts


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_what_a_node_that_is_gone_led_is_unknown_and_the_rest_stands(end, cluster, headroom):
    with Watch(headroom, exactly_or_absent(EXPECTED, "/")) as watch:
        getattr(cluster[1], end)()
        page = headroom.until(lambda p: gone(p, "second"), "the lost queue is unknown")
        page = headroom.until(lambda p: kept(p) and gone(p, "second"), "the other one is counted")
    assert watch.found == [], watch.report()
    part = f"node:127.0.0.1:{cluster[1].prometheus_port}"
    assert page.value("headroom_target_part_up", target="prometheus", part=part) == 0
    assert every(page, up) == all_are(True)
    assert nowhere_missing(page, "second") and nowhere_missing(page, "replicated")


def test_a_frozen_node_makes_its_own_queues_unknown_only(cluster, headroom, exporter):
    """Of the plugin; what the management API can say meanwhile is up to the first node."""
    config = rabbitmq(
        cluster[0],
        declared("/", *DEPTHS) + READINGS,
        source="prometheus",
        timeout="1s",
        prometheus_urls=cluster.prometheus_urls,
    )
    plugin = exporter(config)

    def attempt():
        plugin.until(lambda p: counts(p, "main") == EXPECTED, "counted")
        cluster[1].pause()
        try:
            page = plugin.until(lambda p: "second" not in counts(p, "main"), "unknown")
            assert counts(page, "main").get("first", (None,))[0] in (3, None)
            assert nowhere_missing(page, "second")
            return page.seconds
        finally:
            cluster[1].resume()

    keeps_within(3, attempt)
    plugin.until(lambda p: counts(p, "main") == EXPECTED, "counted again")


def test_while_a_node_is_gone_a_queue_that_it_could_hold_is_not_called_missing(cluster, headroom):
    """`none` does not exist: only what knows every queue's name may say so."""
    cluster[1].kill()
    headroom.until(lambda p: gone(p, "second"), "the lost queue is unknown")
    for _ in range(5):
        page = headroom.scrape()
        for source in SOURCES:
            row = counts(page, source).get("none", (None, None, None))
            stated = [s.value for s in page.series(MISSING, target=source, queue="none")]
            assert (row[:2], stated) in [((0, 0), [1]), ((None, None), [])]


def test_a_plugin_url_for_one_node_of_two_leaves_the_other_s_queues_unknown(cluster, exporter):
    config = rabbitmq(
        cluster[0],
        declared("/", *DEPTHS) + READINGS,
        source="prometheus",
        prometheus_urls=cluster.prometheus_urls[:1],
    )
    headroom = exporter(config)
    expected = {"first": EXPECTED["first"]}
    with Watch(headroom, exactly_or_absent(EXPECTED, "/", ["main"])) as watch:
        headroom.until(
            lambda p: expected.items() <= counts(p, "main").items(), "the first node's"
        )
        headroom.until(lambda _: watch.pages > 10, "ten pages")
    assert watch.found == [], watch.report()


def gone(page, queue):
    return all(queue not in counts(page, source) for source in SOURCES)


def kept(page):
    return all(counts(page, source).get("first") == EXPECTED["first"] for source in SOURCES)


def nowhere_missing(page, queue):
    return all(s.value == 0 for s in page.series(MISSING, queue=queue))
