#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collectors/postgresql/activity.h"
#include "collectors/postgresql/pools.h"
#include "collectors/postgresql/server_facts.h"
#include "test/collectors/postgresql_replies.h"

namespace headroom::postgresql {
namespace {

using pq::Table;
using test::CountIn;
using test::kPostgresqlVersions;
using test::PostgresqlReply;
using test::SeriesOf;
using test::WithCell;
using test::WithColumnsReversed;
using test::WithoutColumn;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Key;
using testing::Not;
using testing::Pair;

Table Activity(const std::string& version) { return PostgresqlReply(version, "primary/activity"); }
Table Settings(const std::string& version) { return PostgresqlReply(version, "primary/server"); }
Table LimitsOf(const std::string& version) { return PostgresqlReply(version, "primary/limits"); }

std::vector<Pool> Pools(const std::string& version) {
  return PoolsOf(ParseServer(Settings(version)).value(), ParseActivity(Activity(version)).value(),
                 ParseLimits(LimitsOf(version)).value());
}

const Pool& Find(const std::vector<Pool>& pools, PoolScope scope, const std::string& name) {
  for (const Pool& pool : pools) {
    if (pool.scope == scope && pool.name == name) return pool;
  }
  throw std::runtime_error("no pool " + name);
}

std::size_t RowWith(const Table& table, std::string_view column, std::string_view value) {
  const std::size_t index = table.Find(column).value();
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    if (table.rows[row][index] == value) return row;
  }
  throw std::runtime_error("no such row");
}

std::vector<std::uint64_t> CountsOf(const Pool& pool) {
  std::vector<std::uint64_t> counts;
  for (const PoolConnections& connections : pool.connections) counts.push_back(connections.count);
  return counts;
}

class EachVersion : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Postgresql, EachVersion, testing::ValuesIn(kPostgresqlVersions));

// What record.py sets up: 5 active (4 of them wait), 4 idle, 2 idle in a transaction, 1 aborted.
TEST_P(EachVersion, ServerCountsClientsByStateWithoutOurOwnSession) {
  const std::vector<Pool> pools = Pools(GetParam());
  const Pool server = Find(pools, PoolScope::kServer, "server");
  EXPECT_THAT(CountsOf(server), ElementsAre(5, 4, 2, 1, 0));
  EXPECT_EQ(server.own_sessions, 1U);
  EXPECT_EQ(server.max_connections, 60U);
  EXPECT_EQ(server.reserved_connections, 3U);
}

TEST_P(EachVersion, DatabasesAndUsersHaveTheirOwnCountsAndLimits) {
  const std::vector<Pool> pools = Pools(GetParam());
  const Pool shop = Find(pools, PoolScope::kDatabase, "shop");
  EXPECT_THAT(CountsOf(shop), ElementsAre(5, 3, 2, 1, 0));
  EXPECT_EQ(shop.max_connections, 30U);
  EXPECT_EQ(shop.own_sessions, 0U);
  EXPECT_EQ(Find(pools, PoolScope::kDatabase, "postgres").own_sessions, 1U);
  EXPECT_EQ(Find(pools, PoolScope::kUser, "app").max_connections, 20U);
}

TEST_P(EachVersion, AvailableIsWhatTheServerHasLeftForOrdinaryClients) {
  const std::vector<Pool> pools = Pools(GetParam());
  EXPECT_EQ(Find(pools, PoolScope::kServer, "server").available_connections, 60U - 3 - 12 - 1);
  EXPECT_EQ(Find(pools, PoolScope::kDatabase, "shop").available_connections, std::nullopt);
  EXPECT_EQ(Find(pools, PoolScope::kUser, "app").available_connections, std::nullopt);
}

std::optional<std::uint64_t> AvailableOf10(std::uint64_t clients) {
  Server server;
  server.max_connections = 10;
  server.reserved_connections = 3;
  std::vector<Sessions> sessions(2);
  sessions[0].connections = clients;
  sessions[1].own = true;
  sessions[1].connections = 1;
  return PoolsOf(server, sessions, {})[0].available_connections;
}

// Our own session has the seventh of seven places.
TEST(PostgresqlPools, AFullServerHasNoneAvailableThoughClientsAreFewerThanPlaces) {
  EXPECT_EQ(AvailableOf10(5), 1U);
  EXPECT_EQ(AvailableOf10(6), 0U);
  EXPECT_EQ(AvailableOf10(9), 0U);  // superusers have the reserve too
}

TEST_P(EachVersion, SuperusersAreNotBoundByTheirLimit) {
  const std::vector<Pool> pools = Pools(GetParam());
  const Pool boss = Find(pools, PoolScope::kUser, "boss");
  EXPECT_EQ(boss.max_connections, std::nullopt);
  EXPECT_TRUE(boss.max_known);
  EXPECT_EQ(CountIn(boss, "idle"), 1U);
}

