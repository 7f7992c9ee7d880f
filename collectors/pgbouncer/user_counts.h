// Users whose connections PgBouncer counts under another name. Pure.
//
// From 1.23 on SHOW USERS counts a user's server connections, and max_user_connections binds that
// count. After a RELOAD that changes `user=` of a database PgBouncer goes on counting the
// connections of its pools under the old user, whose limits and sizes go on counting too, while
// SHOW POOLS shows the new one (github.com/pgbouncer/pgbouncer, issue 1115).
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "collectors/pgbouncer/pools.h"
#include "collectors/pgbouncer/rows.h"

namespace headroom::pgbouncer {

// Server connections by user, over its pools.
std::map<std::string, std::uint64_t> TotalsByUser(const std::vector<PoolRow>& pools);

// The users of SHOW USERS that have fewer connections there than in SHOW POOLS: in both of them,
// when it was asked before and after. So one that closes in between is no contradiction; that one
// closes and another opens is taken for one, until the next run.
std::set<std::string> MiscountedUsers(const PoolRows& rows);

}  // namespace headroom::pgbouncer
