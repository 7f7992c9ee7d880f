#include "collectors/postgresql/statements.h"

#include <fmt/format.h>

namespace headroom::postgresql {
namespace {

constexpr int k13 = 130000;
constexpr int k14 = 140000;
constexpr int k16 = 160000;

// A role's idle_session_timeout (14) would end the session between two runs. It cannot be among
// the start-up options, where an older server refuses a name that it does not know.
std::string ServerSql(int version) {
  return fmt::format(
      "SELECT pg_catalog.current_setting('server_version_num') AS version,"
      " pg_catalog.current_setting('server_version') AS version_text,"
      " pg_catalog.current_setting('{}', true) AS session_mark,"
      " pg_catalog.current_setting('max_connections') AS max_connections,"
      " pg_catalog.current_setting('superuser_reserved_connections')"
      " AS superuser_reserved_connections,{}{}"
      " pg_catalog.host(pg_catalog.inet_server_addr()) || ' ' || pg_catalog.inet_server_port()"
      " AS address,"
      " EXTRACT(epoch FROM pg_catalog.pg_postmaster_start_time()) AS start_time",
      kMarkSetting,
      version >= k16
          ? " pg_catalog.current_setting('reserved_connections') AS reserved_connections,"
          : "",
      version >= k14
          ? " pg_catalog.set_config('idle_session_timeout', '0', false) AS idle_session_timeout,"
          : "");
}

// A session that we may not look at has neither a backend_type nor a state: it is counted as
// hidden, which fails the part. Walsenders and background workers take no connection.
//
// Names are looked up after the grouping, and durations computed: that halves the cost.
constexpr std::string_view kActivitySql =
    "SELECT d.datname, r.rolname AS usename, a.application_name, a.state, a.wait_event_type,"
    " a.wait_event, a.own, a.connections, a.hidden,"
    " EXTRACT(epoch FROM pg_catalog.clock_timestamp() - a.first_transaction)"
    " AS longest_transaction,"
    " EXTRACT(epoch FROM pg_catalog.clock_timestamp() - a.first_change) AS longest_in_state"
    " FROM (SELECT datid, usesysid, application_name, state, wait_event_type, wait_event,"
    " pid = pg_catalog.pg_backend_pid() AS own, pg_catalog.count(*) AS connections,"
    " pg_catalog.count(*) - pg_catalog.count(backend_type) AS hidden,"
    " pg_catalog.min(xact_start) AS first_transaction,"
    " pg_catalog.min(state_change) AS first_change"
    " FROM pg_catalog.pg_stat_get_activity(NULL)"
    " WHERE backend_type = 'client backend'"
    " OR (backend_type IS NULL AND query = '<insufficient privilege>')"
    " GROUP BY 1, 2, 3, 4, 5, 6, 7) AS a"
    " LEFT JOIN pg_catalog.pg_database AS d ON d.oid = a.datid"
    " LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = a.usesysid";

// Who can have sessions, those with a limit first: what the bounds cut off has none. -2 marks a
// database whose DROP was interrupted: nobody can connect to it. Superusers are not bound.
std::string LimitsSql() {
  return fmt::format(
      "(SELECT 'database' AS kind, datname AS name, datconnlimit AS connection_limit"
      " FROM pg_catalog.pg_database WHERE datallowconn AND datconnlimit <> -2"
      " ORDER BY datconnlimit < 0, oid LIMIT {0})"
      " UNION ALL (SELECT 'user', rolname, CASE WHEN rolsuper THEN -1 ELSE rolconnlimit END"
      " FROM pg_catalog.pg_roles WHERE rolcanlogin"
      " ORDER BY rolsuper OR rolconnlimit < 0, oid LIMIT {0})",
      kMaxLimits);
}

// pg_stat_get_activity() knows who waits without a look at the lock table; only when somebody does
// are the subqueries over it evaluated. A parallel worker waits on behalf of its leader.
std::string LocksSql(int version) {
  const std::string_view session =
      version >= k13 ? "COALESCE(leader_pid, pid) AS session" : "pid AS session";
  const std::string_view longest =
      version >= k14 ? "CASE WHEN sessions > 0 THEN (SELECT pg_catalog.max(EXTRACT(epoch FROM"
                       " pg_catalog.clock_timestamp() - waitstart))"
                       " FROM pg_catalog.pg_locks WHERE NOT granted) END"
                     : "NULL";
  return fmt::format(
      "WITH waiting AS MATERIALIZED (SELECT pid, {}"
      " FROM pg_catalog.pg_stat_get_activity(NULL) WHERE wait_event_type = 'Lock'),"
      " total AS MATERIALIZED (SELECT pg_catalog.count(*) AS processes,"
      " pg_catalog.count(DISTINCT session) AS sessions FROM waiting)"
      " SELECT processes, sessions, {} AS longest_wait, session,"
      " CASE WHEN session IS NOT NULL THEN pg_catalog.array_to_string("
      "pg_catalog.pg_blocking_pids(pid), ' ') END AS blockers"
      " FROM total LEFT JOIN waiting ON processes <= {}",
      session, longest, kMaxWaitersForChain);
}

// A standby that passes its WAL on sends what it has received.
constexpr std::string_view kSentFrom =
    "CASE WHEN pg_catalog.pg_is_in_recovery() THEN GREATEST("
    "pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn())"
    " ELSE pg_catalog.pg_current_wal_lsn() END";

// As the view pg_stat_replication, which would go through all sessions even where nobody receives.
std::string StandbysSql() {
  return fmt::format(
      "SELECT a.application_name, a.client_addr, w.state,"
      " pg_catalog.pg_wal_lsn_diff(here, w.sent_lsn) AS sent_lag_bytes,"
      " pg_catalog.pg_wal_lsn_diff(here, w.write_lsn) AS write_lag_bytes,"
      " pg_catalog.pg_wal_lsn_diff(here, w.flush_lsn) AS flush_lag_bytes,"
      " pg_catalog.pg_wal_lsn_diff(here, w.replay_lsn) AS replay_lag_bytes,"
      " EXTRACT(epoch FROM w.write_lag) AS write_lag,"
      " EXTRACT(epoch FROM w.flush_lag) AS flush_lag,"
      " EXTRACT(epoch FROM w.replay_lag) AS replay_lag"
      " FROM pg_catalog.pg_stat_get_wal_senders() AS w,"
      " LATERAL pg_catalog.pg_stat_get_activity(w.pid) AS a,"
      " (SELECT {} AS here OFFSET 0) AS wal LIMIT {}",
      kSentFrom, kMaxStandbys + 1);
}

// For a slot that is "lost" nothing is kept any more, even where it still has its position.
std::string SlotsSql(int version) {
  return fmt::format(
      "SELECT slot_name, database, active,"
      " {} AS retained_bytes"
      " FROM pg_catalog.pg_replication_slots, (SELECT {} AS here OFFSET 0) AS wal LIMIT {}",
      version >= k13
          ? "CASE WHEN wal_status <> 'lost' THEN pg_catalog.pg_wal_lsn_diff(here, restart_lsn) END"
          : "pg_catalog.pg_wal_lsn_diff(here, restart_lsn)",
      kSentFrom, kMaxSlots + 1);
}

// Positions are bytes from the beginning of WAL, read in this order: what came in between can only
// look not yet replayed.
//
// A walreceiver that has begun and not heard anything yet shows its own start as the times of the
// last message, both to the microsecond, and as upstream_end what the one before it had heard.
constexpr std::string_view kRecoverySql =
    "SELECT here.in_recovery,"
    " CASE WHEN here.in_recovery THEN pg_catalog.pg_is_wal_replay_paused() END AS replay_paused,"
    " pg_catalog.pg_wal_lsn_diff(here.replayed, '0/0') AS replayed,"
    " pg_catalog.pg_wal_lsn_diff(here.received, '0/0') AS received,"
    " CASE WHEN r.heard THEN pg_catalog.pg_wal_lsn_diff(r.latest_end_lsn, '0/0') END"
    " AS upstream_end,"
    " EXTRACT(epoch FROM pg_catalog.clock_timestamp()"
    " - CASE WHEN here.in_recovery THEN pg_catalog.pg_last_xact_replay_timestamp() END)"
    " AS last_replay_age,"
    " r.status AS receiver_status,"
    " CASE WHEN r.heard THEN EXTRACT(epoch FROM"
    " pg_catalog.clock_timestamp() - r.last_msg_receipt_time) END AS last_message_age,"
    " EXTRACT(epoch FROM pg_catalog.current_setting('wal_receiver_timeout')::pg_catalog.interval)"
    " AS receiver_timeout"
    " FROM (SELECT pg_catalog.pg_is_in_recovery() AS in_recovery,"
    " CASE WHEN pg_catalog.pg_is_in_recovery()"
    " THEN pg_catalog.pg_last_wal_replay_lsn() END AS replayed,"
    " CASE WHEN pg_catalog.pg_is_in_recovery()"
    " THEN pg_catalog.pg_last_wal_receive_lsn() END AS received OFFSET 0) AS here"
    " LEFT JOIN (SELECT status, latest_end_lsn, last_msg_receipt_time,"
    " last_msg_send_time <> last_msg_receipt_time AS heard"
    " FROM pg_catalog.pg_stat_wal_receiver) AS r ON true";

// NULL: dropped meanwhile.
std::string SizesSql() {
  return fmt::format(
      "SELECT datname, pg_catalog.pg_database_size(oid) AS bytes"
      " FROM pg_catalog.pg_database WHERE datconnlimit <> -2 LIMIT {}",
      kMaxSizes + 1);
}

}  // namespace

std::string_view Name(Statement statement) {
  switch (statement) {
    case Statement::kServer:
      return "settings";
    case Statement::kActivity:
      return "pg_stat_activity";
    case Statement::kLimits:
      return "connection limits";
    case Statement::kLocks:
      return "waits for locks";
    case Statement::kStandbys:
      return "pg_stat_replication";
    case Statement::kSlots:
      return "pg_replication_slots";
    case Statement::kRecovery:
      return "recovery";
    case Statement::kSizes:
      return "pg_database_size";
  }
  return "";
}

std::string Sql(Statement statement, int version) {
  switch (statement) {
    case Statement::kServer:
      return ServerSql(version);
    case Statement::kActivity:
      return std::string(kActivitySql);
    case Statement::kLimits:
      return LimitsSql();
    case Statement::kLocks:
      return LocksSql(version);
    case Statement::kStandbys:
      return StandbysSql();
    case Statement::kSlots:
      return SlotsSql(version);
    case Statement::kRecovery:
      return std::string(kRecoverySql);
    case Statement::kSizes:
      return SizesSql();
  }
  return "";
}

}  // namespace headroom::postgresql
