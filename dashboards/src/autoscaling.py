"""Autoscaling: how many workers there should be, why, and whether there are."""

from src.dashboard import (
    band,
    dashboard,
    exporter_variables,
    floor_annotations,
    query_variable,
    row,
    workload_variable,
)
from src.panels import (
    ZERO_IS_CALM,
    ZERO_IS_GOOD,
    Help,
    column,
    line,
    stat,
    table,
    timeseries,
)
from src.promql import PER_WORKLOAD, WORKLOAD_FILTER, gauge, late
from src.recorded import ACTUAL_WORKERS

UID = "headroom-autoscaling"
HPA = 'namespace=~"$namespace", horizontalpodautoscaler=~"$hpa"'


def _of(name, *matchers):
    return gauge(PER_WORKLOAD, f"headroom_workload_{name}", WORKLOAD_FILTER, *matchers)


def _hpa(metric, *matchers):
    identity = "namespace, horizontalpodautoscaler"
    selector = ", ".join((HPA, *matchers))
    return f"max by ({identity}) (kube_horizontalpodautoscaler_{metric}{{{selector}}})"


RECOMMENDED = _of("recommended_workers")
MINIMUM = _of("minimum_workers")
LIMITED = gauge(PER_WORKLOAD + ", by", "headroom_workload_limited", WORKLOAD_FILTER)
SIGNAL_MISSING = f"count({MINIMUM} unless {RECOMMENDED}) or 0 * count({MINIMUM})"


def verdict():
    return band(
        4,
        stat(
            "Signal missing",
            Help(
                "Workloads without a recommendation because a reading is unknown.",
                "the autoscaler holds still (and scales up to a planned floor, but never down).",
                "Exporter says which target or part does not answer.",
            ),
            "short",
            SIGNAL_MISSING,
            colours=ZERO_IS_GOOD,
            empty="no workload",
        ),
        stat(
            "Recommended",
            Help(
                "Workers that there should be, all chosen workloads together.",
                "not bad by itself: compare with those that there are.",
                "see the panels below for the why.",
            ),
            "short",
            f"sum({RECOMMENDED})",
            empty="unknown",
        ),
        stat(
            "Cut by max",
            Help(
                "Workloads that want more workers than `max`.",
                "work is late although workers could be had.",
                "raise `max` here and `maxReplicas` of the autoscaler, if the pools bear it.",
            ),
            "short",
            f"sum({_of('limited', BY_MAX)})",
            colours=ZERO_IS_CALM,
            empty="unknown",
        ),
        stat(
            "Cut by the pools",
            Help(
                "Workloads that want more workers than the database bears.",
                "more workers would not help: they would wait for connections.",
                "fewer connections per worker, larger pools, a larger database.",
            ),
            "short",
            f"sum({_of('limited', BY_POOL)})",
            colours=ZERO_IS_CALM,
            empty="unknown",
        ),
        stat(
            "Promises late",
            Help(
                "Workloads whose backlog takes longer than promised even with the recommended workers, or nobody knows how long.",
                "the promise cannot be kept, or a reading is unknown.",
                "raise the limit that binds, or tell the users; Signal missing tells which it is.",
            ),
            "short",
            late(_of("expected_drain_seconds"), _of("finish_within_seconds")),
            colours=ZERO_IS_GOOD,
            empty="no promise",
        ),
        stat(
            "Next event in",
            Help(
                "Time until the next planned event begins, of the chosen workloads.",
                "its workers exceed what `max` or the pools bear: see the table of events.",
                "change the limits the day before, not in the morning.",
            ),
            "s",
            f"min({_of('next_floor_timestamp_seconds')}) - time()",
            empty="none planned",
        ),
    )


BY_MAX = 'by="max"'
BY_POOL = 'by="pool"'


def why():
    return band(
        9,
        timeseries(
            "Why this number",
            Help(
                "Each number on the way: backlog and floor ask, their largest is wanted, cap and `max` bound it.",
                "recommended far below wanted: a limit binds. A gap in it: a reading is unknown.",
                "choose one workload above; `headroom_exporter --once --explain NAME` says the same in sentences.",
            ),
            "short",
            [
                line(_of("wanted_workers"), "wanted {{workload}}"),
                line(_of("backlog_workers"), "backlog {{workload}}"),
                line(_of("floor_workers"), "floor {{workload}}"),
                line(_of("pool_cap_workers"), "cap of pools {{workload}}"),
                line(MINIMUM, "minimum {{workload}}"),
                line(RECOMMENDED, "recommended {{workload}}"),
            ],
            limits=["cap of pools", "minimum"],
            thick=["recommended"],
            step=True,
        ),
        timeseries(
            "Recommended and real workers",
            Help(
                "Workers that there should be; that there are (the live ones of its worker_group, unless limits.rules.yml says otherwise); that are at work.",
                "real below recommended for minutes: the autoscaler does not follow, or pods do not start.",
                "look at the HPA below: ScalingActive, ScalingLimited, pending pods.",
            ),
            "short",
            [
                line(RECOMMENDED, "recommended {{workload}}"),
                line(f"{ACTUAL_WORKERS} or on (workload) {_of('live_workers')}", "real {{workload}}"),
                line(_of("busy_workers"), "busy {{workload}}"),
            ],
            step=True,
        ),
    )


