"""Readings beyond depth: rates, age, capacity, memory, what a queue is, dead letters, server facts."""

import time

import pytest

from support.configs import SOURCES, declared, every_source, rabbitmq, toml_strings
from support.rabbitmq_pages import errors, up

# The plugin of RabbitMQ 3 has no counters per queue.
WITH_RATES = ("management", "auto")

def reading(*names):
    return f"readings = {toml_strings(names)}"


def each(page, name, **labels):
    """{source: value} for those that have exactly one such series."""
    found = {s: page.series(name, target=s, **labels) for s in SOURCES}
    return {s: rows[0].value for s, rows in found.items() if len(rows) == 1}


def everywhere(page, name, value, sources=SOURCES, **labels):
    found = each(page, name, **labels)
    return all(found.get(source) == value for source in sources)


def test_counters_are_what_was_published_delivered_and_acknowledged(broker, vhost, amqp, exporter):
    amqp.declare("jobs")
    amqp.publish("jobs", 10)
    tag, delivered = amqp.consume("jobs", 4, prefetch=4)
    amqp.ack(delivered[2], multiple=True)
    amqp.cancel(tag)
    headroom = exporter(every_source(broker, declared(vhost, "jobs") + reading("messages", "rates")))
    delivered_total = "headroom_queue_delivered_total"
    page = headroom.until(
        lambda p: everywhere(p, "headroom_queue_published_total", 10, WITH_RATES)
        and everywhere(p, "headroom_queue_acknowledged_total", 3, WITH_RATES)
        and set(each(p, delivered_total)) >= set(WITH_RATES),
        "counted",
    )
    handed_out = each(page, delivered_total)
    assert set(handed_out) == set(WITH_RATES)
    assert all(4 <= n <= 10 for n in handed_out.values()), handed_out


def test_messages_fetched_one_by_one_and_redelivered_are_counted(broker, vhost, amqp, exporter):
    """delivered = deliver + deliver_no_ack + get + get_no_ack."""
    amqp.declare("jobs")
    amqp.publish("jobs", 2)
    method, _, _ = amqp.channel.basic_get("jobs")
    amqp.requeue(method.delivery_tag)
    amqp.get("jobs")
    amqp.channel.basic_get("jobs", auto_ack=True)
    headroom = exporter(every_source(broker, declared(vhost, "jobs") + reading("messages", "rates")))
    headroom.until(
        lambda p: everywhere(p, "headroom_queue_delivered_total", 3, WITH_RATES)
        and everywhere(p, "headroom_queue_redelivered_total", 1, WITH_RATES)
        and everywhere(p, "headroom_queue_acknowledged_total", 1, WITH_RATES),
        "counted by every source",
    )


def test_rates_that_a_source_does_not_have_are_absent_and_a_part_says_so(
    broker, vhost, amqp, exporter
):
    amqp.declare("jobs")
    amqp.publish("jobs", 2)
    body = declared(vhost, "jobs") + reading("messages", "rates")
    headroom = exporter(rabbitmq(broker, body, source="prometheus", url=""))
    page = headroom.until(lambda p: p.series("headroom_queue_messages", queue="jobs"), "counted")
    assert page.absent("headroom_queue_published_total")
    assert page.value("headroom_target_part_up", part="rates") == 0
    assert up(page)


def test_a_queue_that_nobody_used_has_no_counter_that_is_not_zero(broker, vhost, amqp, exporter):
    amqp.declare("idle")
    headroom = exporter(every_source(broker, declared(vhost, "idle") + reading("messages", "rates")))
    page = headroom.until(lambda p: everywhere(p, "headroom_queue_messages", 0, state="ready"), "0")
    for name in ("published", "delivered", "acknowledged", "redelivered"):
        assert set(each(page, f"headroom_queue_{name}_total").values()) <= {0}


def test_rates_are_not_exported_unless_they_are_read(broker, vhost, amqp, exporter):
    amqp.declare("jobs")
    amqp.publish("jobs", 1)
    headroom = exporter(every_source(broker, declared(vhost, "jobs")))
    page = headroom.until(lambda p: everywhere(p, "headroom_queue_messages", 1, state="ready"), "1")
    unread = ["published_total", "memory_bytes", "consumer_capacity", "oldest_message_age_seconds"]
    for name in unread:
        assert page.absent(f"headroom_queue_{name}"), name


def test_the_age_of_the_oldest_message_is_known_from_its_timestamp(broker, vhost, amqp, exporter):
    amqp.declare("dated")
    sent = time.time() - 300
    amqp.publish("dated", 1, timestamp=sent)
    amqp.publish("dated", 1, timestamp=time.time())
    amqp.declare("undated")
    amqp.publish("undated", 1)
    body = declared(vhost, "dated", "undated") + reading("messages", "age")
    headroom = exporter(rabbitmq(broker, body, name="auto"))
    name = "headroom_queue_oldest_message_age_seconds"
    page = headroom.until(lambda p: p.series(name, queue="dated"), "an age")
    # The timestamp has whole seconds.
    assert 299 <= page.value(name, queue="dated") <= time.time() - sent + 1
    assert page.absent(name, queue="undated")


