"""Pressure: what happens between two scrapes, for targets with `sample_interval`."""

from src.dashboard import band, dashboard, exporter_variables, object_variable, row, target_variable
from src.panels import GOOD, WARN, Help, bars, every, line, stat, steps, timeseries
from src.promql import (
    PER_POOL,
    PER_QUEUE,
    PER_TARGET,
    POOL_FILTER,
    POOL_NAME,
    QUEUE_FILTER,
    QUEUE_NAME,
    TARGET,
    gauge,
    largest,
    per_observed_second,
    rate,
    top,
)
from src.recorded import limit

UID = "headroom-pressure"
# Counters advance once per sample, with RabbitMQ every 5 s: over less than some minutes the time observed
# would seem to be now 80 %, now 120 %.
STEP = "1m"
NOT_SAMPLED = "not sampled, or under 90 %"
WAITING = per_observed_second(PER_POOL, "headroom_pool_waiting_client_seconds_total", POOL_FILTER)
SATURATED = per_observed_second(PER_POOL, "headroom_pool_saturated_seconds_total", POOL_FILTER)
OBSERVED = rate(PER_TARGET, "headroom_pressure_observed_seconds_total", TARGET)


def _mean_messages(state):
    return per_observed_second(
        PER_QUEUE, "headroom_queue_message_seconds_total", QUEUE_FILTER, f'state="{state}"'
    )


def _little(state, counter):
    """Mean time in a state = mean number in it / arrivals (or departures) per second."""
    return f"{_mean_messages(state)} / ({rate(PER_QUEUE, counter, QUEUE_FILTER)} > 0)"


WAIT = _little("ready", "headroom_queue_published_total")
SERVICE = _little("in_flight", "headroom_queue_acknowledged_total")


def verdict():
    tiles = every(
        STEP,
        stat(
            "Clients waiting, mean",
            Help(
                "Mean number of clients that wait in the worst pool, between the scrapes too.",
                "above 0 while the gauge says 0: rushes that no scrape meets.",
                "see which pool below; make it larger, or spread the rush.",
            ),
            "short",
            f"max({WAITING})",
            empty=NOT_SAMPLED,
            decimals=2,
        ),
        stat(
            "Saturated, worst pool",
            Help(
                "Share of time in which somebody waited in the worst pool, or would have been turned away.",
                "each per cent is time in which work stood still.",
                "see which pool below, and when.",
            ),
            "percentunit",
            f"max({SATURATED})",
            empty=NOT_SAMPLED,
            decimals=1,
        ),
        stat(
            "Wait of a message, mean",
            Help(
                "Mean time that a message waits in the worst queue, by Little's law. Needs arrivals (RabbitMQ with `rates`).",
                "near the promise of its workload.",
                "more workers, earlier.",
            ),
            "s",
            f"max({WAIT})",
            empty="not counted",
        ),
        stat(
            "Time at work, mean",
            Help(
                "Mean time from handing out a message to its confirmation, in the slowest queue. Prefetched ones wait in it.",
                "above `service_time` of the workload: its recommendations are too small.",
                "correct `service_time`, or lower the prefetch.",
            ),
            "s",
            f"max({SERVICE})",
            empty="not counted",
        ),
        stat(
            "Time observed, least",
            Help(
                "Share of time that the counters of the worst sampled target cover.",
                "below 90 % the panels here draw nothing: a quotient would be too small.",
                "raise `sample_interval` or `max_duty`; see how long a run takes on Exporter.",
            ),
            "percentunit",
            f"min({OBSERVED})",
            colours=steps(WARN, (0.9, GOOD)),
            empty="no sample_interval",
            decimals=0,
        ),
    )
    return band(4, *tiles, widths=[5, 5, 5, 5, 4])


