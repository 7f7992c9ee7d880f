"""What a page of headroom says about pools, in the shape in which the tests compare it."""

CONNECTIONS = "headroom_pool_connections"
MAX = "headroom_pool_max_connections"
RESERVED = "headroom_pool_reserved_connections"
AVAILABLE = "headroom_pool_available_connections"
BUDGET = "headroom_pool_budget_connections"
WAITING = "headroom_pool_waiting_clients"
OLDEST = "headroom_pool_oldest_wait_seconds"

POSTGRESQL_STATES = ("active", "idle", "idle_in_transaction", "idle_in_transaction_aborted", "other")


def connections(page, scope, pool, target):
    """{state: number} of one pool; {} if the page does not have it."""
    rows = page.series(CONNECTIONS, target=target, scope=scope, pool=pool)
    return {s.labels["state"]: s.value for s in rows}


def number(page, family, scope, pool, target):
    """The one value, or None for an absent series."""
    rows = page.series(family, target=target, scope=scope, pool=pool)
    assert len(rows) <= 1, rows
    return rows[0].value if rows else None


def all_pools(page, target):
    """{(scope, pool): {state: number}}."""
    found = {}
    for s in page.series(CONNECTIONS, target=target):
        found.setdefault((s.labels["scope"], s.labels["pool"]), {})[s.labels["state"]] = s.value
    return found


def without_zeros(states):
    return {state: count for state, count in states.items() if count}


def up(page, target):
    return page.value("headroom_target_up", target=target) == 1


def down(page, target):
    return page.value("headroom_target_up", target=target) == 0


def errors(page, reason, target):
    return page.value("headroom_target_errors_total", target=target, reason=reason)


def measured(page, target):
    """Every series that says something of the target's pools or of the server itself."""
    prefixes = ("headroom_pool", "pg_", "pgbouncer_")
    return [s for s in page.samples if s.name.startswith(prefixes) and s.labels["target"] == target]
