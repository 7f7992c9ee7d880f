// The rows of SHOW POOLS, DATABASES and USERS, the three that pools are made of. Pure.
//
// Columns are found by name. Which ones must be there depends on the version (src/admin.c of every
// tag from 1.12 to 1.25): one that the version has and the reply has not is an error, because the
// numbers without it would be wrong (a pool without its cancelling connections seems to have room).
// One that the version does not have yet leaves its field disengaged.
//
// Versions are libpq's numbers: 11800 is 1.18.0.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/libpq/table.h"
#include "collectors/result.h"

namespace headroom::pgbouncer {

inline constexpr int kOldest = 11200;
inline constexpr int kCancelStates = 11800;    // sv_active_cancel, sv_being_canceled
inline constexpr int kShowState = 11900;       // SHOW STATE
inline constexpr int kUserLimits = 12300;      // pool_size, max_user_connections, ... of SHOW USERS
inline constexpr int kUserReserve = 12400;     // reserve_pool_size of SHOW USERS
inline constexpr int kUnlimitedPools = 12400;  // a pool_size of 0 is no limit

// The name of PgBouncer's console, which SHOW lists like any database.
inline constexpr std::string_view kConsole = "pgbouncer";
// The entry of [databases] for all that have none; SHOW DATABASES does not list it.
inline constexpr std::string_view kAnyDatabase = "*";

struct PoolRow {
  std::string database;
  std::string user;  // who the server sees: a forced user, or whom auth_query asks as
  std::uint64_t waiting = 0;
  // Of the client that waits longest. Disengaged when it cannot be known: maxwait is 0 while
  // clients wait that have not sent a query yet (they wait to be let in, for a server that is not
  // there), however long they have waited.
  std::optional<double> oldest_wait_seconds;
  std::uint64_t active = 0;  // server connections
  std::uint64_t idle = 0;
  std::uint64_t used = 0;
  std::uint64_t tested = 0;
  std::uint64_t login = 0;
  std::optional<std::uint64_t> canceling;  // 1.18: open for a cancel request, or being cancelled
  std::optional<std::uint64_t> clients_active;
  std::optional<std::uint64_t> clients_active_cancel;   // 1.18
  std::optional<std::uint64_t> clients_waiting_cancel;  // 1.18

  std::uint64_t Total() const;  // of the server connections
};

struct DatabaseRow {
  std::string name;
  // NULL: PgBouncer's default, a Unix socket. Several hosts are separated by commas (1.17).
  std::optional<std::string> host;
  std::string port;
  std::string database;  // the server's name for it
  std::optional<std::string> force_user;
  std::optional<std::string> pool_mode;
  std::uint64_t pool_size = 0;  // the default is filled in by PgBouncer, here and below
  std::uint64_t reserve_pool_size = 0;
  std::uint64_t max_connections = 0;  // 0: unlimited
  std::uint64_t current_connections = 0;
  std::optional<std::uint64_t> min_pool_size;               // 1.16
  std::optional<std::uint64_t> max_client_connections;      // 1.24; 0: unlimited
  std::optional<std::uint64_t> current_client_connections;  // 1.24
  std::optional<bool> paused;
  std::optional<bool> disabled;
};

// A size of a user's own. PgBouncer 1.23 to 1.25 writes it into a buffer that it does not clear
// between rows (github.com/pgbouncer/pgbouncer, issue 1323), so a user without one shows the last
// one that stood above it.
struct OwnSize {
  std::optional<std::uint64_t> shown;  // disengaged: none, the database's counts
  bool certain = true;                 // false: `shown` may be that of a user above
};

// 1.23 and later; before, SHOW USERS knows nothing of the kind.
struct UserRow {
  std::string name;
  OwnSize pool_size;
  OwnSize reserve_pool_size;          // 1.24
  std::uint64_t max_connections = 0;  // 0: unlimited
  std::uint64_t current_connections = 0;
  std::optional<std::uint64_t> max_client_connections;      // 1.24; 0: unlimited
  std::optional<std::uint64_t> current_client_connections;  // 1.24
};

// The console's own rows are left out. kUnsupported when a pool, database or user is listed twice.
Result<std::vector<PoolRow>> ParsePools(const pq::Table& table, int version);
Result<std::vector<DatabaseRow>> ParseDatabases(const pq::Table& table);
// Precondition: a version from kUserLimits on.
Result<std::vector<UserRow>> ParseUsers(const pq::Table& table, int version);

}  // namespace headroom::pgbouncer
