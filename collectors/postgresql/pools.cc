#include "collectors/postgresql/pools.h"

#include <array>
#include <cstddef>
#include <map>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>

namespace headroom::postgresql {
namespace {

// The last stands for all others: starting, in a fastpath call, state not tracked.
constexpr std::array<std::string_view, 5> kStates = {"active", "idle", "idle_in_transaction",
                                                     "idle_in_transaction_aborted", "other"};

std::size_t StateOf(const Sessions& sessions) {
  if (sessions.state == "active") return 0;
  if (sessions.state == "idle") return 1;
  if (sessions.state == "idle in transaction") return 2;
  if (sessions.state == "idle in transaction (aborted)") return 3;
  return 4;
}

struct Tally {
  std::array<std::uint64_t, kStates.size()> by_state{};
  std::uint64_t own = 0;

  void Add(const Sessions& sessions) {
    (sessions.own ? own : by_state[StateOf(sessions)]) += sessions.connections;
  }
};

using Tallies = std::map<std::string, Tally>;

Pool PoolOf(PoolScope scope, const std::string& name) {
  Pool pool;
  pool.scope = scope;
  pool.name = name;
  return pool;
}

void AddConnections(const Tally& tally, Pool& pool) {
  pool.own_sessions = tally.own;
  for (std::size_t i = 0; i < kStates.size(); ++i) {
    pool.connections.push_back({std::string(kStates[i]), tally.by_state[i]});
  }
}

// What is left to ordinary clients. The session that asks has a place too, so a server is full with
// fewer clients than places.
std::uint64_t Available(const Server& server, const Tally& all) {
  const std::uint64_t open = std::accumulate(all.by_state.begin(), all.by_state.end(), all.own);
  const std::uint64_t taken = open + server.reserved_connections;
  return server.max_connections > taken ? server.max_connections - taken : 0;
}

void AddLimited(PoolScope scope, Tallies tallies, const Limits::ByName& limits,
                std::vector<Pool>& out) {
  const auto add = [scope, &out](const std::string& name) -> Pool& {
    Pool& pool = out.emplace_back(PoolOf(scope, name));
    (scope == PoolScope::kDatabase ? pool.database : pool.user) = name;
    return pool;
  };
  for (const auto& [name, limit] : limits) {
    if (limit) {
      tallies.try_emplace(name);
    } else if (!tallies.contains(name)) {
      add(name);  // only says that there is no limit
    }
  }
  for (const auto& [name, tally] : tallies) {
    Pool& pool = add(name);
    AddConnections(tally, pool);
    const auto limit = limits.find(name);
    pool.max_known = limit != limits.end();
    if (pool.max_known) pool.max_connections = limit->second;
  }
}

}  // namespace

std::vector<Pool> PoolsOf(const Server& server, const std::vector<Sessions>& activity,
                          const Limits& limits) {
  Tally all;
  Tallies databases;
  Tallies users;
  for (const Sessions& sessions : activity) {
    all.Add(sessions);
    if (sessions.database) databases[*sessions.database].Add(sessions);
    if (sessions.user) users[*sessions.user].Add(sessions);
  }
  std::vector<Pool> pools;
  Pool& whole = pools.emplace_back(PoolOf(PoolScope::kServer, "server"));
  AddConnections(all, whole);
  whole.max_connections = server.max_connections;
  whole.reserved_connections = server.reserved_connections;
  whole.available_connections = Available(server, all);
  AddLimited(PoolScope::kDatabase, std::move(databases), limits.databases, pools);
  AddLimited(PoolScope::kUser, std::move(users), limits.users, pools);
  return pools;
}

}  // namespace headroom::postgresql
