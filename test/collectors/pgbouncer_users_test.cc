// Users of PgBouncer: their sizes and limits, where the console tells them and where it cannot.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>

#include "test/collectors/pgbouncer_readings.h"

namespace headroom::pgbouncer {
namespace {

using test::ConsoleScript;
using test::RecordedConsole;
using std::string_literals::operator""s;
using testing::AnyOf;
using testing::Contains;
using testing::Key;
using testing::Not;
using testing::Pair;
using testing::StartsWith;
using testing::StrEq;

TEST(PgbouncerCollector, UsersSizesAndLimitsCountFrom123On) {
  ConsoleScript script = RecordedConsole("1.24.1", 12401);
  const Numbers numbers = NumbersOf(script);
  EXPECT_THAT(numbers, Contains(Pair("pool app/sized max", 2)));
  EXPECT_THAT(numbers, Contains(Pair("pool app/sized extra", 1)));
  EXPECT_THAT(numbers, Contains(Pair("pool app/alice max", 3)));
  EXPECT_THAT(numbers, Contains(Pair("user limited max", 4)));
  EXPECT_THAT(numbers, Contains(Pair("user sized open", 3)));
  EXPECT_THAT(numbers, Contains(Pair("pgbouncer_state|active", 1)));
}

// alice has 2 and 1 of her own, bob 6, sized 4 and 1; nobody else has any. Databases have 5 and 0,
// app has 3 and 2.
TEST(PgbouncerCollector, ASizeThatMayBeThatOfTheUserAboveIsUnknown) {
  ConsoleScript script = RecordedConsole("1.24.1", 12401);
  const pq::Table users = test::TableFixture("pgbouncer/1.24.1/show_users_sized_first.tsv");
  script.replies.insert_or_assign("USERS", users);
  const auto reading = Collect(script);
  ASSERT_TRUE(reading.ok());
  const Numbers numbers = NumbersOf(*reading);
  EXPECT_THAT(numbers, Contains(Pair("pool app/alice max", 2)));
  EXPECT_THAT(numbers, Contains(Pair("pool app/alice extra", 1)));
  EXPECT_THAT(numbers, Contains(Pair("pool app/sized max", 4)));
  for (const char* const pool : {"app/limited", "asked/auther", "asked/queried"}) {
    EXPECT_THAT(numbers, Not(Contains(Key(AnyOf(StrEq("pool "s + pool + " max"),
                                                StrEq("pool "s + pool + " unlimited"),
                                                StrEq("pool "s + pool + " extra"))))));
  }
  EXPECT_THAT(numbers, Not(Contains(Key("pool app/sized extra"))));
  EXPECT_THAT(numbers, Contains(Pair("user limited max", 4)));
}

TEST(PgbouncerCollector, ASizeThatIsTheDatabasesTooIsKnownWhoeverHasIt) {
  ConsoleScript script = RecordedConsole("1.24.1", 12401);
  script.replies.insert_or_assign(
      "USERS", test::TableFixture("pgbouncer/1.24.1/show_users_sized_first.tsv"));
  pq::Table databases = test::WithCell(*script.replies.at("DATABASES"), 0, "pool_size", "6");
  databases = test::WithCell(databases, 0, "reserve_pool_size", "1");
  script.replies.insert_or_assign("DATABASES", databases);
  const Numbers numbers = NumbersOf(script);
  EXPECT_THAT(numbers, Contains(Pair("pool app/limited max", 6)));
  EXPECT_THAT(numbers, Contains(Pair("pool app/limited extra", 1)));
}

// As a PgBouncer that clears its buffer shows two users with the same size.
TEST(PgbouncerCollector, WhereNothingFollowsASizeAllSizesAreWhatTheyAre) {
  ConsoleScript script = RecordedConsole("1.24.1", 12401);
  pq::Table users = *script.replies.at("USERS");
  for (const std::size_t row : {0U, 1U}) {
    users = test::WithCell(users, row, "pool_size", "        2");
  }
  script.replies.insert_or_assign("USERS", users);
  const Numbers numbers = NumbersOf(script);
  EXPECT_THAT(numbers, Contains(Pair("pool app/alice max", 2)));
  EXPECT_THAT(numbers, Contains(Pair("pool asked/auther max", 2)));
  EXPECT_THAT(numbers, Contains(Pair("pool app/limited max", 3)));
}

// Row 8 of SHOW USERS: reporter, the forced user of the database reports, with one connection.
ConsoleScript ReporterCountedElsewhere() {
  ConsoleScript script = RecordedConsole("1.24.1", 12401);
  const pq::Table& users = *script.replies.at("USERS");
  EXPECT_EQ(users.rows[8][*users.Find("name")], "reporter");
  script.replies.insert_or_assign("USERS", test::WithCell(users, 8, "current_connections", "0"));
  return script;
}

TEST(PgbouncerCollector, NothingIsKnownOfAUserThatIsCountedUnderAnotherName) {
  ConsoleScript script = ReporterCountedElsewhere();
  const auto reading = Collect(script);
  ASSERT_TRUE(reading.ok());
  for (const Pool& pool : reading->pools) {
    if (pool.user != "reporter") continue;
    EXPECT_FALSE(pool.max_known) << pool.name;
    EXPECT_FALSE(pool.max_connections || pool.extra_connections) << pool.name;
  }
  const Numbers numbers = NumbersOf(*reading);
  EXPECT_THAT(numbers, Not(Contains(Key("user reporter open"))));
  EXPECT_THAT(numbers, Contains(Pair("pool reports/reporter active", 1)));
  EXPECT_THAT(numbers, Contains(Pair("user alice open", 8)));
}

TEST(PgbouncerCollector, AConnectionThatClosesBetweenTwoAnswersIsNoContradiction) {
  ConsoleScript script = ReporterCountedElsewhere();
  pq::Table pools = *script.replies.at("POOLS");
  for (std::size_t row = 0; row < pools.rows.size(); ++row) {
    if (pools.rows[row][*pools.Find("user")] != "reporter") continue;
    pools = test::WithCell(pools, row, "sv_active", "0");
  }
  script.second_replies.insert_or_assign("POOLS", pools);
  const Numbers numbers = NumbersOf(script);
  EXPECT_THAT(numbers, Contains(Pair("user reporter open", 0)));
  EXPECT_THAT(numbers, Contains(Pair("user reporter max", 30)));
  EXPECT_THAT(numbers, Contains(Pair("pool reports/reporter max", 2)));
}

TEST(PgbouncerCollector, ADeclaredLimitOfAUserCountsBefore123) {
  const Declared declared{false, {{"limited", 4}, {"alice", 0}}};
  ConsoleScript old = RecordedConsole("1.18.0", 11800);
  Numbers numbers = NumbersOf(*Collect(old, {}, declared));
  EXPECT_THAT(numbers, Contains(Pair("user limited max", 4)));
  EXPECT_THAT(numbers, Contains(Pair("user alice max", 30)));
  old.replies.insert_or_assign("CONFIG", Error{ErrorKind::kProtocol, "refused"});
  numbers = NumbersOf(*Collect(old, {}, declared));
  EXPECT_THAT(numbers, Contains(Pair("user limited max", 4)));
  EXPECT_THAT(numbers, Not(Contains(Key("user alice max"))));
}

TEST(PgbouncerCollector, Before123AForcedUserIsCountedOncePerDatabase) {
  const Declared declared{false, {{"reporter", 4}}};
  ConsoleScript script = RecordedConsole("1.18.0", 11800);
  EXPECT_THAT(NumbersOf(*Collect(script, {}, declared)),
              Contains(Pair("user reporter max", 30)));  // its line in [users] does not bind it
  const pq::Table& pools = *script.replies.at("POOLS");
  EXPECT_EQ(pools.rows[1][*pools.Find("database")], "app");
  script.replies.insert_or_assign("POOLS", test::WithCell(pools, 1, "user", "reporter"));
  const Numbers numbers = NumbersOf(*Collect(script));
  EXPECT_THAT(numbers, Contains(Pair("user reporter open", 2)));
  EXPECT_THAT(numbers, Not(Contains(Key("user reporter max"))));
  EXPECT_THAT(numbers, Contains(Pair("user alice max", 30)));
}

TEST(PgbouncerCollector, Before123AUserForcedIntoADatabaseThatNobodyUsesYetIsUnknownToo) {
  ConsoleScript script = RecordedConsole("1.18.0", 11800);
  const pq::Table& databases = *script.replies.at("DATABASES");
  EXPECT_EQ(databases.rows[7][*databases.Find("name")], "unused");
  script.replies.insert_or_assign("DATABASES",
                                  test::WithCell(databases, 7, "force_user", "reporter"));
  const Numbers numbers = NumbersOf(script);
  EXPECT_THAT(numbers, Contains(Pair("user reporter open", 1)));
  EXPECT_THAT(numbers, Not(Contains(Key("user reporter max"))));
}

TEST(PgbouncerCollector, From123OnTheConsolesLimitOfAUserWins) {
  ConsoleScript script = RecordedConsole("1.24.1", 12401);
  const Declared declared{false, {{"limited", 7}, {"alice", 7}}};
  const Numbers numbers = NumbersOf(*Collect(script, {}, declared));
  EXPECT_THAT(numbers, Contains(Pair("user limited max", 4)));
  EXPECT_THAT(numbers, Contains(Pair("user alice max", 30)));
}

// bob has a client of a database that forces another user, so no pool; boss has neither.
TEST(PgbouncerUsers, ClientsAndTheirLimitAreThoseOfUsersWithAPoolOrAClient) {
  ConsoleScript script = RecordedConsole("1.24.1", 12401);
  pq::Table users = *script.replies.at("USERS");
  users = test::WithCell(users, 0, "max_user_client_connections", "12");  // alice
  script.replies.insert_or_assign("USERS", users);
  const Numbers numbers = NumbersOf(script);
  EXPECT_EQ(numbers.at("pgbouncer_users_max_client_connections|alice"), 12);
  EXPECT_EQ(numbers.at("pgbouncer_users_current_client_connections|alice"), 7);
  EXPECT_EQ(numbers.at("pgbouncer_users_max_client_connections|bob"), 0);
  EXPECT_EQ(numbers.at("pgbouncer_users_current_client_connections|bob"), 1);
  EXPECT_EQ(numbers.at("pgbouncer_users_current_client_connections|reporter"), 0);
  EXPECT_FALSE(numbers.contains("pgbouncer_users_max_client_connections|boss"));
  EXPECT_FALSE(numbers.contains("pgbouncer_users_current_client_connections|boss"));
}

TEST(PgbouncerUsers, ClientsAreAbsentWhereTheVersionDoesNotCountThem) {
  for (const auto& [folder, version] : {std::pair("derived/1.23", 12300), {"1.18.0", 11800}}) {
    ConsoleScript script = RecordedConsole(folder, version);
    for (const auto& [name, value] : NumbersOf(script)) {
      EXPECT_THAT(name, Not(StartsWith("pgbouncer_users_"))) << value;
    }
  }
}

}  // namespace
}  // namespace headroom::pgbouncer
