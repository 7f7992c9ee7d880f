"""Rules beside those of deploy/: for hostile names, and without guards, to see what these are for."""

FAMILY = "headroom_workload_recommended_workers"


def external(name, series, query):
    """One external rule."""
    return {
        "seriesQuery": series,
        "resources": {"namespaced": False},
        "name": {"as": name},
        "metricsQuery": query,
    }


def quoted(name):
    """A name as values-queue-depth.yaml says to write it."""
    escapes = {"\\": "\\\\", '"': '\\"', "<": "\\x3c", "\n": "\\n"}
    return '"' + "".join(escapes.get(c, c) for c in name) + '"'


def depth(name, queue):
    """The depth of one list of the target main, as in values-queue-depth.yaml."""
    matchers = f'target="main",queue={quoted(queue)},state="ready"'
    series = f"<<.Series>>{{{matchers},<<.LabelMatchers>>}}"
    query = f"max({series} unless on (job, instance) up == 0) >= 0 < +Inf"
    return external(name, f"headroom_queue_messages{{{matchers}}}", query)


def of_service(name, queue):
    """The depth of a list as a custom metric of the Service, as in values-queue-depth.yaml."""
    matchers = f'target="main",queue={quoted(queue)},state="ready"'
    series = f"<<.Series>>{{{matchers},<<.LabelMatchers>>}}"
    guarded = f"{series} unless on (job, instance) up == 0"
    resources = ("namespace", "service")
    return {
        "seriesQuery": f'headroom_queue_messages{{{matchers},namespace!="",service!=""}}',
        "resources": {"overrides": {label: {"resource": label} for label in resources}},
        "name": {"as": name},
        "metricsQuery": f"max by (<<.GroupBy>>) ({guarded}) >= 0 < +Inf",
    }


def unguarded():
    """The rule that everybody writes first."""
    return external("unguarded", FAMILY, "sum(<<.Series>>{<<.LabelMatchers>>})")


def believing():
    """All but `unless ... up == 0`."""
    query = "max by (workload) (<<.Series>>{<<.LabelMatchers>>}) >= 0 < +Inf"
    return external("believing", FAMILY, query)
