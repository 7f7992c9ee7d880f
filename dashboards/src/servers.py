"""Servers: what Redis, RabbitMQ and PostgreSQL say of themselves, as far as it stops queues and pools."""

from src.dashboard import band, dashboard, exporter_variables, row, target_variable
from src.panels import (
    BAD,
    GOOD,
    ZERO_IS_CALM,
    ZERO_IS_GOOD,
    Help,
    line,
    stat,
    steps,
    timeseries,
)
from src.promql import PER_TARGET, TARGET, gauge, rate
from src.servers_redis import MEMORY_SHARE, NO_REDIS, redis

UID = "headroom-servers"
PER_NODE = PER_TARGET + ", node"
PER_STANDBY = PER_TARGET + ", application_name, client_addr"
NO_RABBITMQ = "no RabbitMQ"


def _target(metric):
    return gauge(PER_TARGET, metric, TARGET)


def _node(metric):
    return gauge(PER_NODE, metric, TARGET)


def verdict():
    return band(
        4,
        stat(
            "Fullest Redis",
            Help(
                "Share of `maxmemory` that the fullest Redis uses.",
                "at 100 % it evicts keys or refuses writes: queues lose messages or take none.",
                "drain the queues, raise `maxmemory`; never evict on a server of queues.",
            ),
            "percentunit",
            f"max({MEMORY_SHARE})",
            empty="no maxmemory",
            decimals=0,
        ),
        stat(
            "Evicted per second",
            Help(
                "Keys that Redis removed for want of memory.",
                "above 0 on a server of queues: work is lost.",
                "`maxmemory-policy noeviction`, and more memory.",
            ),
            "cps",
            f"sum({rate(PER_TARGET, 'redis_evicted_keys_total', TARGET)})",
            colours=steps(GOOD, (0.000001, BAD)),
            empty=NO_REDIS,
        ),
        stat(
            "RabbitMQ alarms",
            Help(
                "Nodes with a memory or disk alarm: publishers are blocked.",
                "nothing is published any more, so queues look calm.",
                "free memory or disk on that node.",
            ),
            "short",
            f"sum({_node('rabbitmq_node_mem_alarm')}) + sum({_node('rabbitmq_node_disk_free_alarm')})",
            colours=ZERO_IS_GOOD,
            empty=NO_RABBITMQ,
        ),
        stat(
            "RabbitMQ nodes down",
            Help(
                "Nodes of the clusters on which the broker does not run.",
                "queues whose leader was there are not served.",
                "start the node.",
            ),
            "short",
            f"sum(1 - {_node('rabbitmq_running')})",
            colours=ZERO_IS_GOOD,
            empty=NO_RABBITMQ,
        ),
        stat(
            "Worst replica lag",
            Help(
                "How far a standby of PostgreSQL may be behind its upstream.",
                "reads from it are old, and a failover loses that much.",
                "see which standby below; is its link up?",
            ),
            "s",
            f"max({_target('pg_replication_lag_seconds')})",
            empty="no standby",
        ),
        stat(
            "Slots not in use",
            Help(
                "Replication slots of PostgreSQL that nobody reads.",
                "the server keeps WAL for them until its disk is full.",
                "bring the standby back, or drop the slot.",
            ),
            "short",
            f"sum(1 - {gauge(PER_TARGET + ', slot_name', 'pg_replication_slots_active', TARGET)})",
            colours=ZERO_IS_CALM,
            empty="no slot",
        ),
    )


def rabbitmq():
    return row(
        "RabbitMQ",
        band(
            8,
            timeseries(
                "Memory left before the alarm",
                Help(
                    "Bytes that each node may still take until it blocks publishers.",
                    "at 0 publishers are blocked.",
                    "drain queues; raise the high watermark if the machine has room.",
                ),
                "bytes",
                [
                    line(
                        f"{_node('rabbitmq_node_mem_limit')} - {_node('rabbitmq_node_mem_used')}", "{{node}}"
                    )
                ],
                noValue=NO_RABBITMQ,
            ),
            timeseries(
                "Disk left before the alarm",
                Help(
                    "Bytes of disk that each node may still fill until it blocks publishers.",
                    "at 0 publishers are blocked.",
                    "free the disk; drain durable queues.",
                ),
                "bytes",
                [
                    line(
                        f"{_node('rabbitmq_node_disk_free')} - {_node('rabbitmq_node_disk_free_limit')}", "{{node}}"
                    )
                ],
                noValue=NO_RABBITMQ,
            ),
            timeseries(
                "Connections and channels",
                Help(
                    "Client connections to all nodes, and the channels in them.",
                    "channels that only grow: a client leaks them.",
                    "find the client in the management pages.",
                ),
                "short",
                [
                    line(_target("rabbitmq_open_connections"), "{{target}} connections"),
                    line(_target("rabbitmq_open_channels"), "{{target}} channels"),
                ],
                noValue=NO_RABBITMQ,
            ),
        ),
        band(
            6,
            timeseries(
                "File descriptors left",
                Help(
                    "File descriptors that each node can still open.",
                    "at 0 it accepts no connection.",
                    "raise the node's limit.",
                ),
                "short",
                [line(f"{_node('rabbitmq_fd_available')} - {_node('rabbitmq_fd_used')}", "{{node}}")],
                noValue=NO_RABBITMQ,
            ),
            timeseries(
                "Nodes cut off",
                Help(
                    "Nodes that each node believes to be cut off from it.",
                    "any: the cluster is split, and queues may differ on both sides.",
                    "heal the network; see the broker's partition handling.",
                ),
                "short",
                [line(_node("rabbitmq_partitions"), "{{node}}")],
                step=True,
                least_top=1,
                noValue=NO_RABBITMQ,
            ),
        ),
    )


def postgresql():
    return row(
        "PostgreSQL replication and sizes",
        band(
            8,
            timeseries(
                "Replay lag, in time",
                Help(
                    "Seen from the primary: time until WAL was replayed on each standby. Seen from a standby: how far it may be behind.",
                    "it grows without end: the link is cut, or replay is paused.",
                    "look at the standby's log.",
                ),
                "s",
                [
                    line(
                        gauge(PER_STANDBY, "pg_stat_replication_replay_lag_seconds", TARGET),
                        "{{target}} to {{application_name}}",
                    ),
                    line(_target("pg_replication_lag_seconds"), "{{target}} itself"),
                ],
                noValue="no standby",
            ),
            timeseries(
                "WAL kept for slots",
                Help(
                    "Bytes of WAL that the server keeps for each replication slot.",
                    "it grows: the slot's reader is gone, and the disk fills.",
                    "bring it back, or drop the slot.",
                ),
                "bytes",
                [
                    line(
                        gauge(PER_TARGET + ", slot_name", "pg_replication_slots_pg_wal_lsn_diff", TARGET),
                        "{{target}} {{slot_name}}",
                    )
                ],
                noValue="no slot",
            ),
            timeseries(
                "Size of databases",
                Help(
                    "Disk space of each database (reading `sizes`).",
                    "it grows faster than the disk allows.",
                    "vacuum, archive, or a larger disk.",
                ),
                "bytes",
                [line(gauge(PER_TARGET + ", datname", "pg_database_size_bytes", TARGET), "{{target}} {{datname}}")],
                noValue="not asked for",
            ),
        ),
    )


def build():
    return dashboard(
        UID,
        "headroom / Servers",
        "What the servers say of themselves, as far as it can stop queues and pools.",
        ["servers"],
        [*exporter_variables(), target_variable()],
        [row("", verdict()), redis(), rabbitmq(), postgresql()],
    )
