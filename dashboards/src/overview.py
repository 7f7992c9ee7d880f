"""The page to open at 3 a.m.: is work late, why, and what is left."""

from src.dashboard import (
    ALERTS,
    band,
    dashboard,
    exporter_variables,
    floor_annotations,
    row,
    target_variable,
)
from src.overview_lists import TO_EXPORTER, lists
from src.panels import (
    BAD,
    GOOD,
    ZERO_IS_CALM,
    ZERO_IS_GOOD,
    Help,
    line,
    link,
    stat,
    steps,
    timeseries,
)
from src.promql import (
    EXPORTER,
    GROUP_NAME,
    PER_GROUP,
    PER_POOL,
    PER_QUEUE,
    PER_TARGET,
    PER_WORKLOAD,
    POOL_NAME,
    POSTGRESQL_SERVER,
    QUEUE_NAME,
    TARGET,
    gauge,
    largest,
    late,
    rate,
    scraped,
    smallest,
)
from src.recorded import WATCHDOG

UID = "headroom-overview"
TO_QUEUES = link("Queues", "headroom-queues")
TO_POOLS = link("Pools", "headroom-pools")
TO_WORKERS = link("Workers", "headroom-workers")
TO_SCALING = link("Autoscaling", "headroom-autoscaling")

DRAIN = gauge(PER_WORKLOAD, "headroom_workload_expected_drain_seconds", EXPORTER)
PROMISE = gauge(PER_WORKLOAD, "headroom_workload_finish_within_seconds", EXPORTER)


def verdict():
    """One line of numbers; in health all of them are green, or say that there is no such thing here."""
    return band(
        4,
        stat(
            "Alerts firing",
            Help(
                "Warnings and critical alerts of headroom's own rules that fire now, of all jobs.",
                "something needs a person. Without the rules of `alerts/` there is no number.",
                "read the list below; each alert links to its runbook.",
            ),
            "short",
            f"sum({ALERTS}) or 0 * count({WATCHDOG})",
            colours=ZERO_IS_GOOD,
            empty="no rules",
        ),
        stat(
            "Not scraped",
            Help(
                "Exporters that Prometheus cannot scrape.",
                "all numbers below are missing, and none of them is 0.",
                "look at the exporter's process and its log; see the alert's runbook.",
            ),
            "short",
            f"sum(1 - {scraped()})",
            colours=ZERO_IS_GOOD,
            empty="no exporter",
            links=[TO_EXPORTER],
        ),
        stat(
            "Targets down",
            Help(
                "Servers that did not answer the exporter.",
                "their queues and pools are unknown: no line, no number. Autoscaling on them holds still.",
                "the table of targets below says which; its errors say why.",
            ),
            "short",
            f"sum(1 - {gauge(PER_TARGET, 'headroom_target_up', TARGET)})",
            colours=ZERO_IS_GOOD,
            empty="unknown",
            links=[TO_EXPORTER],
        ),
        stat(
            "Message age",
            Help(
                "Age of the oldest message of all queues that can tell.",
                "somebody has been waiting for that long.",
                "open Queues: is nobody consuming, or are there too few workers?",
            ),
            "s",
            f"max({gauge(PER_QUEUE, 'headroom_queue_oldest_message_age_seconds', TARGET)})",
            empty="not known",
            links=[TO_QUEUES],
        ),
        stat(
            "Promises late",
            Help(
                "Workloads whose backlog takes longer than `finish_within` even with the recommended workers, or nobody knows how long.",
                "the promise is broken already (more workers are not allowed, or do not help), or a reading is unknown.",
                "open Autoscaling: which limit binds, `max` or the pools? Is the signal missing?",
            ),
            "short",
            late(DRAIN, PROMISE),
            colours=ZERO_IS_GOOD,
            empty="no promise",
            links=[TO_SCALING],
        ),
        stat(
            "Stale workers",
            Help(
                "Workers whose heartbeat is too old. They are not among the live ones.",
                "processes died without signing off, or hang with a job in their hands.",
                "open Workers: in which state did they stop?",
            ),
            "short",
            f"sum({gauge(PER_GROUP + ', state', 'headroom_workers_stale', TARGET)})",
            colours=ZERO_IS_CALM,
            empty="no heartbeat",
            links=[TO_WORKERS],
        ),
        stat(
            "Pool waiters",
            Help(
                "Clients that wait for a server connection in the pools of PgBouncer.",
                "workers stand still, holding their message, until a connection is free.",
                "open Pools: is a pool too small, or does somebody hold connections for too long?",
            ),
            "short",
            f"sum({gauge(PER_POOL, 'headroom_pool_waiting_clients', TARGET, WAITABLE)})",
            colours=ZERO_IS_CALM,
            empty="no pooler",
            links=[TO_POOLS],
        ),
        stat(
            "Least room",
            Help(
                "Connections that the fullest pool can still hand out, all limits on the way to the server considered.",
                "at 0 the next client waits or is turned away.",
                "open Pools: which limit is it?",
            ),
            "short",
            f"min({gauge(PER_POOL, 'headroom_pool_available_connections', TARGET)})",
            colours=steps(BAD, (1, GOOD)),
            empty="no limit known",
            links=[TO_POOLS],
        ),
    )


