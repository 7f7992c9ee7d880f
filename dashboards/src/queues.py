"""Queues: what waits, what is handed out, who takes it, and how old it gets."""

from src.dashboard import band, dashboard, exporter_variables, object_variable, row, target_variable
from src.panels import (
    ZERO_IS_CALM,
    ZERO_IS_GOOD,
    Help,
    column,
    line,
    stat,
    table,
    timeseries,
    up_or_down,
)
from src.promql import (
    PER_QUEUE,
    QUEUE_FILTER,
    QUEUE_NAME,
    gauge,
    increase,
    largest,
    rate,
    top,
)

UID = "headroom-queues"
NOT_REDIS = "absent for Redis, which does not count it"


def _messages(state):
    return gauge(PER_QUEUE, "headroom_queue_messages", QUEUE_FILTER, f'state="{state}"')


def _of(metric):
    return gauge(PER_QUEUE, metric, QUEUE_FILTER)


def verdict():
    unserved = (
        f"count({_messages('ready')} > 0 and on ({PER_QUEUE}) {_of('headroom_queue_consumers')} == 0"
        f" unless on ({PER_QUEUE}) {_of('headroom_queue_dead_letter_queue')} == 1)"
    )
    known = f"count({_of('headroom_queue_consumers')})"
    return band(
        4,
        stat(
            "Ready",
            Help(
                "Messages that a worker may take now, in the chosen queues.",
                "more than the workers finish in the time that was promised.",
                "look at consumers and at the flow below.",
            ),
            "short",
            f"sum({_messages('ready')})",
            empty="unknown",
        ),
        stat(
            "In flight",
            Help(
                "Messages that were handed out and are not finished.",
                "it stays at consumers x prefetch while nothing is confirmed: the workers hang.",
                "compare with `out` below; restart workers that hold messages and do nothing.",
            ),
            "short",
            f"sum({_messages('in_flight')})",
            empty="no such state",
        ),
        stat(
            "Delayed",
            Help(
                "Messages that are due later (sorted sets with times as scores).",
                "they all become ready at their time: a crowd may be on its way.",
                "plan a floor for it.",
            ),
            "short",
            f"sum({_messages('delayed')})",
            empty="no such state",
        ),
        stat(
            "Message age",
            Help(
                "Age of the oldest message of the chosen queues, where kind and configuration can tell.",
                "somebody waits for that long.",
                "find its queue in the panel of ages below.",
            ),
            "s",
            f"max({_of('headroom_queue_oldest_message_age_seconds')})",
            empty="not known",
        ),
        stat(
            "Not consumed",
            Help(
                "Queues with ready messages and without a consumer. Dead-letter queues do not count: people read those.",
                "nobody will ever take these messages.",
                "start the workers, or see why they lost their connection.",
            ),
            "short",
            f"({unserved} or 0 * {known})",
            colours=ZERO_IS_GOOD,
            empty="no consumers",
        ),
        stat(
            "Missing",
            Help(
                "Queues of the configuration that are not on the server.",
                "a name is wrong, or the application has not declared its queue. What is published to it is lost.",
                "compare the configuration with the server.",
            ),
            "short",
            f"sum({_of('headroom_queue_missing')})",
            colours=ZERO_IS_CALM,
            empty="no such kind",
        ),
        stat(
            "Not running",
            Help(
                "Queues that exist while nothing serves them: their node is down, or a quorum queue lost its majority.",
                "their messages cannot be reached.",
                "bring the broker's node back.",
            ),
            "short",
            f"sum(1 - {_of('headroom_queue_running')})",
            colours=ZERO_IS_GOOD,
            empty="not said",
        ),
        stat(
            "Left out",
            Help(
                "Series that `max_series` left out; these queues are summed in `_other`.",
                "you do not see single queues of the target.",
                "raise `max_series`, or include fewer queues.",
            ),
            "short",
            "sum(" + gauge("namespace, job, target, system", "headroom_target_dropped_series", QUEUE_FILTER[:4]) + ")",
            colours=ZERO_IS_CALM,
            empty="unknown",
        ),
    )


def backlog():
    return band(
        8,
        timeseries(
            "Ready, ten largest",
            Help(
                "Messages that a worker may take now, of the ten queues that held most at any time in the range.",
                "it climbs without end: more comes than is done.",
                "more workers, or faster ones. A gap is unknown, not 0.",
            ),
            "short",
            [line(largest(10, PER_QUEUE, "headroom_queue_messages", QUEUE_FILTER, 'state="ready"'), QUEUE_NAME)],
        ),
        timeseries(
            "Flow: in and out, ten busiest",
            Help(
                f"Messages per second that enter each queue, and that are confirmed as done; {NOT_REDIS}.",
                "`in` above `out` for long.",
                "the difference is how fast the backlog grows: that many messages per second more have to be worked off.",
            ),
            "cps",
            [
                line(top(10, rate(PER_QUEUE, "headroom_queue_published_total", QUEUE_FILTER)), QUEUE_NAME + " in"),
                line(top(10, rate(PER_QUEUE, "headroom_queue_acknowledged_total", QUEUE_FILTER)), QUEUE_NAME + " out"),
            ],
        ),
        timeseries(
            "Age of the oldest message",
            Help(
                "How long the oldest message of a queue has been there; 0 when the queue is empty; ten oldest.",
                "it grows by a second per second: this message is not taken at all.",
                "look for a consumer that is blocked, or for a message that nobody can process.",
            ),
            "s",
            [line(largest(10, PER_QUEUE, "headroom_queue_oldest_message_age_seconds", QUEUE_FILTER), QUEUE_NAME)],
            noValue="no queue whose age can be known",
        ),
    )


