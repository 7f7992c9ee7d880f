// What the tests of the PgBouncer collector share: a run over recorded tables, and its numbers.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include "collectors/pgbouncer/collector.h"
#include "test/support/fake_clock.h"
#include "test/support/fake_console.h"

namespace headroom::pgbouncer {

inline Result<Reading> Collect(test::ConsoleScript& script, const Routing& routing = {},
                               const Declared& declared = {}) {
  const test::FakeClock clock;
  PgbouncerCollector collector(std::make_unique<test::FakeConsole>(script), routing, declared);
  return collector.Collect(Deadline(clock, clock.Now() + std::chrono::seconds(2)));
}

// Every number of a reading, by what it is: "pool app/alice active", "pgbouncer_users".
using Numbers = std::map<std::string, double>;

inline void AddPool(const Pool& pool, Numbers& numbers) {
  constexpr std::array<const char*, 4> kScopes = {"pool ", "database ", "user ", "server "};
  const std::string name = kScopes.at(static_cast<std::size_t>(pool.scope)) + pool.name;
  const auto add = [&](const std::string& what, double value) {
    EXPECT_TRUE(numbers.emplace(name + " " + what, value).second) << name << " " << what;
  };
  for (const PoolConnections& state : pool.connections) {
    add(state.state, static_cast<double>(state.count));
  }
  if (pool.max_connections) add("max", static_cast<double>(*pool.max_connections));
  if (pool.max_known && !pool.max_connections) add("unlimited", 1);
  if (pool.extra_connections) add("extra", static_cast<double>(*pool.extra_connections));
  if (pool.new_pool_connections) add("new", static_cast<double>(*pool.new_pool_connections));
  if (pool.waiting_clients) add("waiting", static_cast<double>(*pool.waiting_clients));
  if (pool.oldest_wait_seconds) add("oldest wait", *pool.oldest_wait_seconds);
  if (pool.route) add("on " + pool.route->server + ":" + pool.route->database, 1);
}

inline Numbers NumbersOf(const Reading& reading) {
  Numbers numbers;
  for (const Pool& pool : reading.pools) AddPool(pool, numbers);
  for (const Fact& fact : reading.facts) {
    std::string name(fact.desc->name);
    for (const std::string& label : fact.label_values) name += "|" + label;
    EXPECT_TRUE(numbers.emplace(name, fact.value).second) << name;
  }
  return numbers;
}

inline Numbers NumbersOf(test::ConsoleScript& script) {
  const Result<Reading> reading = Collect(script, {"db", {}});
  if (!reading.ok()) return {};
  return NumbersOf(*reading);
}

// A folder of test/fixtures/pgbouncer and its version.
struct Recorded {
  const char* folder;
  int version;
};

inline const Pool* Find(const Reading& reading, PoolScope scope, const std::string& name) {
  const Pool* found = nullptr;
  for (const Pool& pool : reading.pools) {
    if (pool.scope != scope || pool.name != name) continue;
    EXPECT_EQ(found, nullptr) << name << " is there twice";
    found = &pool;
  }
  return found;
}

}  // namespace headroom::pgbouncer
