"""Pools: connections, the room that is left, who waits, and the database behind it all."""

from src.dashboard import band, dashboard, exporter_variables, object_variable, row, target_variable
from src.panels import (
    BAD,
    GOOD,
    ZERO_IS_CALM,
    ZERO_IS_GOOD,
    Help,
    column,
    line,
    stat,
    steps,
    table,
    timeseries,
)
from src.pools_behind import pgbouncer, postgresql
from src.promql import (
    PER_POOL,
    PER_TARGET,
    POOL_FILTER,
    POOL_NAME,
    POSTGRESQL_SERVER,
    TARGET,
    gauge,
    largest,
    smallest,
)
from src.recorded import limit

UID = "headroom-pools"


def _of(metric, *matchers):
    return gauge(PER_POOL, metric, POOL_FILTER, *matchers)


OPEN = f"sum by ({PER_POOL}) ({gauge(PER_POOL + ', state', 'headroom_pool_connections', POOL_FILTER)})"
MOST = _of("headroom_pool_max_connections")
RESERVED = _of("headroom_pool_reserved_connections")
# What ordinary clients can have. A pool without limit has no maximum, and one of 0 is closed on purpose.
USABLE = f"(({MOST} - {RESERVED} or {MOST}) > 0)"
SERVER_OPEN = (
    f"sum by ({PER_POOL}) ("
    + gauge(PER_POOL + ", state", "headroom_pool_connections", TARGET, *POSTGRESQL_SERVER)
    + ")"
)
SERVER_MOST = gauge(PER_POOL, "headroom_pool_max_connections", TARGET, *POSTGRESQL_SERVER)
SERVER_RESERVED = gauge(PER_POOL, "headroom_pool_reserved_connections", TARGET, *POSTGRESQL_SERVER)
SERVER_USABLE = f"({SERVER_MOST} - {SERVER_RESERVED})"
BUDGET = gauge(PER_POOL, "headroom_pool_budget_connections", TARGET)


def verdict():
    return band(
        4,
        stat(
            "Clients waiting",
            Help(
                "Clients that wait for a server connection in the chosen pools of PgBouncer.",
                "workers stand still with a message in their hands.",
                "the pool below is too small, or somebody keeps connections for too long.",
            ),
            "short",
            f"sum({_of('headroom_pool_waiting_clients', SCOPE_POOL)})",
            colours=ZERO_IS_CALM,
            empty="no pooler",
        ),
        stat(
            "Longest wait",
            Help(
                "How long the client waits that waits longest.",
                "near the application's own time-out: requests fail next.",
                "as for clients waiting; PgBouncer itself gives up after `query_wait_timeout`.",
            ),
            "s",
            f"max({_of('headroom_pool_oldest_wait_seconds', SCOPE_POOL)})",
            empty="no pooler",
        ),
        stat(
            "Least room",
            Help(
                "Connections that the fullest pool can still hand out, all limits on the way considered.",
                "0: the next client waits or is turned away.",
                "the table below says which pool; the exporter's page `/` says which limit binds.",
            ),
            "short",
            f"min({_of('headroom_pool_available_connections')})",
            colours=steps(BAD, (1, GOOD)),
            empty="no limit known",
        ),
        stat(
            "Fullest server",
            Help(
                "The largest share of a PostgreSQL server's connections, less the reserved ones, that is open.",
                "near 100 %: ordinary clients are turned away soon.",
                "see who has them: applications and roles below.",
            ),
            "percentunit",
            f"max({SERVER_OPEN} / ({SERVER_USABLE} > 0))",
            empty="no PostgreSQL",
            decimals=0,
        ),
        stat(
            "Promised too much",
            Help(
                "Connections that all poolers together may open beyond what ordinary clients can have.",
                "above 0: a rush can run the server out of connections, however calm it is now.",
                "lower `max_db_connections` or the pool sizes by that many.",
            ),
            "short",
            f"max(clamp_min({BUDGET} - {SERVER_USABLE}, 0))",
            colours=ZERO_IS_GOOD,
            empty="no budget known",
        ),
        stat(
            "Waiting for locks",
            Help(
                "Sessions of PostgreSQL that wait for a lock.",
                "some, for long: one transaction holds up the others, and with them their connections.",
                "find the oldest transaction below.",
            ),
            "short",
            f"sum({gauge(PER_TARGET, 'pg_lock_waiting_sessions', TARGET)})",
            colours=ZERO_IS_CALM,
            empty="no PostgreSQL",
        ),
    )


