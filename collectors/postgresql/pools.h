// The server, its databases and its roles as pools. Pure.
#pragma once

#include <vector>

#include "collectors/postgresql/activity.h"
#include "collectors/reading.h"

namespace headroom::postgresql {

// The server, each database and each role. All five states are always there, the session that asked
// in none of them (Pool::own_sessions); only what has neither sessions nor a limit has no states.
// The server also says what is left (Pool::available_connections). A database or role does not: the
// monitor's own, with a limit of one session, would be full for as long as it is watched.
std::vector<Pool> PoolsOf(const Server& server, const std::vector<Sessions>& activity,
                          const Limits& limits);

}  // namespace headroom::postgresql