WAITABLE = 'scope="pool"'


def demand_and_backlog():
    return band(
        8,
        timeseries(
            "Ready messages, five largest queues",
            Help(
                "Messages that a worker may take now, of the five queues that held most at any time in the range.",
                "a line that climbs has more arrivals than work done; one that is flat and high has nobody working on it.",
                "compare with the next panel and with the workers below. A gap is unknown, not 0.",
            ),
            "short",
            [line(largest(5, PER_QUEUE, "headroom_queue_messages", TARGET, 'state="ready"'), QUEUE_NAME)],
        ),
        timeseries(
            "In and out per second",
            Help(
                "Messages that entered and that were confirmed as done, by server. Counted by RabbitMQ (`rates`); Redis does not count.",
                "`in` above `out` for long: the backlog grows.",
                "more workers, or find out what slows them (pools, below).",
            ),
            "cps",
            [
                line(f"sum by ({PER_TARGET}) ({rate(PER_QUEUE, 'headroom_queue_published_total', TARGET)})", "{{target}} in"),
                line(
                    f"sum by ({PER_TARGET}) ({rate(PER_QUEUE, 'headroom_queue_acknowledged_total', TARGET)})",
                    "{{target}} out",
                ),
            ],
        ),
        timeseries(
            "Time to drain against the promise",
            Help(
                "How long the recommended workers take for what waits, and the promise `finish_within`.",
                "a line above its dashed promise: work will be late however the workers are scaled.",
                "raise `max`, give the pools more room, or tell the users.",
            ),
            "s",
            [line(DRAIN, "{{workload}}"), line(PROMISE, "{{workload}} promised")],
            limits=["promised"],
        ),
    )


def workers_and_room():
    recommended = gauge(PER_WORKLOAD, "headroom_workload_recommended_workers", EXPORTER)
    wanted = gauge(PER_WORKLOAD, "headroom_workload_wanted_workers", EXPORTER)
    live = gauge(PER_GROUP + ", state", "headroom_workers", TARGET)
    budget = gauge(PER_POOL, "headroom_pool_budget_connections", TARGET)
    most = gauge(PER_POOL, "headroom_pool_max_connections", TARGET, *POSTGRESQL_SERVER)
    reserved = gauge(PER_POOL, "headroom_pool_reserved_connections", TARGET, *POSTGRESQL_SERVER)
    used = gauge(PER_POOL + ", state", "headroom_pool_connections", TARGET, *POSTGRESQL_SERVER)
    return band(
        8,
        timeseries(
            "Workers: live and recommended",
            Help(
                "Live workers of each group; workers that each workload should have; and would have without limits.",
                "live below recommended for minutes: the autoscaler does not follow. No recommended line: a reading is unknown.",
                "open Autoscaling for the why; check the HPA's conditions.",
            ),
            "short",
            [
                line(f"sum by ({PER_GROUP}) ({live})", "live " + GROUP_NAME),
                line(recommended, "recommended {{workload}}"),
                line(wanted, "wanted {{workload}}"),
            ],
            limits=["wanted"],
            step=True,
        ),
        timeseries(
            "Room left in the pools, ten tightest",
            Help(
                "Connections that each pool of PgBouncer can still hand out; the ten with least. Pools share what is behind them: never add them up.",
                "0: the next client waits.",
                "open Pools; see which limit binds on the exporter's own page `/`.",
            ),
            "short",
            [line(smallest(10, PER_POOL, "headroom_pool_available_connections", TARGET, WAITABLE), POOL_NAME)],
        ),
        timeseries(
            "Database connections and what may come",
            Help(
                "Connections of each PostgreSQL server, what ordinary clients can have, and what all poolers together may open.",
                "`budget` above `limit`: a rush can run the server out of connections, however calm it is now.",
                "lower `max_db_connections` or the pool sizes until the sum fits.",
            ),
            "short",
            [
                line(f"sum by ({PER_TARGET}) ({used})", "{{target}} used"),
                line(f"{most} - {reserved}", "{{target}} limit"),
                line(budget, "{{target}} budget"),
            ],
            limits=["limit", "budget"],
        ),
    )


def build():
    return dashboard(
        UID,
        "headroom / Overview",
        "Is work late, why, and what is left: queues, workers, pools and the exporter itself.",
        ["overview"],
        [*exporter_variables(), target_variable()],
        [row("", verdict(), demand_and_backlog(), workers_and_room()), lists()],
        floor_annotations(),
    )
