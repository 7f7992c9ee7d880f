#include "collectors/pgbouncer/console.h"

#include <fmt/format.h>

#include <utility>

#include "collectors/suggest.h"

namespace headroom::pgbouncer {
namespace {

// A PostgreSQL, asked for the console.
Error Explained(Error error) {
  if (error.message.find("database \"pgbouncer\" does not exist") == std::string::npos)
    return error;
  error.kind = ErrorKind::kUnsupported;
  error.message +=
      "; this is a PostgreSQL, not a PgBouncer: give PgBouncer's port (6432), or watch the server "
      "with [[postgresql]]";
  return error;
}

}  // namespace

ConsoleSession::ConsoleSession(pq::ConnectionOptions options) : connection_(std::move(options)) {}

Status ConsoleSession::Open(const Deadline& deadline) {
  if (Status connected = connection_.Connect(deadline); !connected.ok()) {
    return Explained(connected.error());
  }
  const std::string version = version_text();
  if (version.ends_with("/bouncer")) return Ok{};
  connection_.Drop();
  return Error{ErrorKind::kUnsupported,
               fmt::format("the server says that it is version {}, which is no PgBouncer console: "
                           "give PgBouncer's port (6432), or watch a PostgreSQL with "
                           "[[postgresql]]",
                           Quoted(version))};
}

Result<pq::Table> ConsoleSession::Show(std::string_view what, const Deadline& deadline) {
  const std::string query = fmt::format("SHOW {}", what);
  auto table = connection_.Query(query, deadline);
  if (!table.ok()) return table.error().Within(query);
  return table;
}

}  // namespace headroom::pgbouncer