SCOPE_POOL = 'scope="pool"'


def room():
    return band(
        8,
        timeseries(
            "Room left, ten tightest",
            Help(
                "Connections that each pool of PgBouncer can still hand out; the ten that came down furthest in the range. Pools share what is behind them: never add them up.",
                "0: the next client waits. No line: a limit on the way is unknown, or there is none.",
                "raise the limit that binds, or ask for fewer connections per worker.",
            ),
            "short",
            [line(smallest(10, PER_POOL, "headroom_pool_available_connections", POOL_FILTER, SCOPE_POOL), POOL_NAME)],
        ),
        timeseries(
            "Clients waiting, ten most",
            Help(
                "Clients that wait for a connection. A rush between two scrapes is not seen here but on Pressure.",
                "for more than a moment: the pool is too small for its workers.",
                "more `pool_size` if the server has room; shorter transactions if not.",
            ),
            "short",
            [line(largest(10, PER_POOL, "headroom_pool_waiting_clients", POOL_FILTER), POOL_NAME)],
            noValue="no pooler",
        ),
        timeseries(
            "Longest wait against its limit",
            Help(
                "How long the client waits that waits longest; dashed: the limit of the alert (recorded by the rules).",
                "above the dashed line.",
                "see the runbook of the alert.",
            ),
            "s",
            [
                line(largest(10, PER_POOL, "headroom_pool_oldest_wait_seconds", POOL_FILTER), POOL_NAME),
                line(f"max({limit('pool:headroom_pool_oldest_wait_seconds')})", "limit"),
            ],
            limits=["limit"],
            noValue="no pooler",
        ),
    )


def use():
    states = gauge(PER_POOL + ", state", "headroom_pool_connections", TARGET, *POSTGRESQL_SERVER)
    return band(
        8,
        timeseries(
            "Connections in use, ten fullest",
            Help(
                "Share of each limited pool's connections that are open, less the reserved ones.",
                "PgBouncer's pools may be full in health; a server near 100 % turns clients away.",
                "compare with clients waiting; see the server's panels beside this.",
            ),
            "percentunit",
            [line(f"topk(10, {OPEN} / {USABLE})", POOL_NAME)],
        ),
        timeseries(
            "PostgreSQL: connections by state",
            Help(
                "Client connections of the servers by what they do.",
                "many `idle_in_transaction`: clients hold connections and locks and do nothing.",
                "set `idle_in_transaction_session_timeout`; mend the client.",
            ),
            "short",
            [line(states, "{{target}} {{state}}")],
            stack=True,
            noValue="no PostgreSQL",
        ),
        timeseries(
            "PostgreSQL: used, limit, budget",
            Help(
                "Connections of each server, what ordinary clients can have, and what all poolers may open.",
                "`budget` above `limit`: promised more than there is.",
                "lower `max_db_connections` or the pool sizes until the sum fits.",
            ),
            "short",
            [
                line(SERVER_OPEN, "{{target}} used"),
                line(SERVER_USABLE, "{{target}} limit"),
                line(BUDGET, "{{target}} budget"),
            ],
            limits=["limit", "budget"],
            noValue="no PostgreSQL",
        ),
    )


def each_pool():
    return row(
        "Each pool",
        band(
            10,
            table(
                "Pools",
                Help(
                    "What is known of each pool now. An empty cell is unknown or, of a maximum, unlimited.",
                    "no room left, clients that wait.",
                    "choose the pool above to see its history.",
                ),
                {"target": "Target", "system": "System", "scope": "Scope", "pool": "Pool"},
                [
                    column(OPEN, "Open", "short"),
                    column(MOST, "Maximum", "short"),
                    column(_of("headroom_pool_available_connections"), "Room", "short"),
                    column(_of("headroom_pool_waiting_clients"), "Waiting", "short", colours=ZERO_IS_CALM),
                    column(_of("headroom_pool_oldest_wait_seconds"), "Longest wait", "s"),
                ],
                sort="Waiting",
            ),
        ),
    )


def build():
    variables = [
        *exporter_variables(),
        target_variable("headroom_pool_connections"),
        object_variable("pool", "Pool", "headroom_pool_connections"),
    ]
    return dashboard(
        UID,
        "headroom / Pools",
        "Bounded sets of connections: the room that is left, who waits, and the database behind them.",
        ["pools"],
        variables,
        [row("", verdict(), room(), use()), each_pool(), postgresql(), pgbouncer()],
    )
