"""What a page of headroom says about RabbitMQ's queues, in the shape in which the tests compare it."""

from support.configs import SOURCES

MESSAGES = "headroom_queue_messages"
CONSUMERS = "headroom_queue_consumers"
MISSING = "headroom_queue_missing"


def messages(page, target, vhost=None):
    """{queue: {state: number}} of one target, of one virtual host or of all of them."""
    labels = {"target": target} | ({"vhost": vhost} if vhost else {})
    found = {}
    for sample in page.series(MESSAGES, **labels):
        found.setdefault(sample.labels["queue"], {})[sample.labels["state"]] = sample.value
    return found


def counts(page, target, vhost=None):
    """{queue: (ready, in flight, consumers)}; a part that the page does not have is None."""
    labels = {"target": target} | ({"vhost": vhost} if vhost else {})
    found = {
        queue: (states.get("ready"), states.get("in_flight"), None)
        for queue, states in messages(page, target, vhost).items()
    }
    for sample in page.series(CONSUMERS, **labels):
        ready, in_flight, _ = found.get(sample.labels["queue"], (None, None, None))
        found[sample.labels["queue"]] = (ready, in_flight, sample.value)
    return found


def truth(broker, vhost):
    """What the queues themselves say, in the shape of counts()."""
    return {
        name: (row["ready"], row["unacked"], row["consumers"])
        for (_, name), row in broker.list_queues(vhost).items()
    }


def every(page, read, *arguments, sources=SOURCES):
    """{source: read(page, source, ...)}, for a page of every_source()."""
    return {source: read(page, source, *arguments) for source in sources}


def all_are(expected, sources=SOURCES):
    return {source: expected for source in sources}


def until_counts(headroom, broker, vhost, expected):
    """Waits until each source says `expected`, which must then be what the broker says and stay so."""
    page = headroom.until(
        lambda p: every(p, counts, vhost) == all_are(expected), f"every source says {expected}"
    )
    assert truth(broker, vhost) == expected
    again = headroom.scrape()
    assert every(again, counts, vhost) == all_are(expected)
    return page


def up(page, target="main"):
    return page.value("headroom_target_up", target=target) == 1


def down(page, target="main"):
    return page.value("headroom_target_up", target=target) == 0


def errors(page, reason, target="main"):
    return page.value("headroom_target_errors_total", target=target, reason=reason)


def queue_series(page, target="main"):
    """Every series that says something of a queue."""
    return [
        s for s in page.samples if s.name.startswith("headroom_queue") and s.labels["target"] == target
    ]
