// Pools that the configuration names before anybody has used them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <utility>

#include "test/collectors/pgbouncer_readings.h"

namespace headroom::pgbouncer {
namespace {

using test::ConsoleScript;
using test::RecordedConsole;
using testing::HasSubstr;
using testing::Not;

Declared DeclaredPools(std::set<PoolName> pools) {
  Declared declared;
  declared.pools = std::move(pools);
  return declared;
}

TEST(PgbouncerCollector, ADeclaredPoolIsThereBeforeItsFirstClient) {
  for (const Recorded& recorded : {Recorded{"1.18.0", 11800}, Recorded{"1.24.1", 12401}}) {
    ConsoleScript script = RecordedConsole(recorded.folder, recorded.version);
    const auto reading = Collect(script, {"db", {}}, DeclaredPools({{"app", "bob"}}));
    ASSERT_TRUE(reading.ok());
    const Pool* pool = Find(*reading, PoolScope::kPool, "app/bob");
    ASSERT_TRUE(pool);
    EXPECT_TRUE(pool->unused);
    ASSERT_EQ(pool->connections.size(), 6U);
    for (const PoolConnections& state : pool->connections) EXPECT_EQ(state.count, 0U);
    EXPECT_EQ(pool->waiting_clients, 0U);
    EXPECT_EQ(pool->max_connections, 3U);
    EXPECT_EQ(pool->extra_connections, 2U);
    EXPECT_EQ(pool->route.value().database, "app");
    const Pool* user = Find(*reading, PoolScope::kUser, "bob");
    ASSERT_TRUE(user);
    EXPECT_EQ(user->connections.at(0).count, 0U);
    EXPECT_EQ(user->max_connections, 30U);
  }
}

TEST(PgbouncerCollector, ADeclaredPoolThatHasClientsIsTheOneThatIsListed) {
  ConsoleScript script = RecordedConsole("1.24.1", 12401);
  const Numbers before = NumbersOf(*Collect(script));
  script = RecordedConsole("1.24.1", 12401);
  const auto reading = Collect(script, {}, DeclaredPools({{"app", "alice"}}));
  EXPECT_EQ(NumbersOf(*reading), before);
  EXPECT_FALSE(Find(*reading, PoolScope::kPool, "app/alice")->unused);
}

TEST(PgbouncerCollector, ADeclaredPoolOfWhichNobodyCanTellWhatItWouldBeIsLeftOut) {
  // Not listed, as one of "*"; forced to another user; unknown to SHOW USERS.
  const Declared declared =
      DeclaredPools({{"absent", "bob"}, {"reports", "bob"}, {"app", "stranger"}});
  ConsoleScript script = RecordedConsole("1.24.1", 12401);
  const Numbers before = NumbersOf(*Collect(script));
  script = RecordedConsole("1.24.1", 12401);
  EXPECT_EQ(NumbersOf(*Collect(script, {}, declared)), before);
  // Before 1.23 nobody has limits that only SHOW USERS would know.
  script = RecordedConsole("1.18.0", 11800);
  const auto old = Collect(script, {}, declared);
  EXPECT_TRUE(Find(*old, PoolScope::kPool, "app/stranger"));
  EXPECT_FALSE(Find(*old, PoolScope::kPool, "reports/bob"));
  EXPECT_FALSE(Find(*old, PoolScope::kUser, "bob"));
}

TEST(PgbouncerCollector, OfADeclaredPoolUnknownLimitsStayUnknownAndSayWhy) {
  ConsoleScript script = RecordedConsole("1.18.0", 11800);
  script.replies.insert_or_assign("CONFIG", Error{ErrorKind::kTimeout, "no answer"});
  const auto old = Collect(script, {}, DeclaredPools({{"app", "bob"}}));
  const Pool* user = Find(*old, PoolScope::kUser, "bob");
  ASSERT_TRUE(user);
  EXPECT_FALSE(user->max_known);
  EXPECT_THAT(user->max_unknown_because, HasSubstr("SHOW CONFIG"));
  script = RecordedConsole("1.24.1", 12401);
  script.replies.insert_or_assign(
      "USERS", test::TableFixture("pgbouncer/1.24.1/show_users_sized_first.tsv"));
  const auto sized = Collect(script, {}, DeclaredPools({{"unused", "limited"}}));
  const Pool* pool = Find(*sized, PoolScope::kPool, "unused/limited");
  ASSERT_TRUE(pool);
  EXPECT_FALSE(pool->max_known);
  EXPECT_THAT(pool->max_unknown_because, HasSubstr("another user's"));
}

TEST(PgbouncerCollector, ADeclaredEntryForAnyDatabaseIsOneOfWhichOnlyTheRouteIsKnown) {
  ConsoleScript script = RecordedConsole("1.24.1", 12401);
  const Routing routing{"db", {{"elsewhere", ""}}};
  const Numbers without = NumbersOf(*Collect(script, routing));
  const auto reading = Collect(script, routing, {true, {}});
  ASSERT_TRUE(reading.ok());
  const auto any = std::find_if(reading->pools.begin(), reading->pools.end(),
                                [](const Pool& pool) { return pool.name == "*"; });
  ASSERT_NE(any, reading->pools.end());
  EXPECT_EQ(any->scope, PoolScope::kDatabase);
  EXPECT_FALSE(any->max_known);
  EXPECT_TRUE(any->route->server_known);
  EXPECT_EQ(any->route->server, "db");
  Numbers with = NumbersOf(*reading);
  EXPECT_EQ(with.erase("database * on db:"), 1U);
  EXPECT_EQ(with, without);
}

}  // namespace
}  // namespace headroom::pgbouncer