def test_the_head_of_a_queue_with_priorities_tells_no_age(broker, vhost, amqp, exporter):
    """It is the oldest of the highest priority; those that starve are older."""
    for queue, arguments in ("ranked", {"x_max_priority": 10}), ("dated", {}):
        amqp.declare(queue, **arguments)
        amqp.publish(queue, 1, timestamp=time.time() - 300)
    headroom = exporter(every_source(broker, declared(vhost, "ranked", "dated") + reading("messages", "age")))
    name = "headroom_queue_oldest_message_age_seconds"
    shown = []

    def told(page):
        shown.extend(page.series(name, queue="ranked"))
        return (
            everywhere(page, "headroom_queue_messages", 1, queue="ranked", state="ready")
            and len(each(page, name, queue="dated")) == len(SOURCES)
        )

    headroom.until(told, "its messages, and the other one's age")
    assert shown == [], "on no page, from the first on"


@pytest.mark.parametrize("source", SOURCES)
def test_memory_is_the_queue_s_own(source, broker, vhost, amqp, exporter):
    amqp.declare("jobs")
    amqp.publish("jobs", 1)
    body = declared(vhost, "jobs") + reading("messages", "memory")
    headroom = exporter(rabbitmq(broker, body, source=source))
    name = "headroom_queue_memory_bytes"
    page = headroom.until(lambda p: p.series(name, queue="jobs"), "memory")
    assert 1_000 < page.value(name, queue="jobs") < 10_000_000


@pytest.mark.parametrize("source", SOURCES)
def test_capacity_falls_below_one_when_consumers_are_the_limit(
    source, broker, vhost, amqp, exporter
):
    amqp.declare("starved")
    amqp.publish("starved", 3)
    amqp.consume("starved", 1, prefetch=1)
    body = declared(vhost, "starved") + reading("messages", "capacity")
    headroom = exporter(rabbitmq(broker, body, source=source))
    name = "headroom_queue_consumer_capacity"

    def capacity(page):
        return [s.value for s in page.series(name, queue="starved")]

    # It begins at 1.
    page = headroom.until(lambda p: capacity(p) and capacity(p)[0] < 1, "a capacity below 1")
    assert capacity(page)[0] >= 0


def test_kind_and_durability_are_said(broker, vhost, amqp, exporter):
    for kind in ("classic", "quorum", "stream"):
        amqp.declare(kind, kind)
    amqp.declare("passing", durable=False)
    body = declared(vhost, "classic", "quorum", "stream", "passing", "none") + "\n"
    body += reading("messages", "info") + '\ndiscovery_interval = "10s"'
    headroom = exporter(every_source(broker, body))
    name = "headroom_queue_info"
    kinds = {"classic", "quorum", "stream", "passing"}

    def told(page, source):
        """The series is there before the reading `info` has filled in its labels."""
        rows = page.series(name, target=source)
        return {s.labels["queue"]: (s.labels.get("kind"), s.labels.get("durable")) for s in rows}

    def whole(page, source):
        return {queue for queue, labels in told(page, source).items() if None not in labels}

    for source in SOURCES:
        page = headroom.until(lambda p: whole(p, source) >= kinds, "four infos")  # noqa: B023
        said = told(page, source)
        expected = {k: (k, "true") for k in ("classic", "quorum", "stream")}
        assert said.pop("none", (None, None)) == (None, None)
        assert said == expected | {"passing": ("classic", "false")}
    running = "headroom_queue_running"  # which a page of the plugin never says
    headroom.until(
        lambda p: all(p.value(running, target=s, queue="quorum") == 1 for s in ("management", "auto")),
        "its state",
    )
    assert headroom.scrape().absent(running, queue="none")


def test_dead_letter_queues_are_recognised(broker, vhost, amqp, exporter):
    """By argument to the default exchange, and by a policy through an exchange and a binding."""
    amqp.declare("direct.dead")
    amqp.declare("bound.dead")
    amqp.declare(
        "jobs", x_dead_letter_exchange="", x_dead_letter_routing_key="direct.dead"
    )
    amqp.channel.exchange_declare("graveyard", "direct", durable=True)
    amqp.channel.queue_bind("bound.dead", "graveyard", "buried")
    amqp.declare("mails")
    broker.api(
        "PUT",
        f"/policies/{vhost}/bury",
        {
            "pattern": "^mails$",
            "apply-to": "queues",
            "definition": {
                "dead-letter-exchange": "graveyard",
                "dead-letter-routing-key": "buried",
            },
        },
    )
    body = f"vhosts = {toml_strings([vhost])}\n" + reading("messages", "info")
    headroom = exporter(every_source(broker, body + '\ndiscovery_interval = "10s"'))
    flag = "headroom_queue_dead_letter_queue"
    expected = {"direct.dead": 1, "bound.dead": 1, "jobs": 0, "mails": 0}

    def recognised(page, source):
        return {s.labels["queue"]: s.value for s in page.series(flag, target=source)} == expected

    page = headroom.until(lambda p: all(recognised(p, s) for s in SOURCES), "recognised")
    for source in SOURCES:
        info = page.series("headroom_queue_dead_letter_info", target=source)
        exchanges = {s.labels["queue"]: s.labels.get("exchange") for s in info}
        assert exchanges == {"jobs": None, "mails": "graveyard"}  # the default one has no name


def test_facts_of_the_server_are_the_management_api_s_own(broker, vhost, exporter):
    node = broker.api("GET", "/nodes")[0]
    headroom = exporter(rabbitmq(broker, f"vhosts = {toml_strings([vhost])}", name="auto"))
    page = headroom.until(lambda p: p.series("rabbitmq_node_mem_used"), "facts of the node")
    assert up(page, "auto")
    assert page.value("rabbitmq_node_mem_used", node=broker.node) > 10_000_000
    assert page.value("rabbitmq_node_mem_limit", node=broker.node) == node["mem_limit"]
    assert errors(page, "protocol", "auto") == 0
