"""Servers: the row of Redis."""

from src.dashboard import band, row
from src.panels import Help, line, timeseries
from src.promql import PER_TARGET, TARGET, gauge, increase, rate
from src.recorded import limit

PER_REPLICA = PER_TARGET + ", slave_ip, slave_port"
NO_REDIS = "no Redis"
# A maximum of 0 is none at all.
MEMORY_SHARE = (
    f"{gauge(PER_TARGET, 'redis_memory_used_bytes', TARGET)}"
    f" / ({gauge(PER_TARGET, 'redis_memory_max_bytes', TARGET)} > 0)"
)


def _target(metric):
    return gauge(PER_TARGET, metric, TARGET)


def redis():
    commands = rate(PER_TARGET, "redis_commands_processed_total", TARGET)
    rejected = increase(PER_TARGET, "redis_rejected_connections_total", TARGET)
    evicted = increase(PER_TARGET, "redis_evicted_keys_total", TARGET)
    return row(
        "Redis",
        band(
            8,
            timeseries(
                "Memory against maxmemory",
                Help(
                    "Share of `maxmemory` in use; dashed: the limit of the alert.",
                    "it climbs with a backlog: the queue fills the memory.",
                    "drain it; raise `maxmemory`.",
                ),
                "percentunit",
                [
                    line(MEMORY_SHARE, "{{target}}"),
                    line(f"max({limit('target:redis_memory_usage')})", "limit"),
                ],
                limits=["limit"],
                noValue="no Redis with maxmemory",
            ),
            timeseries(
                "Commands per second",
                Help(
                    "Commands that each Redis processes.",
                    "near what its one core can do: everything that asks it gets slow.",
                    "fewer polls by idle workers (blocking pops), or a second server.",
                ),
                "ops",
                [line(commands, "{{target}}")],
                noValue=NO_REDIS,
            ),
            timeseries(
                "Lost: evictions and refusals",
                Help(
                    "Keys evicted, and connections refused because of `maxclients`, between two points.",
                    "any of them.",
                    "more memory or clients; see who holds the connections.",
                ),
                "short",
                [
                    line(f"{evicted} > 0", "{{target}} evicted"),
                    line(f"{rejected} > 0", "{{target}} refused"),
                ],
                events=True,
                noValue="none lost",
            ),
        ),
        band(
            8,
            timeseries(
                "Clients, and those that block",
                Help(
                    "Client connections, and clients that wait in a blocking command such as BLPOP.",
                    "blocked ones fall to 0 while work waits: the workers do something else, or are gone.",
                    "see Workers.",
                ),
                "short",
                [
                    line(_target("redis_connected_clients"), "{{target}} connected"),
                    line(_target("redis_blocked_clients"), "{{target}} blocked"),
                ],
                noValue=NO_REDIS,
            ),
            timeseries(
                "Replica lag",
                Help(
                    "Seconds since each replica last acknowledged.",
                    "it grows: after a failover queues jump back to that moment.",
                    "look at the replica and its network.",
                ),
                "s",
                [line(gauge(PER_REPLICA, "redis_connected_slave_lag_seconds", TARGET), "{{target}} {{slave_ip}}:{{slave_port}}")],
                noValue="no replica",
            ),
            timeseries(
                "Link to the primary",
                Help(
                    "1 while a replica has its link to the primary, 0 while it has lost it.",
                    "0: the replica says what was, and would take over with that.",
                    "look at the primary and at the network between the two.",
                ),
                "short",
                [line(_target("redis_master_link_up"), "{{target}}")],
                step=True,
                least_top=1,
                noValue="no replica watched",
            ),
            timeseries(
                "Writes since the last snapshot",
                Help(
                    "Changes that an RDB snapshot does not have yet.",
                    "without AOF a crash loses that many.",
                    "see why snapshots fail; switch AOF on for queues.",
                ),
                "short",
                [line(_target("redis_rdb_changes_since_last_save"), "{{target}}")],
                noValue=NO_REDIS,
            ),
        ),
    )
