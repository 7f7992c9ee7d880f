#include "collectors/postgresql/activity.h"

#include <utility>

#include "collectors/postgresql/columns.h"
#include "collectors/postgresql/statements.h"

namespace headroom::postgresql {
namespace {

constexpr std::int64_t kReservedConnectionsSince = 160000;

Sessions ReadSessions(pq::TableReader& row) {
  Sessions s;
  s.database = row.TextOrNull("datname");
  s.user = row.TextOrNull("usename");
  // NULL until the client has said it; the server shows that as '' elsewhere.
  if (auto application = row.TextOrNull("application_name"))
    s.application = std::move(*application);
  s.state = row.TextOrNull("state");
  s.wait_event_type = row.TextOrNull("wait_event_type");
  s.wait_event = row.TextOrNull("wait_event");
  s.own = row.Flag("own");
  s.connections = row.Count("connections");
  s.longest_transaction_seconds = row.NumberOrNull("longest_transaction");
  s.longest_in_state_seconds = row.NumberOrNull("longest_in_state");
  return s;
}

}  // namespace

Result<Server> ParseServer(const pq::Table& table) {
  const std::string_view what = Name(Statement::kServer);
  if (Status there = RequireColumns(table, what, {"session_mark", "address"}); !there.ok()) {
    return there.error();
  }
  pq::TableReader row(table, what);
  if (!row.Next()) return Error{ErrorKind::kProtocol, std::string(what) + ": no row"};
  const std::optional<std::string> mark = row.TextOrNull("session_mark");
  Server server;
  server.version = row.Integer("version");
  server.version_text = row.Text("version_text");
  server.max_connections = row.Count("max_connections");
  server.reserved_connections = row.Count("superuser_reserved_connections");
  if (server.version >= kReservedConnectionsSince) {
    server.reserved_connections += row.Count("reserved_connections");
  }
  server.start_time = row.Number("start_time");
  server.address = row.TextOrNull("address");
  if (!row.status().ok()) return row.status().error();
  if (mark != kMark) {
    return Error{
        ErrorKind::kUnsupported,
        "the session's settings have not reached the server: the dsn leads to a connection "
        "pooler; connect to PostgreSQL itself"};
  }
  return server;
}

Result<std::vector<Sessions>> ParseActivity(const pq::Table& table) {
  const std::string_view what = Name(Statement::kActivity);
  if (Status there =
          RequireColumns(table, what,
                         {"datname", "usename", "application_name", "state", "wait_event_type",
                          "wait_event", "longest_transaction", "longest_in_state"});
      !there.ok()) {
    return there.error();
  }
  std::vector<Sessions> all;
  bool hidden = false;
  bool own = false;
  pq::TableReader row(table, what);
  while (row.Next()) {
    hidden = hidden || row.Count("hidden") > 0;
    all.push_back(ReadSessions(row));
    own = own || all.back().own;
  }
  if (!row.status().ok()) return row.status().error();
  if (hidden) {
    return Error{ErrorKind::kPermission,
                 "the role may not see the sessions of other users; GRANT pg_monitor TO it"};
  }
  if (!own) {
    return Error{ErrorKind::kProtocol, std::string(what) + ": the session that asks is not listed"};
  }
  return all;
}

Result<Limits> ParseLimits(const pq::Table& table) {
  const std::string_view what = Name(Statement::kLimits);
  if (Status there = RequireColumns(table, what, {"kind", "name", "connection_limit"});
      !there.ok()) {
    return there.error();
  }
  Limits limits;
  pq::TableReader row(table, what);
  while (row.Next()) {
    const std::string kind = row.Text("kind");
    std::string name = row.Text("name");
    const std::int64_t number = row.Integer("connection_limit");
    if (number < -1) row.Fail("connection_limit", "is neither a limit nor -1");
    std::optional<std::uint64_t> limit;
    if (number >= 0) limit = static_cast<std::uint64_t>(number);
    if (kind == "database") {
      limits.databases.emplace(std::move(name), limit);
    } else if (kind == "user") {
      limits.users.emplace(std::move(name), limit);
    } else {
      row.Fail("kind", "is neither \"database\" nor \"user\"");
    }
  }
  if (!row.status().ok()) return row.status().error();
  return limits;
}

}  // namespace headroom::postgresql
