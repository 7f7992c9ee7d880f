// Readings of a pooler and of the server behind it, as their collectors make them: for tests that
// join the two. Everything is known; tests take away or change what they are about.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collectors/reading.h"
#include "exporter/target_view.h"

namespace headroom::test {

inline Pool Row(PoolScope scope, std::string_view name, std::vector<PoolConnections> connections,
                std::optional<std::uint64_t> max) {
  Pool pool;
  pool.scope = scope;
  pool.name = std::string(name);
  if (scope == PoolScope::kDatabase) pool.database = pool.name;
  if (scope == PoolScope::kUser) pool.user = pool.name;
  pool.connections = std::move(connections);
  pool.max_connections = max;
  return pool;
}

// Pool app/web: 5 active, 2 idle, 1 used, of 20 with 5 in reserve; 112 left in its database, the
// user without a limit.
inline Reading PoolerReading(const std::string& server) {
  Reading reading;
  Pool pool = Row(PoolScope::kPool, "app/web",
                  {{"active", 5}, {"idle", 2}, {"used", 1}, {"tested", 0}, {"login", 0}}, 20);
  pool.database = "app";
  pool.user = "web";
  pool.extra_connections = 5;
  pool.has_waiting = true;
  pool.waiting_clients = 0;
  pool.route = PoolRoute{server, true, "appdb"};
  Pool database = Row(PoolScope::kDatabase, "app", {{"open", 8}}, 120);
  database.route = pool.route;
  database.has_waiting = true;
  database.new_pool_connections = 25;
  Pool user = Row(PoolScope::kUser, "web", {{"open", 8}}, std::nullopt);
  user.has_waiting = true;
  reading.pools = {pool, database, user};
  return reading;
}

// 30 of 200 connections and our own, 3 reserved: 166 left; 80 left in the database appdb, the role
// web without a limit.
inline Reading ServerReading() {
  Reading reading;
  Pool server = Row(PoolScope::kServer, "server",
                    {{"active", 6}, {"idle", 23}, {"idle_in_transaction", 1}}, 200);
  server.reserved_connections = 3;
  server.own_sessions = 1;
  Pool own_database = Row(PoolScope::kDatabase, "postgres", {{"open", 0}}, std::nullopt);
  own_database.own_sessions = 1;
  reading.pools = {server, Row(PoolScope::kDatabase, "appdb", {{"active", 6}, {"idle", 14}}, 100),
                   own_database, Row(PoolScope::kUser, "web", {{"active", 8}}, std::nullopt)};
  return reading;
}

// The pool of a scope; precondition: there is one.
inline Pool& PoolIn(Reading& reading, PoolScope scope) {
  for (Pool& pool : reading.pools) {
    if (pool.scope == scope) return pool;
  }
  return reading.pools.at(reading.pools.size());
}

// As a request sees a target that has answered, or with no reading, one that has not.
inline TargetView ViewOf(const std::string& target, const std::string& system,
                         std::optional<Reading> reading, std::vector<std::string> links = {}) {
  TargetView view{target, system, nullptr, {}};
  view.links = std::move(links);
  if (!reading) return view;
  auto run = std::make_shared<Snapshot>();
  run->reading = std::move(*reading);
  view.run = run;
  return view;
}

inline TargetView PoolerView(const std::string& target, const std::string& server = "db") {
  return ViewOf(target, "pgbouncer", PoolerReading(server), {server});
}

inline TargetView ServerView(const std::string& target = "db") {
  return ViewOf(target, "postgresql", ServerReading());
}

}  // namespace headroom::test