TEST_P(EachVersion, OrderOfColumnsDoesNotMatter) {
  const auto activity = ParseActivity(WithColumnsReversed(Activity(GetParam())));
  const auto pools =
      PoolsOf(ParseServer(WithColumnsReversed(Settings(GetParam()))).value(), activity.value(),
              ParseLimits(WithColumnsReversed(LimitsOf(GetParam()))).value());
  EXPECT_EQ(CountsOf(pools[0]), CountsOf(Pools(GetParam())[0]));
}

// All of them matter, so without any of them there is no number at all.
TEST_P(EachVersion, WithoutAnyColumnNothingIsRead) {
  for (const std::string& column : Activity(GetParam()).columns) {
    EXPECT_FALSE(ParseActivity(WithoutColumn(Activity(GetParam()), column)).ok()) << column;
  }
  for (const std::string& column : LimitsOf(GetParam()).columns) {
    EXPECT_FALSE(ParseLimits(WithoutColumn(LimitsOf(GetParam()), column)).ok()) << column;
  }
  for (const std::string& column : Settings(GetParam()).columns) {
    if (column == "idle_session_timeout") continue;  // set, not read
    EXPECT_FALSE(ParseServer(WithoutColumn(Settings(GetParam()), column)).ok()) << column;
  }
}

TEST_P(EachVersion, LongestTransactionIsTheOldestOfItsDatabase) {
  std::vector<Fact> facts;
  const Table table = Activity(GetParam());
  AddTransactionFacts(ParseActivity(table).value(), ParseLimits(LimitsOf(GetParam())).value(),
                      facts);
  const auto series = SeriesOf(facts);
  double longest = 0;
  for (const auto& row : table.rows) {
    const auto& seconds = row[table.Find("longest_transaction").value()];
    const bool active = row[table.Find("state").value()] == "active";
    if (active && seconds && row[0] == "shop") longest = std::max(longest, std::stod(*seconds));
  }
  EXPECT_GT(longest, 1);
  EXPECT_THAT(series, Contains(Pair("pg_stat_activity_max_tx_duration{shop,active}", longest)));
  // The only transaction there is our own.
  EXPECT_THAT(series, Contains(Pair("pg_stat_activity_max_tx_duration{postgres,active}", 0)));
  EXPECT_THAT(series, Contains(Pair("pg_stat_activity_max_idle_in_transaction_seconds{shop}",
                                    testing::Gt(1))));
}

TEST(PostgresqlServer, ReservedConnectionsOf16AddUp) {
  Table settings = WithCell(Settings("16.14"), 0, "reserved_connections", "5");
  EXPECT_EQ(ParseServer(settings).value().reserved_connections, 8U);
}

TEST(PostgresqlServer, SettingsThatDidNotArriveMeanAPooler) {
  const auto server = ParseServer(WithCell(Settings("15.18"), 0, "session_mark", std::nullopt));
  ASSERT_FALSE(server.ok());
  EXPECT_EQ(server.error().kind, ErrorKind::kUnsupported);
  EXPECT_THAT(server.error().message, HasSubstr("pooler"));
}

TEST(PostgresqlActivity, HiddenSessionsAreAPermissionErrorAndNotOther) {
  Table table = Activity("15.18");
  const std::size_t row = RowWith(table, "usename", "app");
  table = WithCell(WithCell(table, row, "hidden", "1"), row, "state", std::nullopt);
  const auto activity = ParseActivity(table);
  ASSERT_FALSE(activity.ok());
  EXPECT_EQ(activity.error().kind, ErrorKind::kPermission);
  EXPECT_THAT(activity.error().message, HasSubstr("pg_monitor"));
}

TEST(PostgresqlActivity, ASessionThatIsStartingIsOther) {
  const Table table = Activity("15.18");
  const auto activity = ParseActivity(
      WithCell(table, RowWith(table, "state", "idle in transaction (aborted)"), "state", {}));
  const auto pools = PoolsOf({}, activity.value(), {});
  EXPECT_EQ(CountIn(pools[0], "other"), 1U);
  EXPECT_EQ(CountIn(pools[0], "idle_in_transaction_aborted"), 0U);
}

TEST(PostgresqlActivity, UntrackedSessionsMakeTheLongestOfTheirDatabaseUnknown) {
  const Table table = Activity("15.18");
  const auto activity = ParseActivity(
      WithCell(table, RowWith(table, "application_name", "web"), "state", "disabled"));
  std::vector<Fact> facts;
  AddTransactionFacts(activity.value(), {}, facts);
  EXPECT_THAT(SeriesOf(facts), Not(Contains(Key("pg_stat_activity_max_tx_duration{shop,active}"))));
  EXPECT_THAT(SeriesOf(facts), Contains(Key("pg_stat_activity_max_tx_duration{postgres,active}")));
}

TEST(PostgresqlActivity, WithoutOurOwnSessionNothingIsBelieved) {
  const Table table = Activity("15.18");
  EXPECT_FALSE(ParseActivity(WithCell(table, RowWith(table, "own", "t"), "own", "f")).ok());
}

