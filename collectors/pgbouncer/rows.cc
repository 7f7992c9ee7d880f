#include "collectors/pgbouncer/rows.h"

#include <fmt/format.h>

#include <charconv>
#include <set>
#include <system_error>
#include <utility>

#include "collectors/suggest.h"

namespace headroom::pgbouncer {
namespace {

constexpr double kPerSecond = 1e6;  // microseconds

// PgBouncer keeps what it lists in lists of its own, so a name that stands there twice has another
// meaning than we know (per thread, say).
Error ListedTwice(std::string_view what, const std::string& name) {
  return Error{ErrorKind::kUnsupported, fmt::format("{}: {} is listed twice", what, Quoted(name))};
}

PoolRow ReadPool(pq::TableReader& in, int version) {
  PoolRow row;
  row.database = in.Text("database");
  row.user = in.Text("user");
  row.waiting = in.Count("cl_waiting");
  row.active = in.Count("sv_active");
  row.idle = in.Count("sv_idle");
  row.used = in.Count("sv_used");
  row.tested = in.Count("sv_tested");
  row.login = in.Count("sv_login");
  if (version >= kCancelStates) {
    row.canceling = in.Count("sv_active_cancel") + in.Count("sv_being_canceled");
  }
  const std::uint64_t seconds = in.Count("maxwait");
  const std::uint64_t microseconds = in.Count("maxwait_us");
  if (row.waiting == 0 || seconds > 0 || microseconds > 0) {
    // Divided, not added up: 203635 us are 0.203635 s and not 0.20363499999999998 s.
    row.oldest_wait_seconds =
        (static_cast<double>(seconds) * kPerSecond + static_cast<double>(microseconds)) /
        kPerSecond;
  }
  row.clients_active = in.CountOrNull("cl_active");
  row.clients_active_cancel = in.CountOrNull("cl_active_cancel_req");
  row.clients_waiting_cancel = in.CountOrNull("cl_waiting_cancel_req");
  return row;
}

// NULL says something here; a column that is not there does not say it.
std::optional<std::string> Nullable(pq::TableReader& in, std::string_view column) {
  if (!in.Has(column)) in.Fail(column, "is not in the reply");
  return in.TextOrNull(column);
}

DatabaseRow ReadDatabase(pq::TableReader& in) {
  DatabaseRow row;
  row.name = in.Text("name");
  row.host = Nullable(in, "host");
  row.port = in.Text("port");
  row.database = in.Text("database");
  row.force_user = Nullable(in, "force_user");
  row.pool_mode = Nullable(in, "pool_mode");
  row.pool_size = in.Count("pool_size");
  // Renamed by 1.24.
  row.reserve_pool_size =
      in.Count(in.Has("reserve_pool_size") ? "reserve_pool_size" : "reserve_pool");
  row.max_connections = in.Count("max_connections");
  row.current_connections = in.Count("current_connections");
  row.min_pool_size = in.CountOrNull("min_pool_size");
  row.max_client_connections = in.CountOrNull("max_client_connections");
  row.current_client_connections = in.CountOrNull("current_client_connections");
  row.paused = in.FlagOrNull("paused");
  row.disabled = in.FlagOrNull("disabled");
  return row;
}

// A number in blanks, or an empty text for one that is not set: "        2".
std::optional<std::uint64_t> PaddedCount(pq::TableReader& in, std::string_view column) {
  const std::string text = in.Text(column);
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string::npos) return std::nullopt;
  std::uint64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [last, fault] = std::from_chars(text.data() + first, end, count);
  if (fault == std::errc() && last == end) return count;
  in.Fail(column, fmt::format("is {}, expected a whole number or nothing", Quoted(text)));
  return std::nullopt;
}

UserRow ReadUser(pq::TableReader& in, int version) {
  UserRow row;
  row.name = in.Text("name");
  row.pool_size.shown = PaddedCount(in, "pool_size");
  if (version >= kUserReserve) row.reserve_pool_size.shown = PaddedCount(in, "reserve_pool_size");
  row.max_connections = in.Count("max_user_connections");
  row.current_connections = in.Count("current_connections");
  row.max_client_connections = in.CountOrNull("max_user_client_connections");
  row.current_client_connections = in.CountOrNull("current_client_connections");
  return row;
}

// What equals the row above may have been left there by it; all else was written for its row. Where
// nothing follows something, the buffer is cleared, and every row says what is so.
void JudgeSizes(std::vector<UserRow>& users, OwnSize UserRow::*size) {
  for (std::size_t i = 1; i < users.size(); ++i) {
    if ((users[i - 1].*size).shown && !(users[i].*size).shown) return;
  }
  for (std::size_t i = 1; i < users.size(); ++i) {
    OwnSize& own = users[i].*size;
    own.certain = !own.shown || own.shown != (users[i - 1].*size).shown;
  }
}

// `key`: the column that every version has, and what tells the rows apart.
template <class Row, class Read, class Name>
Result<std::vector<Row>> ReadRows(const pq::Table& table, std::string_view what,
                                  std::string_view key, Read read, Name name) {
  // A reply without columns is not an empty list.
  if (!table.Find(key)) {
    return Error{ErrorKind::kProtocol,
                 fmt::format("{}: column {} is not in the reply", what, Quoted(key))};
  }
  std::vector<Row> rows;
  std::set<std::string> seen;
  pq::TableReader in(table, what);
  while (in.Next()) {
    Row row = read(in);
    if (!in.status().ok()) break;
    if (!seen.insert(name(row)).second) return ListedTwice(what, name(row));
    rows.push_back(std::move(row));
  }
  if (!in.status().ok()) return in.status().error();
  return rows;
}

}  // namespace

std::uint64_t PoolRow::Total() const {
  return active + idle + used + tested + login + (canceling ? *canceling : 0);
}

Result<std::vector<PoolRow>> ParsePools(const pq::Table& table, int version) {
  auto rows = ReadRows<PoolRow>(
      table, "SHOW POOLS", "database",
      [version](pq::TableReader& in) { return ReadPool(in, version); },
      // No server has a NUL in a name.
      [](const PoolRow& row) { return row.database + '\0' + row.user; });
  if (rows.ok()) std::erase_if(*rows, [](const PoolRow& row) { return row.database == kConsole; });
  return rows;
}

Result<std::vector<DatabaseRow>> ParseDatabases(const pq::Table& table) {
  auto rows = ReadRows<DatabaseRow>(table, "SHOW DATABASES", "name", &ReadDatabase,
                                    [](const DatabaseRow& row) { return row.name; });
  if (rows.ok()) std::erase_if(*rows, [](const DatabaseRow& row) { return row.name == kConsole; });
  return rows;
}

Result<std::vector<UserRow>> ParseUsers(const pq::Table& table, int version) {
  auto rows = ReadRows<UserRow>(
      table, "SHOW USERS", "name", [version](pq::TableReader& in) { return ReadUser(in, version); },
      [](const UserRow& row) { return row.name; });
  if (!rows.ok()) return rows;
  JudgeSizes(*rows, &UserRow::pool_size);
  JudgeSizes(*rows, &UserRow::reserve_pool_size);
  return rows;
}

}  // namespace headroom::pgbouncer
