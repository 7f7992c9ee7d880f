// Which pools hand out nothing because somebody paused or disabled them, and when nobody can tell.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "collectors/pgbouncer/collector.h"
#include "test/support/fake_clock.h"
#include "test/support/fake_console.h"

namespace headroom::pgbouncer {
namespace {

using test::ConsoleScript;
using test::RecordedConsole;
using testing::ElementsAre;
using testing::IsEmpty;

const Error kRefused{ErrorKind::kProtocol, "invalid command 'SHOW STATE', use SHOW HELP;"};

// Names of pools (scope pool).
struct Pauses {
  std::set<std::string> paused;
  std::set<std::string> unknown;
  std::size_t pools = 0;
};

Pauses PausesOf(PgbouncerCollector& collector) {
  const test::FakeClock clock;
  const auto reading = collector.Collect(Deadline(clock, clock.Now() + std::chrono::seconds(2)));
  EXPECT_TRUE(reading.ok());
  Pauses pauses;
  if (!reading.ok()) return pauses;
  for (const Pool& pool : reading->pools) {
    if (pool.scope != PoolScope::kPool) {
      EXPECT_TRUE(pool.pause_known && !pool.paused) << pool.name;
      continue;
    }
    ++pauses.pools;
    EXPECT_TRUE(pool.pause_known || !pool.paused) << pool.name;
    if (pool.paused) pauses.paused.insert(pool.name);
    if (!pool.pause_known) pauses.unknown.insert(pool.name);
  }
  return pauses;
}

PgbouncerCollector CollectorOf(ConsoleScript& script) {
  return {std::make_unique<test::FakeConsole>(script), {}, {}};
}

Pauses PausesOf(ConsoleScript& script) {
  PgbouncerCollector collector = CollectorOf(script);
  return PausesOf(collector);
}

// Every value of SHOW STATE is "no" but that of `word`.
pq::Table StateOf(const ConsoleScript& script, const std::string& word) {
  pq::Table state = *script.replies.at("STATE");
  for (std::size_t row = 0; row < state.rows.size(); ++row) {
    const std::string key = *state.rows[row][*state.Find("key")];
    state = test::WithCell(state, row, "value", key == word ? "yes" : "no");
  }
  return state;
}

// halted is paused by itself.
TEST(PgbouncerPause, ThePoolsOfAPausedDatabaseArePaused) {
  ConsoleScript old = RecordedConsole("1.18.0", 11800);
  EXPECT_THAT(PausesOf(old).paused, ElementsAre("halted/alice"));
  ConsoleScript script = RecordedConsole("1.24.1", 12401);
  const Pauses pauses = PausesOf(script);
  EXPECT_THAT(pauses.paused, ElementsAre("halted/alice"));
  EXPECT_THAT(pauses.unknown, IsEmpty());
}

TEST(PgbouncerPause, APausedOrSuspendedPgbouncerPausesEveryPool) {
  for (const std::string word : {"paused", "suspended"}) {
    ConsoleScript script = RecordedConsole("1.24.1", 12401);
    script.replies.insert_or_assign("STATE", StateOf(script, word));
    const Pauses pauses = PausesOf(script);
    EXPECT_EQ(pauses.paused.size(), script.replies.at("POOLS")->rows.size() - 1) << word;
    EXPECT_THAT(pauses.unknown, IsEmpty()) << word;
  }
}

TEST(PgbouncerPause, WithoutAnAnswerOnlyThePauseOfADatabaseIsKnown) {
  ConsoleScript script = RecordedConsole("1.24.1", 12401);
  script.replies.insert_or_assign("STATE", Error{ErrorKind::kTimeout, "late"});
  script.session_ends_at = "STATE";
  const Pauses pauses = PausesOf(script);
  EXPECT_THAT(pauses.paused, ElementsAre("halted/alice"));
  EXPECT_GT(pauses.pools, 5U);
  EXPECT_EQ(pauses.unknown.size(), pauses.pools - 1);
}

TEST(PgbouncerPause, ASessionThatEndsBeforeTheQuestionLeavesItUnknown) {
  ConsoleScript script = RecordedConsole("1.24.1", 12401);
  script.replies.insert_or_assign("CONFIG", Error{ErrorKind::kConnect, "closed"});
  script.session_ends_at = "CONFIG";
  const Pauses pauses = PausesOf(script);
  EXPECT_THAT(pauses.paused, ElementsAre("halted/alice"));
  EXPECT_EQ(pauses.unknown.size(), pauses.pools - 1);
}

TEST(PgbouncerPause, AnAnswerThatCannotBeUnderstoodLeavesItUnknown) {
  ConsoleScript script = RecordedConsole("1.24.1", 12401);
  script.replies.insert_or_assign("STATE",
                                  test::WithoutColumn(*script.replies.at("STATE"), "value"));
  const Pauses pauses = PausesOf(script);
  EXPECT_EQ(pauses.unknown.size(), pauses.pools - 1);
}

// A pooler that calls itself 1.24 and has no such command, or has it for others only.
TEST(PgbouncerPause, AConsoleThatAlwaysRefusesTheQuestionHasOnlyPausesOfDatabases) {
  ConsoleScript script = RecordedConsole("1.24.1", 12401);
  PgbouncerCollector collector = CollectorOf(script);
  for (const ErrorKind kind : {ErrorKind::kProtocol, ErrorKind::kPermission}) {
    script.replies.insert_or_assign("STATE", Error{kind, "refused"});
    const Pauses pauses = PausesOf(collector);
    EXPECT_THAT(pauses.paused, ElementsAre("halted/alice"));
    EXPECT_THAT(pauses.unknown, IsEmpty());
  }
}

// "no mem", say: it has the command, so somebody may have paused it.
TEST(PgbouncerPause, ARefusalByAConsoleThatHasAnsweredIsNoAnswer) {
  ConsoleScript script = RecordedConsole("1.24.1", 12401);
  const pq::Table state = *script.replies.at("STATE");
  PgbouncerCollector collector = CollectorOf(script);
  EXPECT_THAT(PausesOf(collector).unknown, IsEmpty());
  script.replies.insert_or_assign("STATE", kRefused);
  const Pauses pauses = PausesOf(collector);
  EXPECT_EQ(pauses.unknown.size(), pauses.pools - 1);
  script.replies.insert_or_assign("STATE", state);
  EXPECT_THAT(PausesOf(collector).unknown, IsEmpty());
}

std::size_t RowOf(const pq::Table& pools, const std::string& database, const std::string& user) {
  const auto found = std::find_if(pools.rows.begin(), pools.rows.end(), [&](const auto& row) {
    return row[*pools.Find("database")] == database && row[*pools.Find("user")] == user;
  });
  EXPECT_NE(found, pools.rows.end()) << database << "/" << user;
  return static_cast<std::size_t>(found - pools.rows.begin());
}

// Nobody has a server connection, and clients wait for one of app/alice only.
ConsoleScript WaitingForAlice(const std::string& waiting) {
  ConsoleScript script = RecordedConsole("1.18.0", 11800);
  pq::Table pools = *script.replies.at("POOLS");
  for (std::size_t row = 0; row < pools.rows.size(); ++row) {
    for (const std::string column : {"cl_waiting", "sv_active", "sv_idle", "sv_used", "sv_tested",
                                     "sv_login", "maxwait", "maxwait_us"}) {
      pools = test::WithCell(pools, row, column, "0");
    }
  }
  pools = test::WithCell(pools, RowOf(pools, "app", "alice"), "cl_waiting", waiting);
  script.replies.insert_or_assign("POOLS", pools);
  return script;
}

void SetOne(ConsoleScript& script, const std::string& database, const std::string& column) {
  pq::Table pools = *script.replies.at("POOLS");
  pools = test::WithCell(pools, RowOf(pools, database, "alice"), column, "1");
  script.replies.insert_or_assign("POOLS", pools);
}

// A PAUSE without a database cannot be asked for before 1.19; what it does can be seen.
TEST(PgbouncerPause, WhereNobodyTellsClientsThatWaitForNothingMayBePaused) {
  ConsoleScript script = WaitingForAlice("7");
  EXPECT_THAT(PausesOf(script).unknown, ElementsAre("app/alice"));
  SetOne(script, "app", "sv_active");  // finishes its transaction
  EXPECT_THAT(PausesOf(script).unknown, ElementsAre("app/alice"));
  ConsoleScript calm = WaitingForAlice("0");
  EXPECT_THAT(PausesOf(calm).unknown, IsEmpty());
}

TEST(PgbouncerPause, WhatAPauseWouldCloseShowsThatThereIsNone) {
  for (const std::string column : {"sv_idle", "sv_used", "sv_login"}) {
    for (const std::string database : {"app", "halted"}) {
      ConsoleScript script = WaitingForAlice("7");
      SetOne(script, database, column);
      EXPECT_THAT(PausesOf(script).unknown, IsEmpty()) << database << " " << column;
    }
  }
}

TEST(PgbouncerPause, AConsoleThatRefusesTheQuestionTellsNoMoreThanAnOldOne) {
  ConsoleScript script = WaitingForAlice("7");
  script.version = 12000;
  script.replies.insert_or_assign("STATE", kRefused);
  EXPECT_THAT(PausesOf(script).unknown, ElementsAre("app/alice"));
}

TEST(PgbouncerPause, BeforeTheVersionThatHasTheCommandItIsNotMissed) {
  ConsoleScript script = RecordedConsole("1.18.0", 11800);
  const Pauses pauses = PausesOf(script);
  EXPECT_THAT(pauses.unknown, IsEmpty());
  EXPECT_EQ(std::count(script.asked.begin(), script.asked.end(), "STATE"), 0);
}

const Pool& PoolNamed(const Reading& reading, const std::string& name) {
  return *std::find_if(reading.pools.begin(), reading.pools.end(), [&](const Pool& pool) {
    return pool.scope == PoolScope::kPool && pool.name == name;
  });
}

Result<Reading> ReadingOf(ConsoleScript& script, const Declared& declared = {}) {
  const test::FakeClock clock;
  PgbouncerCollector collector(std::make_unique<test::FakeConsole>(script), {}, declared);
  return collector.Collect(Deadline(clock, clock.Now() + std::chrono::seconds(2)));
}

// barred is disabled, and has an idle server connection.
TEST(PgbouncerDisabled, IsAPoolThatNobodyIsInAndNobodyCanComeTo) {
  for (const auto& [folder, version] : {std::pair("1.18.0", 11800), {"1.24.1", 12401}}) {
    ConsoleScript script = RecordedConsole(folder, version);
    const auto reading = ReadingOf(script);
    ASSERT_TRUE(reading.ok());
    for (const Pool& pool : reading->pools) {
      EXPECT_EQ(pool.disabled, pool.scope == PoolScope::kPool && pool.database == "barred")
          << folder << " " << pool.name;
    }
  }
}

TEST(PgbouncerDisabled, ClientsThatAPoolStillHasAreServed) {
  for (const std::string column : {"cl_active", "cl_waiting"}) {
    ConsoleScript script = RecordedConsole("1.18.0", 11800);
    SetOne(script, "barred", column);
    const auto reading = ReadingOf(script);
    ASSERT_TRUE(reading.ok());
    EXPECT_FALSE(PoolNamed(*reading, "barred/alice").disabled) << column;
  }
}

TEST(PgbouncerDisabled, SoIsAPoolThatIsDeclaredAndHasHadNoClient) {
  ConsoleScript script = RecordedConsole("1.18.0", 11800);
  Declared declared;
  declared.pools = {{"barred", "bob"}};
  const auto reading = ReadingOf(script, declared);
  ASSERT_TRUE(reading.ok());
  EXPECT_TRUE(PoolNamed(*reading, "barred/bob").disabled);
}

}  // namespace
}  // namespace headroom::pgbouncer
