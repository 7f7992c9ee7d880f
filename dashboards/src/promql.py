"""Expressions. Every one collapses the replicas of the exporter, and none turns unknown into a number.

Two exporters that watch the same server write the same series with another `instance`: a sum over both
would be twice the truth. So the innermost aggregation of a gauge is `max by` its identity.
"""

EXPORTER = ('namespace=~"$namespace"', 'job=~"$job"', 'instance=~"$instance"')
TARGET = (*EXPORTER, 'target=~"$target"')
QUEUE_FILTER = (*TARGET, 'queue=~"$queue"')
POOL_FILTER = (*TARGET, 'pool=~"$pool"')
GROUP_FILTER = (*TARGET, 'group=~"$group"')
POSTGRESQL_SERVER = ('system="postgresql"', 'scope="server"')
WORKLOAD_FILTER = (*EXPORTER, 'workload=~"$workload"')

# What makes an object one object, whichever replica of the exporter reports it.
SOURCE = "cluster, namespace, job"
PER_TARGET = f"{SOURCE}, target, system"
PER_QUEUE = f"{PER_TARGET}, vhost, db, queue, consumer_group"
PER_POOL = f"{PER_TARGET}, scope, pool, database, user"
PER_GROUP = f"{PER_TARGET}, group"
PER_WORKLOAD = f"{SOURCE}, workload"

# Labels that a system does not have are empty: the legend closes up.
QUEUE_NAME = "{{target}} {{vhost}}{{db}} {{queue}}"
POOL_NAME = "{{target}} {{scope}} {{pool}}"
GROUP_NAME = "{{target}} {{group}}"


def select(metric, filters, *matchers):
    """The series of `metric` that the variables leave, and `matchers` in addition."""
    return f"{metric}{{{', '.join((*filters, *matchers))}}}"


def best(identity, expression):
    """One series per object: replicas of the exporter collapsed."""
    return f"max by ({identity}) ({expression})"


def gauge(identity, metric, filters, *matchers):
    return best(identity, select(metric, filters, *matchers))


def rate(identity, metric, filters, *matchers):
    return best(identity, f"rate({select(metric, filters, *matchers)}[$__rate_interval])")


def increase(identity, metric, filters, *matchers):
    return best(identity, f"increase({select(metric, filters, *matchers)}[$__rate_interval])")


def _chosen(pick, window, identity, metric, filters, *matchers):
    over = f"{window}({select(metric, filters, *matchers)}[$__range] @ end())"
    return (
        f"{gauge(identity, metric, filters, *matchers)}"
        f" and on ({identity}) {pick}, {best(identity, over)})"
    )


def largest(count, identity, metric, filters, *matchers):
    """The objects that reached most at any time in the range: the same ones at every step.

    A plain topk() chooses anew at each step, so a panel of 10 shows dozens of broken lines, and ranking by
    the last value alone would hide the backlog of an hour ago.
    """
    return _chosen(f"topk({count}", "max_over_time", identity, metric, filters, *matchers)


def smallest(count, identity, metric, filters, *matchers):
    """Those that came down furthest, likewise."""
    return _chosen(f"bottomk({count}", "min_over_time", identity, metric, filters, *matchers)


# Has been headroom at any time in the range: `job` at All is every process that Prometheus scrapes.
_SEEN = f"max_over_time({select('headroom_build_info', EXPORTER)}[$__range] @ end())"
_AN_EXPORTER = f" and on (cluster, namespace, job, instance) {_SEEN}"


def of_exporters(expression):
    """Of what any process may have (`process_*`, `scrape_*`), that of exporters."""
    return f"({expression}{_AN_EXPORTER})"


def scraped():
    """`up` of exporters, also of those that have not answered for long if their job has its usual name."""
    usual = select("up", EXPORTER, 'job=~"headroom(-.+)?"')
    return f"({usual} or {select('up', EXPORTER)}{_AN_EXPORTER})"


def late(drain, promise):
    """How many promises are broken, or may be: nobody knows how long the work takes, or nobody may do it."""
    return f"count({drain} > {promise} or ({promise} unless {drain})) or 0 * count({promise})"


def top(count, expression):
    return f"topk({count}, {expression})"


def per_observed_second(identity, counter, filters, *matchers):
    """A pressure counter per second that was watched; nothing where less than 0.9 of the time was."""
    observed = select("headroom_pressure_observed_seconds_total", TARGET)
    return best(
        identity,
        f"rate({select(counter, filters, *matchers)}[$__rate_interval])"
        " / on (cluster, namespace, job, instance, target, system) group_left ()"
        f" (rate({observed}[$__rate_interval]) > 0.9)",
    )