def hands():
    return band(
        8,
        timeseries(
            "In flight, ten largest",
            Help(
                "Messages handed out and not finished, of the ten queues that had most in the range.",
                "flat at consumers x prefetch, with nothing confirmed: the workers hang.",
                "restart them; their messages go back to ready.",
            ),
            "short",
            [line(largest(10, PER_QUEUE, "headroom_queue_messages", QUEUE_FILTER, 'state="in_flight"'), QUEUE_NAME)],
            noValue="no kind with this state",
        ),
        timeseries(
            "Consumers, ten with most",
            Help(
                "Consumers attached to a queue. A consumer is not a worker: one worker may have many.",
                "0 with messages ready; or fewer than there are workers.",
                "see whether the workers could connect (credentials, connection limits).",
            ),
            "short",
            [line(largest(10, PER_QUEUE, "headroom_queue_consumers", QUEUE_FILTER), QUEUE_NAME)],
            step=True,
            noValue="no kind with consumers",
        ),
        timeseries(
            "Handed out again, ten most",
            Help(
                f"Messages per second that are handed out once more; {NOT_REDIS}.",
                "workers die or refuse their messages; the same work is done again and again.",
                "read the workers' logs; give poison messages a dead-letter exchange.",
            ),
            "cps",
            [line(top(10, rate(PER_QUEUE, "headroom_queue_redelivered_total", QUEUE_FILTER)), QUEUE_NAME)],
            least_top=1,
            noValue="not counted",
        ),
    )


def table_of_queues():
    ready = top(50, _messages("ready"))

    def among(expression):
        return f"{expression} and on ({PER_QUEUE}) {ready}"

    return row(
        "Each queue",
        band(
            10,
            table(
                "Fifty queues with most ready messages",
                Help(
                    "What is known of each queue now. An empty cell is unknown, or the kind of queue has no such thing.",
                    "ready messages without consumers; an age that grows; `DOWN`.",
                    "choose the queue above to see its history.",
                ),
                {"target": "Target", "system": "System", "vhost": "Vhost", "db": "DB", "queue": "Queue"},
                [
                    column(ready, "Ready", "short"),
                    column(among(_messages("in_flight")), "In flight", "short"),
                    column(among(_of("headroom_queue_consumers")), "Consumers", "short"),
                    column(among(_of("headroom_queue_oldest_message_age_seconds")), "Oldest", "s"),
                    column(among(_of("headroom_queue_memory_bytes")), "Memory", "bytes"),
                    column(among(_of("headroom_queue_running")), "Served", "none", mappings=up_or_down("yes", "DOWN")),
                ],
                sort="Ready",
            ),
        ),
    )


def details():
    kinds = f"count by (kind, durable) ({gauge(PER_QUEUE + ', kind, durable', 'headroom_queue_info', QUEUE_FILTER)})"
    dead = f"{_messages('ready')} and on ({PER_QUEUE}) {_of('headroom_queue_dead_letter_queue')} == 1"
    gives_up = gauge(PER_QUEUE + ", exchange", "headroom_queue_dead_letter_info", QUEUE_FILTER)
    delivered = increase(PER_QUEUE, "headroom_queue_delivered_total", QUEUE_FILTER)
    return row(
        "Dead letters, delivery, kinds",
        band(
            8,
            timeseries(
                "In dead-letter queues",
                Help(
                    "Messages in queues to which other queues send what they give up on (RabbitMQ, reading `info`).",
                    "each of them is work that failed for good.",
                    "look at one; mend the cause; move them back.",
                ),
                "short",
                [line(dead, QUEUE_NAME)],
                noValue="no dead-letter queue known",
            ),
            timeseries(
                "Ready for a consumer at once",
                Help(
                    "Share of time in which a message could be handed to a consumer at once (RabbitMQ's consumer capacity); ten lowest.",
                    "well below 100 % with messages ready: prefetch is too small, or the consumers are slow.",
                    "raise prefetch for short jobs; add workers for long ones.",
                ),
                "percentunit",
                [line(f"bottomk(10, {_of('headroom_queue_consumer_capacity')})", QUEUE_NAME)],
                max=1,
                noValue="not asked for",
            ),
            timeseries(
                "Handed to consumers",
                Help(
                    f"Messages handed out between two points, redeliveries included; {NOT_REDIS}.",
                    "0 with messages ready: the broker delivers nothing.",
                    "see whether consumers are blocked by prefetch, or the broker by an alarm.",
                ),
                "short",
                [line(top(10, delivered), QUEUE_NAME)],
                noValue="not counted",
            ),
        ),
        band(
            6,
            table(
                "Kinds of queues",
                Help(
                    "How many queues there are of each kind.",
                    "a queue that should survive a restart and is not durable.",
                    "declare it anew as durable.",
                ),
                {"kind": "Kind", "durable": "Durable"},
                [column(kinds, "Queues", "short")],
                sort="Queues",
            ),
            table(
                "Where queues send what they give up on",
                Help(
                    "The dead-letter exchange of each queue that has one; empty: the default exchange.",
                    "an exchange without a queue behind it: what is given up on is lost.",
                    "bind a queue to it.",
                ),
                {"target": "Target", "vhost": "Vhost", "queue": "Queue", "exchange": "Exchange"},
                [column(gives_up, "Known", "none")],
                sort="Queue",
            ),
        ),
        collapsed=True,
    )


def build():
    variables = [
        *exporter_variables(),
        target_variable("headroom_queue_messages"),
        object_variable("queue", "Queue", "headroom_queue_messages"),
    ]
    return dashboard(
        UID,
        "headroom / Queues",
        "Work that waits: how much, how old, who takes it, and how fast it comes and goes.",
        ["queues"],
        variables,
        [row("", verdict(), backlog(), hands()), table_of_queues(), details()],
    )