def promise():
    return band(
        8,
        timeseries(
            "Backlog of each workload",
            Help(
                "Messages of all its queues, ready and in flight. Absent when one of the queues is unknown.",
                "it grows while recommended stands at a limit.",
                "see the limits beside this.",
            ),
            "short",
            [line(_of("backlog_messages"), "{{workload}}")],
        ),
        timeseries(
            "Time to drain, and promised",
            Help(
                "How long the recommended workers take for what is there, and `finish_within`.",
                "above the dashed line: late, however many workers there are.",
                "raise the limit that binds.",
            ),
            "s",
            [
                line(_of("expected_drain_seconds"), "{{workload}}"),
                line(_of("finish_within_seconds"), "{{workload}} promised"),
            ],
            limits=["promised"],
            noValue="no service_time",
        ),
        timeseries(
            "Limited by",
            Help(
                "1 while more workers are wanted than this limit lets through.",
                "for minutes: work waits because of it.",
                "`max` is a decision; `pool` is the database.",
            ),
            "short",
            [line(LIMITED, "{{workload}} by {{by}}")],
            step=True,
            max=1,
            decimals=0,
        ),
    )


def events():
    start = f"{_of('next_floor_timestamp_seconds')} * 1000"
    return row(
        "Each workload",
        band(
            6,
            table(
                "Numbers now, and the next event",
                Help(
                    "Every number of each workload now. An empty cell is unknown, or there is no such thing.",
                    "the workers of the next event exceed the cap: the floor cannot be met.",
                    "raise the limits before the event; it is known the day before.",
                ),
                {"workload": "Workload"},
                [
                    column(_of("backlog_messages"), "Messages", "short"),
                    column(_of("wanted_workers"), "Wanted", "short"),
                    column(RECOMMENDED, "Recommended", "short"),
                    column(_of("pool_cap_workers"), "Cap", "short"),
                    column(_of("floor_workers"), "Floor", "short"),
                    column(_of("next_floor_workers"), "Next floor", "short"),
                    column(start, "Event starts", "dateTimeFromNow"),
                ],
                sort="Wanted",
            ),
        ),
    )


def autoscaler():
    conditions = _hpa("status_condition", 'condition="ScalingActive"', 'status="true"')
    limited = _hpa("status_condition", 'condition="ScalingLimited"', 'status="true"')
    return row(
        "HorizontalPodAutoscaler (needs kube-state-metrics)",
        band(
            8,
            timeseries(
                "Replicas",
                Help(
                    "What the autoscaler wants and has, and its bounds.",
                    "current below desired for long: pods do not start. Desired at max: see Cut by max.",
                    "`kubectl describe` the autoscaler and a pending pod.",
                ),
                "short",
                [
                    line(_hpa("status_current_replicas"), "current {{horizontalpodautoscaler}}"),
                    line(_hpa("status_desired_replicas"), "desired {{horizontalpodautoscaler}}"),
                    line(_hpa("spec_min_replicas"), "bound: min {{horizontalpodautoscaler}}"),
                    line(_hpa("spec_max_replicas"), "bound: max {{horizontalpodautoscaler}}"),
                ],
                limits=["bound"],
                step=True,
                noValue="no kube-state-metrics",
            ),
            timeseries(
                "Does it scale?",
                Help(
                    "ScalingActive: it can read its metrics. ScalingLimited: it wants more or less than its bounds.",
                    "active 0: it holds still because a metric is missing.",
                    "compare with Signal missing above: is it the exporter, or the way from Prometheus to the HPA?",
                ),
                "short",
                [
                    line(conditions, "active {{horizontalpodautoscaler}}"),
                    line(limited, "limited {{horizontalpodautoscaler}}"),
                ],
                step=True,
                max=1,
                decimals=0,
                noValue="no kube-state-metrics",
            ),
        ),
        collapsed=True,
    )


def hpa_variable():
    metric = 'kube_horizontalpodautoscaler_spec_max_replicas{namespace=~"$namespace"}'
    return query_variable(
        "hpa", "HPA", f"label_values({metric}, horizontalpodautoscaler)"
    )


def build():
    return dashboard(
        UID,
        "headroom / Autoscaling",
        "How many workers there should be and why, whether there are that many, and what is planned.",
        ["autoscaling"],
        [*exporter_variables(), workload_variable(), hpa_variable()],
        [row("", verdict(), why(), promise()), events(), autoscaler()],
        floor_annotations(),
    )
