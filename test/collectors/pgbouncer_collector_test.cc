// The collector on recorded tables: known numbers of 1.18 and 1.24, and replies that lack
// something.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <vector>

#include "test/collectors/pgbouncer_readings.h"

namespace headroom::pgbouncer {
namespace {

using test::ConsoleScript;
using test::RecordedConsole;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;
using testing::Not;
using testing::Pair;

TEST(PgbouncerCollector, AFullPoolSaysWhoWaitsAndSinceWhen) {
  ConsoleScript script = RecordedConsole("1.18.0", 11800);
  const Numbers numbers = NumbersOf(script);
  EXPECT_THAT(numbers, Contains(Pair("pool app/alice active", 5)));
  EXPECT_THAT(numbers, Contains(Pair("pool app/alice max", 3)));
  EXPECT_THAT(numbers, Contains(Pair("pool app/alice extra", 2)));
  EXPECT_THAT(numbers, Contains(Pair("pool app/alice waiting", 2)));
  const pq::Table& pools = *script.replies.at("POOLS");
  const std::string fraction = *pools.rows[0][*pools.Find("maxwait_us")];
  const std::string seconds = *pools.rows[0][*pools.Find("maxwait")];
  EXPECT_DOUBLE_EQ(numbers.at("pool app/alice oldest wait"),
                   std::stod(seconds) + std::stod(fraction) / 1e6);
  EXPECT_THAT(numbers, Contains(Pair("pool app/limited oldest wait", 0)));
}

TEST(PgbouncerCollector, DatabasesUsersAndServerAreScopesOfTheirOwn) {
  ConsoleScript script = RecordedConsole("1.18.0", 11800);
  const Numbers numbers = NumbersOf(script);
  EXPECT_THAT(numbers, Contains(Pair("database app open", 9)));
  EXPECT_THAT(numbers, Contains(Pair("database app max", 10)));
  EXPECT_THAT(numbers, Contains(Pair("database unused open", 0)));
  EXPECT_THAT(numbers, Contains(Pair("database unused unlimited", 1)));
  // Over its pools; 1.18 shows no limits of single users.
  EXPECT_THAT(numbers, Contains(Pair("user alice open", 8)));
  EXPECT_THAT(numbers, Contains(Pair("user alice max", 30)));
  EXPECT_THAT(numbers, Contains(Pair("server server open", 13)));
  EXPECT_THAT(numbers, Contains(Pair("server server max", 200)));
}

TEST(PgbouncerCollector, NamesAreTakenAsTheyAre) {
  ConsoleScript script = RecordedConsole("1.24.1", 12401);
  const Numbers numbers = NumbersOf(script);
  EXPECT_THAT(numbers, Contains(Pair("pool we\"ird\n\\ünicode/db/alice idle", 1)));
}

TEST(PgbouncerCollector, ForcedAndAskingUsersAreTheUsersOfTheirPools) {
  ConsoleScript script = RecordedConsole("1.18.0", 11800);
  const Numbers numbers = NumbersOf(script);
  EXPECT_THAT(numbers, Contains(Pair("pool reports/reporter active", 1)));
  EXPECT_THAT(numbers, Contains(Pair("pool asked/auther idle", 1)));
  EXPECT_THAT(numbers, Not(Contains(Key("pool reports/bob active"))));
}

TEST(PgbouncerCollector, CancellingConnectionsAreAStateWhereTheVersionHasIt) {
  ConsoleScript old = RecordedConsole("derived/1.16", 11600);
  EXPECT_THAT(NumbersOf(old), Not(Contains(Key("pool app/alice canceling"))));
  ConsoleScript script = RecordedConsole("1.18.0", 11800);
  pq::Table pools = test::WithCell(*script.replies.at("POOLS"), 0, "sv_active_cancel", "2");
  pools = test::WithCell(pools, 0, "sv_being_canceled", "1");
  script.replies.insert_or_assign("POOLS", pools);
  const Numbers numbers = NumbersOf(script);
  EXPECT_THAT(numbers, Contains(Pair("pool app/alice canceling", 3)));
  EXPECT_THAT(numbers, Contains(Pair("user alice open", 11)));
}

// They wait to be let in; PgBouncer shows maxwait 0, for hours if need be.
TEST(PgbouncerCollector, TheWaitOfClientsWithoutAQueryIsUnknown) {
  ConsoleScript script = RecordedConsole("1.18.0", 11800);
  pq::Table pools = test::WithCell(*script.replies.at("POOLS"), 0, "maxwait", "0");
  pools = test::WithCell(pools, 0, "maxwait_us", "0");
  script.replies.insert_or_assign("POOLS", pools);
  const Numbers numbers = NumbersOf(script);
  EXPECT_THAT(numbers, Contains(Pair("pool app/alice waiting", 2)));
  EXPECT_THAT(numbers, Not(Contains(Key("pool app/alice oldest wait"))));
}

TEST(PgbouncerCollector, APoolSizeOfZeroIsUnlimitedFrom124On) {
  ConsoleScript script = RecordedConsole("1.24.1", 12401);
  script.replies.insert_or_assign(
      "DATABASES", test::WithCell(*script.replies.at("DATABASES"), 0, "pool_size", "0"));
  EXPECT_THAT(NumbersOf(script), Contains(Pair("pool app/alice unlimited", 1)));
  script = RecordedConsole("1.18.0", 11800);
  script.replies.insert_or_assign(
      "DATABASES", test::WithCell(*script.replies.at("DATABASES"), 0, "pool_size", "0"));
  EXPECT_THAT(NumbersOf(script), Contains(Pair("pool app/alice max", 0)));
}

TEST(PgbouncerCollector, AReserveThatIsSwitchedOffIsNone) {
  ConsoleScript script = RecordedConsole("1.18.0", 11800);
  pq::Table config = *script.replies.at("CONFIG");
  for (std::size_t row = 0; row < config.rows.size(); ++row) {
    if (config.rows[row][*config.Find("key")] != "reserve_pool_timeout") continue;
    config = test::WithCell(config, row, "value", "0");
  }
  script.replies.insert_or_assign("CONFIG", config);
  const Numbers numbers = NumbersOf(script);
  EXPECT_THAT(numbers, Contains(Pair("pool app/alice extra", 0)));
  EXPECT_THAT(numbers, Contains(Pair("database app new", 3)));
}

TEST(PgbouncerCollector, ADatabaseSaysWhatAPoolWillComeTo) {
  ConsoleScript script = RecordedConsole("1.24.1", 12401);
  EXPECT_THAT(NumbersOf(script), Contains(Pair("database app new", 3 + 2)));
  script.replies.insert_or_assign(
      "DATABASES", test::WithCell(*script.replies.at("DATABASES"), 0, "pool_size", "0"));
  EXPECT_THAT(NumbersOf(script), Not(Contains(Key("database app new"))));
  script = RecordedConsole("1.24.1", 12401);
  script.replies.insert_or_assign("CONFIG", Error{ErrorKind::kProtocol, "refused"});
  EXPECT_THAT(NumbersOf(script), Not(Contains(Key("database app new"))));
}

// An idle database of "*" leaves SHOW DATABASES before its pools go.
TEST(PgbouncerCollector, APoolWithoutADatabaseHasNoKnownSize) {
  ConsoleScript script = RecordedConsole("1.18.0", 11800);
  pq::Table databases = *script.replies.at("DATABASES");
  databases.rows.erase(databases.rows.begin());
  script.replies.insert_or_assign("DATABASES", databases);
  const auto reading = Collect(script, {"db", {}});
  ASSERT_TRUE(reading.ok());
  const Pool& pool = reading->pools.front();
  EXPECT_EQ(pool.name, "app/alice");
  EXPECT_FALSE(pool.max_known);
  EXPECT_FALSE(pool.max_connections || pool.extra_connections);
  ASSERT_TRUE(pool.route);
  EXPECT_FALSE(pool.route->server_known);
}

TEST(PgbouncerCollector, PoolsListedTwiceAreRefused) {
  ConsoleScript script = RecordedConsole("1.18.0", 11800);
  pq::Table pools = *script.replies.at("POOLS");
  pools.rows.push_back(pools.rows.front());
  script.replies.insert_or_assign("POOLS", pools);
  const auto reading = Collect(script);
  ASSERT_FALSE(reading.ok());
  EXPECT_EQ(reading.error().kind, ErrorKind::kUnsupported);
  EXPECT_THAT(reading.error().message, HasSubstr("listed twice"));
}

const Error kRefused{ErrorKind::kProtocol, "refused"};

std::vector<std::string> FailedParts(const Reading& reading) {
  std::vector<std::string> failed;
  for (const Part& part : reading.parts) {
    if (part.error) failed.push_back(part.name);
  }
  return failed;
}

TEST(PgbouncerCollector, WithoutConfigLimitsAreUnknownAndNotUnlimited) {
  ConsoleScript script = RecordedConsole("1.18.0", 11800);
  script.replies.insert_or_assign("CONFIG", kRefused);
  const auto reading = Collect(script);
  ASSERT_TRUE(reading.ok());
  EXPECT_THAT(FailedParts(*reading), ElementsAre("config"));
  const Numbers numbers = NumbersOf(*reading);
  EXPECT_THAT(numbers, Contains(Pair("user alice open", 8)));
  EXPECT_THAT(numbers, Not(Contains(Key("user alice max"))));
  EXPECT_THAT(numbers, Not(Contains(Key("user alice unlimited"))));
  EXPECT_THAT(numbers, Not(Contains(Key("server server unlimited"))));
  EXPECT_THAT(numbers, Contains(Pair("pool app/alice max", 3)));
}

TEST(PgbouncerCollector, WithoutPoolsThereIsNothing) {
  for (const char* show : {"POOLS", "DATABASES", "USERS"}) {
    ConsoleScript script = RecordedConsole("1.24.1", 12401);
    script.replies.insert_or_assign(show, kRefused);
    EXPECT_FALSE(Collect(script).ok()) << show;
  }
}

TEST(PgbouncerCollector, ASessionThatEndsLeavesThePartsThatCameBefore) {
  ConsoleScript script = RecordedConsole("1.24.1", 12401);
  script.session_ends_at = "LISTS";
  script.replies.insert_or_assign("LISTS", Error{ErrorKind::kTimeout, "late"});
  const auto reading = Collect(script);
  ASSERT_TRUE(reading.ok());
  EXPECT_THAT(FailedParts(*reading), ElementsAre("lists", "stats"));
  for (const Part& part : reading->parts) {
    if (!part.error) continue;
    EXPECT_EQ(part.error->kind, ErrorKind::kTimeout);
  }
  EXPECT_EQ(script.asked.back(), "LISTS");
  EXPECT_THAT(NumbersOf(*reading), Contains(Pair("pool app/alice active", 5)));
}

TEST(PgbouncerCollector, OnlyWhatTheVersionHasIsAsked) {
  ConsoleScript script = RecordedConsole("1.18.0", 11800);
  const auto reading = Collect(script);
  ASSERT_TRUE(reading.ok());
  EXPECT_THAT(script.asked, ElementsAre("POOLS", "DATABASES", "CONFIG", "LISTS", "STATS_TOTALS"));
  EXPECT_THAT(FailedParts(*reading), IsEmpty());
  EXPECT_EQ(reading->parts.size(), 4U);
}

TEST(PgbouncerCollector, VersionsBefore112AreRefused) {
  ConsoleScript script = RecordedConsole("1.18.0", 11800);
  script.version = 11100;
  script.version_text = "1.11.0/bouncer";
  const auto reading = Collect(script);
  ASSERT_FALSE(reading.ok());
  EXPECT_EQ(reading.error().kind, ErrorKind::kUnsupported);
  EXPECT_THAT(reading.error().message, HasSubstr("1.12"));
}

TEST(PgbouncerCollector, StatsAreInBaseUnits) {
  ConsoleScript script = RecordedConsole("1.24.1", 12401);
  script.replies.insert_or_assign("STATS_TOTALS", test::WithCell(*script.replies.at("STATS_TOTALS"),
                                                                 0, "wait_time", "2500000"));
  const Numbers numbers = NumbersOf(script);
  EXPECT_THAT(numbers, Contains(Pair("pgbouncer_stats_totals_client_wait_seconds_total|app", 2.5)));
  EXPECT_THAT(numbers, Contains(Pair("pgbouncer_version_info|PgBouncer 1.18.0", 1)));
}

}  // namespace
}  // namespace headroom::pgbouncer
