// From the console's rows to pools in the scopes pool, database, user and server. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "collectors/pgbouncer/options.h"
#include "collectors/pgbouncer/rows.h"
#include "collectors/pgbouncer/settings.h"
#include "collectors/reading.h"

namespace headroom::pgbouncer {

// Is PgBouncer as a whole paused or suspended? kUnknown: it may be, and has not answered. kNotTold:
// the console cannot tell (before kShowState, and where it refuses SHOW STATE).
enum class AllPaused { kNo, kYes, kUnknown, kNotTold };

// What one run's SHOW POOLS, DATABASES and USERS say, in this order.
struct PoolRows {
  int version = 0;
  std::vector<PoolRow> pools;
  std::vector<DatabaseRow> databases;
  std::optional<std::vector<UserRow>> users;  // from kUserLimits on
  // SHOW POOLS once more, when users and pools contradict each other (user_counts.h).
  std::optional<std::vector<PoolRow>> pools_after;
  AllPaused all_paused = AllPaused::kNo;
  // Is the process that was asked the only one behind its address? Disengaged: unknown.
  std::optional<bool> one_process = true;
};

struct Pools {
  std::vector<Pool> pools;
  std::vector<Problem> problems;
};

// A declared "*" is a pool of the scope database about which nothing is known but its route.
//
// Of the declared pools, one that SHOW POOLS does not list has no connection. It is made where
// PgBouncer lists its database and, from kUserLimits on, its user, and forces no other user;
// otherwise nobody can tell what it will be, and it is left out.
//
// `limits`: of SHOW CONFIG; disengaged: unknown. Before kUserLimits its max_user_connections is
// what bounds every user that `declared` gives no limit: those versions show none of single users.
Pools MakePools(const PoolRows& rows, const std::optional<Limits>& limits, const Routing& routing,
                const Declared& declared);

// The clients of this PgBouncer, our own session among them.
Pool MakeServerPool(std::uint64_t used_clients, const std::optional<Limits>& limits);

}  // namespace headroom::pgbouncer
