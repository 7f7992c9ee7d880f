// Who waits for a lock, for how long, and how long the queue behind one session is. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "collectors/libpq/table.h"
#include "collectors/result.h"

namespace headroom::postgresql {

struct Locks {
  std::uint64_t waiting_sessions = 0;
  // From PostgreSQL 14 on (pg_locks.waitstart); 0 when nobody waits.
  std::optional<double> longest_wait_seconds;
  // Sessions that wait one for another, at the end for one that does not wait: 1 is a session that
  // waits for a working one, 0 nobody waits. Unknown when too many wait to look.
  std::optional<std::uint64_t> longest_chain;
};

// Whom each waiting session waits for, by process id of the session's leader.
using WaitGraph = std::map<std::int64_t, std::vector<std::int64_t>>;

// The most sessions of the graph that wait one behind another. A session whose wait has ended
// meanwhile waits for nobody and counts nothing. Of a deadlock that the server has not yet resolved
// each session is counted at most once.
std::uint64_t LongestChain(const WaitGraph& graph);

// `version`: server_version_num.
Result<Locks> ParseLocks(const pq::Table& table, std::int64_t version);

}  // namespace headroom::postgresql