TEST(PostgresqlActivity, AClockThatWasSetBackMakesTheLongestUnknown) {
  Table table = Activity("15.18");
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    table = WithCell(std::move(table), row, "longest_transaction", "-3.5");
  }
  std::vector<Fact> facts;
  AddTransactionFacts(ParseActivity(table).value(), {}, facts);
  EXPECT_THAT(SeriesOf(facts), Not(Contains(Key("pg_stat_activity_max_tx_duration{shop,active}"))));
  EXPECT_THAT(SeriesOf(facts),
              Contains(Key("pg_stat_activity_max_idle_in_transaction_seconds{shop}")));
}

TEST(PostgresqlActivity, ATransactionThatBeganAMomentAfterTheClockWasReadHasLastedNoTime) {
  Table table = Activity("15.18");
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    table = WithCell(std::move(table), row, "longest_transaction", "-0.001");
  }
  std::vector<Fact> facts;
  AddTransactionFacts(ParseActivity(table).value(), {}, facts);
  EXPECT_THAT(SeriesOf(facts), Contains(Pair("pg_stat_activity_max_tx_duration{shop,active}", 0)));
}

Sessions Of(std::string application, std::uint64_t connections) {
  Sessions s;
  s.application = std::move(application);
  s.connections = connections;
  return s;
}

TEST(PostgresqlApplications, BeyondTheLargestTheyAreSummedUp) {
  std::vector<Sessions> activity;
  for (std::size_t i = 1; i <= kMaxApplications + 2; ++i) {
    activity.push_back(Of(fmt::format("app-{}", i), i));
  }
  activity.push_back(Of("_other", 1000));  // a client may call itself so
  std::vector<Fact> facts;
  AddApplicationFacts(activity, facts);
  const auto series = SeriesOf(facts);
  EXPECT_EQ(series.size(), kMaxApplications + 1);
  EXPECT_THAT(series, Contains(Pair("pg_stat_activity_application_connections{_other}", 1003)));
  EXPECT_THAT(series, Contains(Pair("pg_stat_activity_application_connections{app-3}", 3)));
}

TEST(PostgresqlWaits, AreCountedByEvent) {
  std::vector<Fact> facts;
  AddWaitFacts(ParseActivity(Activity("15.18")).value(), facts);
  EXPECT_THAT(SeriesOf(facts),
              testing::UnorderedElementsAre(
                  Pair("pg_stat_activity_wait_event_sessions{Client,ClientRead}", 7),
                  Pair("pg_stat_activity_wait_event_sessions{Lock,transactionid}", 3),
                  Pair("pg_stat_activity_wait_event_sessions{Lock,tuple}", 1),
                  Pair("pg_stat_activity_wait_event_sessions{Timeout,PgSleep}", 1)));
}

TEST_P(EachVersion, AllThatCanHaveSessionsAreListed) {
  const std::vector<Pool> pools = Pools(GetParam());
  const Pool idle = Find(pools, PoolScope::kDatabase, "template1");
  EXPECT_THAT(idle.connections, testing::IsEmpty());
  EXPECT_EQ(idle.max_connections, std::nullopt);
  EXPECT_TRUE(idle.max_known);
  for (const Pool& pool : pools) {
    EXPECT_NE(pool.name, "template0");
    EXPECT_NE(pool.name, "pg_monitor");
  }
}

TEST(PostgresqlLimits, OneWithoutSessionsAndLimitMakesNoSeriesOfItsDatabase) {
  std::vector<Fact> facts;
  Limits limits;
  limits.databases = {{"limited", 5}, {"unlimited", std::nullopt}};
  AddTransactionFacts({}, limits, facts);
  EXPECT_THAT(SeriesOf(facts),
              Contains(Key("pg_stat_activity_max_idle_in_transaction_seconds{limited}")));
  EXPECT_THAT(SeriesOf(facts),
              Not(Contains(Key("pg_stat_activity_max_idle_in_transaction_seconds{unlimited}"))));
}

TEST(PostgresqlLimits, OneWithALimitHasItsStatesAndTheOthersWithSessionsToo) {
  const auto pools = PoolsOf({}, ParseActivity(Activity("15.18")).value(),
                             {{{"limited", 5}, {"shop", std::nullopt}}, {}});
  EXPECT_THAT(CountsOf(Find(pools, PoolScope::kDatabase, "limited")), ElementsAre(0, 0, 0, 0, 0));
  EXPECT_THAT(CountsOf(Find(pools, PoolScope::kDatabase, "shop")), ElementsAre(5, 3, 2, 1, 0));
}

TEST(PostgresqlLimits, OneThatIsNotListedHasAnUnknownLimit) {
  const auto pools = PoolsOf({}, ParseActivity(Activity("15.18")).value(), {});
  const Pool shop = Find(pools, PoolScope::kDatabase, "shop");
  EXPECT_FALSE(shop.max_known);
  EXPECT_THAT(CountsOf(shop), ElementsAre(5, 3, 2, 1, 0));
}

TEST(PostgresqlLimits, ANumberThatIsNoLimitIsNotRead) {
  EXPECT_FALSE(ParseLimits(WithCell(LimitsOf("15.18"), 0, "connection_limit", "-2")).ok());
}

}  // namespace
}  // namespace headroom::postgresql