def pools():
    gauge_waiting = largest(10, PER_POOL, "headroom_pool_waiting_clients", POOL_FILTER)
    waiting, saturated = every(
        STEP,
        timeseries(
            "Mean number of waiting clients",
            Help(
                "Waiting clients of each pool, as a mean over time and not at the moment of a scrape; ten most.",
                "spikes here that the panel beside this does not have: rushes between two scrapes.",
                "spread them, or size the pool for them.",
            ),
            "short",
            [line(top(10, WAITING), POOL_NAME)],
            noValue=NOT_SAMPLED,
        ),
        timeseries(
            "Share of time saturated",
            Help(
                "Time in which somebody waited (PgBouncer's pools), or all but the reserved connections were taken (servers); dashed: the alert's limit.",
                "above the dashed line.",
                "as for waiting clients; of a server: fewer connections, or more of them allowed.",
            ),
            "percentunit",
            [
                line(top(10, SATURATED), POOL_NAME),
                line(f"max({limit('pool:headroom_pool_saturated')})", "limit"),
            ],
            limits=["limit"],
            noValue=NOT_SAMPLED,
        ),
    )
    as_scraped = timeseries(
        "Waiting clients as scrapes see them",
        Help(
            "The gauge, for comparison: what a scrape happened to meet.",
            "both high: a lasting shortage, not rushes.",
            "see Pools.",
        ),
        "short",
        [line(gauge_waiting, POOL_NAME)],
        noValue="no pooler",
    )
    return band(8, waiting, as_scraped, saturated)


def queues():
    panels = every(
        STEP,
        timeseries(
            "Mean number of ready messages",
            Help(
                "Ready messages of each queue as a mean over time; ten most.",
                "above 0 on a queue that every scrape finds empty: bursts.",
                "see how long they wait, beside this.",
            ),
            "short",
            [line(top(10, _mean_messages("ready")), QUEUE_NAME)],
            noValue=NOT_SAMPLED,
        ),
        timeseries(
            "Mean wait of a message",
            Help(
                "By Little's law: mean number waiting / arrivals per second. True for windows long against the wait.",
                "near the promise.",
                "more workers, or a floor before the burst.",
            ),
            "s",
            [line(top(10, WAIT), QUEUE_NAME)],
            noValue="arrivals are not counted",
        ),
        timeseries(
            "Mean time at work",
            Help(
                "Mean number in flight / confirmations per second: time from handing out to done.",
                "longer than `service_time`.",
                "correct it: the recommendations follow from it.",
            ),
            "s",
            [line(top(10, SERVICE), QUEUE_NAME)],
            noValue="confirmations are not counted",
        ),
    )
    return band(8, *panels)


def trust():
    duration = gauge(PER_TARGET, "headroom_target_collect_duration_seconds", TARGET)
    return row(
        "How far to trust this",
        band(
            8,
            *every(
                STEP,
                timeseries(
                    "Share of time observed",
                    Help(
                        "What the counters of each target cover. They add nothing for failed runs and long gaps.",
                        "below 90 %: nothing above is drawn for that target.",
                        "raise `sample_interval` or `max_duty`.",
                    ),
                    "percentunit",
                    [line(OBSERVED, "{{target}}")],
                    noValue=NOT_SAMPLED,
                ),
            ),
            bars(
                "How long a run takes",
                Help(
                    "The last run of each target. Samples are never closer together than this / `max_duty`.",
                    "long against `sample_interval`: it is sampled less often than configured.",
                    "the log says so once, with the reason.",
                ),
                "s",
                duration,
                "{{target}}",
                empty="unknown",
            ),
        ),
    )


def build():
    variables = [
        *exporter_variables(),
        target_variable("headroom_pressure_observed_seconds_total"),
        object_variable("pool", "Pool", "headroom_pool_saturated_seconds_total"),
        object_variable("queue", "Queue", "headroom_queue_message_seconds_total"),
    ]
    return dashboard(
        UID,
        "headroom / Pressure",
        "What happens between two scrapes: means over time of what waits, for targets with sample_interval.",
        ["pressure"],
        variables,
        [row("", verdict(), pools(), queues()), trust()],
    )
