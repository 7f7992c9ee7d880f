"""What only the rules of `alerts/` know: limits, and how many workers there really are.

Measured numbers the dashboards read from the exporter itself: they work before a rule is loaded, and
the variable `instance` works on them. Recorded series have no `instance` (and those of a workload no `job`),
so they are not filtered by it; without the rules these lines are missing and nothing else is.
"""

OF_TARGET = 'job=~"$job", target=~"$target"'
OF_WORKLOAD = 'workload=~"$workload"'


def limit(name, filters=OF_TARGET):
    return f"{name}:limit{{{filters}}}"


ACTUAL_WORKERS = f"workload:headroom_actual_workers:max{{{OF_WORKLOAD}}}"
# Always fires: without it there are no rules, and "no alert" would say nothing.
WATCHDOG = 'ALERTS{alertname="HeadroomWatchdog", alertstate="firing"}'
