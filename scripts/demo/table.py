"""One readable line of live numbers, as Prometheus has them. "-" is unknown, which is never 0."""

import time

SERVER = '{target="db",scope="server"}'


def _ready(queue, state="ready"):
    return f'headroom_queue_messages{{queue="{queue}",state="{state}"}}'


def _workers(state):
    return f'headroom_workers{{state="{state}"}}'


def _pool(family, state=""):
    return f'headroom_pool_{family}{{target="pooler",scope="pool",pool="app/app"{state}}}'


def _mean_waiting():
    """Of the last ten seconds, between the scrapes too."""
    observed = 'rate(headroom_pressure_observed_seconds_total{target="pooler"}[10s])'
    area = _pool("waiting_client_seconds_total")
    return f"sum(rate({area}[10s])) / sum({observed} > 0.9)"


def _workload(family):
    return f'headroom_workload_{family}{{workload="decisions"}}'


# By group: heading, then (heading, query) of each column.
GROUPS = [
    (
        "Redis: messages",
        [
            ("decisions", _ready("queue:decisions")),
            ("refunds", _ready("queue:refunds")),
            ("due", _ready("delayed:emails")),
        ],
    ),
    (
        "workers",
        [
            ("busy", _workers("working")),
            ("idle", _workers("idle")),
            ("stale", "sum(headroom_workers_stale)"),
        ],
    ),
    (
        "workload decisions",
        [
            ("backlog", _workload("backlog_workers")),
            ("cap", _workload("pool_cap_workers")),
            ("recommended", _workload("recommended_workers")),
        ],
    ),
    (
        "RabbitMQ: messages",
        [
            ("orders", _ready("orders")),
            ("in-flight", _ready("orders", "in_flight")),
            ("failed", _ready("payments.failed")),
        ],
    ),
    (
        "PgBouncer: pool app/app",
        [
            ("active", _pool("connections", ',state="active"')),
            ("idle", _pool("connections", ',state="idle"')),
            ("waiting", _pool("waiting_clients")),
            ("mean", _mean_waiting()),
            ("available", _pool("available_connections")),
            ("max", _pool("max_connections")),
        ],
    ),
    (
        "PostgreSQL",
        [
            ("used", f"sum(headroom_pool_connections{SERVER})"),
            ("budget", f"headroom_pool_budget_connections{SERVER}"),
            (
                "limit",  # less what is kept for superusers
                f"headroom_pool_max_connections{SERVER} - headroom_pool_reserved_connections{SERVER}",
            ),
        ],
    ),
]


def _header():
    names = [" ".join(name for name, _ in columns) for _, columns in GROUPS]
    titles = [f" {title} ".center(len(n), "-") for (title, _), n in zip(GROUPS, names)]
    return f"{'':10}{'  '.join(titles)}\n{'time':10}{'  '.join(names)}"


HEADER = _header()


def _number(prometheus, expression):
    rows = prometheus.query(expression)
    if len(rows) != 1:
        return "-"
    value = rows[0][1]
    return f"{value:.0f}" if value == int(value) else f"{value:.1f}"


def recommended(prometheus):
    """Workers that there should be; None while nobody knows."""
    rows = prometheus.query(_workload("recommended_workers"))
    return int(rows[0][1]) if rows else None


def line(prometheus):
    groups = [
        " ".join(f"{_number(prometheus, query):>{len(name)}}" for name, query in columns)
        for _, columns in GROUPS
    ]
    return f"{time.strftime('%H:%M:%S'):10}{'  '.join(groups)}"
