"""Queues and virtual hosts may be named with any bytes: each keeps its own number, or has none."""

import uuid

import pytest

from support.configs import SOURCES, declared, every_source, rabbitmq, toml_strings
from support.rabbitmq_pages import all_are, counts, every, until_counts, up

HOSTILE = [
    'double "quotes"',
    "back\\slash",
    "ends in \\",
    'ends in "',
    'a"} 5',
    "sla/sh and ../..",
    "per%cent %2F %00",
    "ümläut 消息 \U0001f430",
    "queue?columns=x&y=z#f",
    "{},=\"",
    " spaces ",
    ".*",
    "tab\there",
    "new\nline",
    "return\rhere",
    "x" * 255,
]


def test_hostile_names_are_counted_under_their_own_name_by_the_management_api(
    broker, vhost, amqp, exporter
):
    depths = declare_all(broker, vhost, amqp, HOSTILE)
    scope = f"vhosts = {toml_strings([vhost])}"
    headroom = exporter(rabbitmq(broker, scope, source="management"))
    headroom.until(lambda p: counts(p, "main", vhost) == depths, "each has its own number")


def test_no_source_ever_gives_a_hostile_name_another_number(broker, vhost, amqp, exporter):
    """A name that the plugin's page cannot carry may be absent there; `auto` must have them all."""
    depths = declare_all(broker, vhost, amqp, HOSTILE)
    headroom = exporter(every_source(broker, f"vhosts = {toml_strings([vhost])}"))
    headroom.until(lambda p: settled(p, vhost, depths), "all of them in auto, no other anywhere")


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_hostile_name_can_be_declared(name, broker, vhost, amqp, exporter):
    depths = declare_all(broker, vhost, amqp, [name])
    config = rabbitmq(broker, declared(vhost, name), source="management", name="management")
    headroom = exporter(config + rabbitmq(broker, declared(vhost, name), name="auto"))
    expected = all_are(depths, ("management", "auto"))
    headroom.until(
        lambda p: every(p, counts, vhost, sources=("management", "auto")) == expected, "counted"
    )


FORGERIES = [
    # Without escaping, a page of the plugin would have a whole line of its own for the victim.
    '{family}{{vhost="{vhost}",queue="victim"}} 999\n',
    'x"}} 1\n{family}{{vhost="{vhost}",queue="victim"}} 999\n{family}{{vhost="{vhost}",queue="y',
    'x",queue="victim',
    'victim"}} 999\n#',
]
FAMILIES = ["rabbitmq_detailed_queue_messages_ready", "rabbitmq_detailed_queue_consumers"]


@pytest.mark.parametrize("forgery", FORGERIES, ids=["line", "closed", "label", "comment"])
def test_a_name_that_forges_a_line_changes_no_other_queue(forgery, broker, vhost, amqp, exporter):
    amqp.declare("victim")
    amqp.publish("victim", 3)
    names = [forgery.format(family=family, vhost=vhost) for family in FAMILIES]
    forged = declare_all(broker, vhost, amqp, sorted(set(names)))
    headroom = exporter(every_source(broker, f"vhosts = {toml_strings([vhost])}"))
    whole = {"victim": (3, 0, 0)} | forged
    for _ in range(10):
        page = headroom.scrape()
        assert all(small(page, source, vhost) for source in SOURCES), page.text
    headroom.until(lambda p: settled(p, vhost, whole), "all of them in auto, no other anywhere")


@pytest.mark.parametrize("forgery", FORGERIES, ids=["line", "closed", "label", "comment"])
def test_a_name_that_forges_a_line_invents_no_queue(forgery, broker, vhost, amqp, exporter):
    """The victim is declared in headroom's configuration and does not exist."""
    names = [forgery.format(family=family, vhost=vhost) for family in FAMILIES]
    forged = declare_all(broker, vhost, amqp, sorted(set(names)))
    scope = f"vhosts = {toml_strings([vhost])}\ninclude = ['.*']\n"
    headroom = exporter(every_source(broker, scope + declared(vhost, "victim")))
    whole = {"victim": (0, 0, 0)} | forged

    def told(page):
        return all(within(page, source, vhost, whole, {}) for source in SOURCES)

    # A source may be at the tick before the last until then, or have no number yet and show that of
    # an older tick next.
    headroom.until(
        lambda p: all(within(p, s, vhost, whole, forged) for s in ("management", "auto"))
        and told(p),
        "all of them in the management API and auto",
    )
    for _ in range(10):
        page = headroom.scrape()
        assert told(page), page.text


def settled(page, vhost, whole):
    """`auto` has all, every source some of them; one may still be at the tick before the last."""
    return counts(page, "auto", vhost) == whole and all(
        up(page, source) and counts(page, source, vhost).items() <= whole.items()
        for source in SOURCES
    )


def within(page, target, vhost, whole, wanted):
    """Nothing but what is in `whole`, all that is `wanted`; the consumers of a missing queue may be unknown."""
    found = counts(page, target, vhost)
    if found.get("victim") == (0, 0, None):
        found["victim"] = (0, 0, 0)
    return wanted.items() <= found.items() <= whole.items()


def small(page, target, vhost):
    """Before a queue's first tick its number may be an older one, but never what a name says."""
    return all(n in (0, 1, 2, 3, None) for row in counts(page, target, vhost).values() for n in row)


def test_a_queue_called_as_the_rest_is_not_taken_for_the_rest(broker, vhost, amqp, exporter):
    """`_other` is what queues over max_series are summed into; its namesake gets a longer name."""
    amqp.declare("_other")
    amqp.publish("_other", 2)
    headroom = exporter(every_source(broker, f"vhosts = {toml_strings([vhost])}"))
    headroom.until(
        lambda p: all(two_of_another_name(p, source, vhost) for source in SOURCES), "counted"
    )


def two_of_another_name(page, target, vhost):
    rows = counts(page, target, vhost)
    return [name.split("~")[0] for name in rows] == ["_other"] and list(rows.values()) == [(2, 0, 0)]


def test_a_hostile_virtual_host_keeps_its_queues_apart(broker, exporter):
    hostile = f'v/"%2F\\ü {uuid.uuid4()}'
    broker.add_vhost(hostile)
    try:
        with broker.amqp(hostile) as connection:
            connection.declare("jobs")
            connection.publish("jobs", 4)
        headroom = exporter(
            rabbitmq(broker, f"vhosts = {toml_strings([hostile])}", source="management")
        )
        headroom.until(lambda p: counts(p, "main", hostile) == {"jobs": (4, 0, 0)}, "counted")
    finally:
        broker.delete_vhost(hostile)


def test_names_that_need_no_escaping_are_right_in_every_source(broker, vhost, amqp, exporter):
    plain = ["ümläut", "a b", "per%cent", "a/b", ".*", "消息", "{a=b}", "a,b"]
    depths = declare_all(broker, vhost, amqp, plain)
    headroom = exporter(every_source(broker, f"vhosts = {toml_strings([vhost])}"))
    until_counts(headroom, broker, vhost, depths)


def declare_all(broker, vhost, amqp, names):
    """Makes them, each of another depth; returns what counts() must say."""
    broker.define_queues(vhost, names)
    depths = {}
    for i, name in enumerate(names):
        amqp.publish(name, i + 1)
        depths[name] = (i + 1, 0, 0)
    return depths
