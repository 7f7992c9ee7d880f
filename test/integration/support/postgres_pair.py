"""A primary and its streaming standby, and what a page says about them."""

import time

from support.configs import postgresql
from support.postgres_server import PostgresServer
from support.waiting import eventually

RECEIVER_TIMEOUT = 4  # seconds; PostgreSQL's own default is 60
STANDBY_SETTINGS = {
    "wal_receiver_timeout": f"{RECEIVER_TIMEOUT}s",
    "wal_retrieve_retry_interval": "100ms",
}


class Pair:
    def __init__(self, root=None, standby_settings=None):
        settings = STANDBY_SETTINGS if standby_settings is None else standby_settings
        hba = "host replication admin 127.0.0.1/32 trust"  # over TCP, for a link that is slow
        self.primary = PostgresServer(root=root, hba=hba).start()
        self.primary.sql("CREATE TABLE written (n int)")
        self.standby = PostgresServer(
            root=root, standby_of=self.primary, settings=settings
        ).start()
        self.write()
        eventually(self.level, "the standby has everything")
        self.quiet_since = time.monotonic()

    def remove(self):
        self.standby.remove()
        self.primary.remove()

    def write(self, rows=1000):
        self.primary.sql(f"INSERT INTO written SELECT generate_series(1, {rows})")

    def behind(self):
        """Bytes, as the primary itself says it; None without a standby."""
        rows = self.primary.sql(
            "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::bigint AS bytes"
            " FROM pg_stat_replication WHERE application_name = 'walreceiver'"
        )
        return rows[0]["bytes"] if rows else None

    def level(self):
        return self.behind() == 0

    def last_message_age(self):
        return float(
            self.standby.value(
                "SELECT extract(epoch FROM clock_timestamp() - last_msg_receipt_time) AS age"
                " FROM pg_stat_wal_receiver"
            )
        )

    def config(self, **keywords):
        return postgresql(self.primary, name="primary", **keywords) + postgresql(
            self.standby, name="standby", **keywords
        )


def sent_diff(page):
    return [s.value for s in page.series("pg_stat_replication_pg_wal_lsn_diff", target="primary")]


def lag(page):
    """What the standby says of itself; None: unknown."""
    found = page.series("pg_replication_lag_seconds", target="standby")
    assert len(found) <= 1
    return found[0].value if found else None
