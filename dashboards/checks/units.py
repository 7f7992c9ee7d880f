"""Units of Grafana that the dashboards may use: ids of its list, not free suffixes.

Add one here when a panel needs it, after looking it up in Grafana's list.
"""

UNITS = frozenset(
    {
        "none",
        "short",
        "percent",
        "percentunit",
        "s",
        "ms",
        "dateTimeFromNow",
        "dateTimeAsIso",
        "bytes",
        "decbytes",
        "Bps",
        "binBps",
        "cps",
        "ops",
        "reqps",
        "rps",
        "wps",
        "iops",
        "bool",
        "bool_on_off",
        "bool_yes_no",
    }
)

# What the end of a metric's name says of its unit, for the whole expression where nothing divides it.
BY_SUFFIX = {"_seconds": {"s"}, "_bytes": {"bytes"}, "_ratio": {"percentunit"}}
