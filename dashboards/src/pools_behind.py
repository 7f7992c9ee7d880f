"""What stands behind the pools, in rows of the dashboard Pools that are closed at first."""

from src.dashboard import band, row
from src.panels import Help, line, timeseries
from src.promql import PER_TARGET, TARGET, gauge, rate, top

PER_DATABASE = PER_TARGET + ", database"
PER_DATNAME = PER_TARGET + ", datname"


def postgresql():
    transaction = gauge(PER_DATNAME + ", state", "pg_stat_activity_max_tx_duration", TARGET)
    applications = gauge(PER_TARGET + ", application_name", "pg_stat_activity_application_connections", TARGET)
    events = gauge(
        PER_TARGET + ", wait_event_type, wait_event", "pg_stat_activity_wait_event_sessions", TARGET
    )
    return row(
        "PostgreSQL: who holds the connections",
        band(
            8,
            timeseries(
                "Oldest transaction",
                Help(
                    "How long the oldest open transaction of each database has been open.",
                    "minutes where jobs take seconds: it holds a connection, locks, and old rows.",
                    "find it in `pg_stat_activity` by its start; end it.",
                ),
                "s",
                [line(f"topk(10, {transaction})", "{{target}} {{datname}} {{state}}")],
                noValue="no PostgreSQL",
            ),
            timeseries(
                "Idle in transaction, longest",
                Help(
                    "How long a session has been idle inside of its transaction.",
                    "seconds are too long: a client waits for something else and holds the connection meanwhile.",
                    "move the slow call out of the transaction.",
                ),
                "s",
                [
                    line(
                        gauge(PER_DATNAME, "pg_stat_activity_max_idle_in_transaction_seconds", TARGET),
                        "{{target}} {{datname}}",
                    )
                ],
                noValue="no PostgreSQL",
            ),
            timeseries(
                "Locks: who waits, how deep",
                Help(
                    "Sessions that wait for a lock, and how many wait one behind another at most.",
                    "a long chain: one slow transaction stops many.",
                    "find the session at its head with `pg_blocking_pids`.",
                ),
                "short",
                [
                    line(gauge(PER_TARGET, "pg_lock_waiting_sessions", TARGET), "{{target}} waiting"),
                    line(gauge(PER_TARGET, "pg_lock_longest_chain_sessions", TARGET), "{{target}} chain"),
                ],
                least_top=1,
                noValue="no PostgreSQL",
            ),
        ),
        band(
            8,
            timeseries(
                "Longest wait for a lock",
                Help(
                    "How long the session waits that has waited longest for a lock.",
                    "it grows by a second per second: a lock is not given back.",
                    "end the transaction that holds it, or set `lock_timeout`.",
                ),
                "s",
                [line(gauge(PER_TARGET, "pg_lock_longest_wait_seconds", TARGET), "{{target}}")],
                least_top=1,
                noValue="PostgreSQL before 14, or none",
            ),
            timeseries(
                "Connections by application",
                Help(
                    "Client connections by `application_name` (reading `applications`).",
                    "one that has far more than its workers need.",
                    "give it a pool of its own, with a limit.",
                ),
                "short",
                [line(f"topk(10, {applications})", "{{target}} {{application_name}}")],
                noValue="not asked for",
            ),
            timeseries(
                "What sessions wait for",
                Help(
                    "Client sessions by wait event (reading `waits`).",
                    "`Lock` and `IO` while work waits: the database is the bottleneck, and more workers make it worse.",
                    "look at the statements; do not scale out.",
                ),
                "short",
                [line(f"topk(10, {events})", "{{target}} {{wait_event_type}} {{wait_event}}")],
                noValue="not asked for",
            ),
        ),
        collapsed=True,
    )


def pgbouncer():
    def totals(metric):
        return rate(PER_DATABASE, metric, TARGET)

    transactions = totals("pgbouncer_stats_totals_sql_transactions_pooled_total")
    waited = totals("pgbouncer_stats_totals_client_wait_seconds_total")
    clients = gauge(PER_DATABASE + ", user", "pgbouncer_pools_client_active_connections", TARGET)
    paused = gauge(PER_TARGET + ", name", "pgbouncer_databases_paused", TARGET)
    return row(
        "PgBouncer: traffic",
        band(
            8,
            timeseries(
                "Transactions per second",
                Help(
                    "Transactions of each database through each PgBouncer.",
                    "a sudden fall while clients wait: the server behind it is slow or gone.",
                    "look at PostgreSQL above.",
                ),
                "ops",
                [line(top(10, transactions), "{{target}} {{database}}")],
                noValue="no PgBouncer",
            ),
            timeseries(
                "Mean wait of a transaction",
                Help(
                    "Time that served clients waited for a server connection, per transaction.",
                    "it is part of every request's latency.",
                    "a larger pool or shorter transactions. A pool that serves nobody is not in it: see Pressure.",
                ),
                "s",
                [line(f"{waited} / ({transactions} > 0)", "{{target}} {{database}}")],
                noValue="no transactions",
            ),
            timeseries(
                "Clients that are served",
                Help(
                    "Clients that have a server connection, or need none now.",
                    "near `max_client_conn` PgBouncer turns clients away.",
                    "raise `max_client_conn`, or connect less often.",
                ),
                "short",
                [line(top(10, clients), "{{target}} {{database}}/{{user}}")],
                noValue="no PgBouncer",
            ),
        ),
        band(
            6,
            timeseries(
                "Paused databases",
                Help(
                    "1 while a database is paused in PgBouncer.",
                    "its clients wait, all of them, until somebody says RESUME.",
                    "`RESUME` on the console when the maintenance is over.",
                ),
                "short",
                [line(paused, "{{target}} {{name}}")],
                step=True,
                least_top=1,
                noValue="no PgBouncer",
            ),
            timeseries(
                "Server time in transactions",
                Help(
                    "Server connections of each database that are inside a transaction, on average.",
                    "near the pool's size: it is full of work, not of idling.",
                    "fewer or shorter transactions, or a larger pool if the server has room.",
                ),
                "short",
                [
                    line(
                        top(10, totals("pgbouncer_stats_totals_server_in_transaction_seconds_total")),
                        "{{target}} {{database}}",
                    )
                ],
                noValue="no PgBouncer",
            ),
        ),
        collapsed=True,
    )
