// Several processes behind one port: what one of them says is not what all may open.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "test/collectors/pgbouncer_readings.h"

namespace headroom::pgbouncer {
namespace {

using test::ConsoleScript;
using test::RecordedConsole;
using testing::HasSubstr;
using testing::IsEmpty;

const Routing kServer = {"db", {{"elsewhere", ""}}};

void Set(ConsoleScript& script, const std::string& key, const std::string& value) {
  pq::Table config = *script.replies.at("CONFIG");
  for (std::size_t row = 0; row < config.rows.size(); ++row) {
    if (config.rows[row][*config.Find("key")] == key) {
      config = test::WithCell(config, row, "value", value);
    }
  }
  script.replies.insert_or_assign("CONFIG", config);
}

ConsoleScript Reusing() {
  ConsoleScript script = RecordedConsole("1.18.0", 11800);
  Set(script, "so_reuseport", "1");
  return script;
}

// Of every database alike.
bool PromiseKnown(const Reading& reading) {
  const Pool* const app = Find(reading, PoolScope::kDatabase, "app");
  EXPECT_NE(app, nullptr);
  for (const Pool& pool : reading.pools) {
    const bool database = pool.scope == PoolScope::kDatabase;
    EXPECT_EQ(pool.promise_known, !database || app->promise_known) << pool.name;
  }
  return app->promise_known;
}

std::size_t ProblemsOf(const Reading& reading) {
  std::size_t problems = 0;
  for (const Problem& problem : reading.problems) {
    if (problem.object != "so_reuseport") continue;
    ++problems;
    EXPECT_EQ(problem.error.kind, ErrorKind::kUnsupported);
    EXPECT_THAT(problem.error.message, HasSubstr("Unix socket"));
    EXPECT_THAT(problem.error.message, HasSubstr("one_process = true"));
  }
  return problems;
}

TEST(PgbouncerProcesses, ThatMayShareThePortMakeThePromiseUnknownAndNothingElse) {
  ConsoleScript script = Reusing();
  const auto reading = Collect(script, kServer);
  ASSERT_TRUE(reading.ok());
  EXPECT_FALSE(PromiseKnown(*reading));
  EXPECT_EQ(ProblemsOf(*reading), 1U);
  ConsoleScript alone = RecordedConsole("1.18.0", 11800);
  const auto expected = Collect(alone, kServer);
  ASSERT_TRUE(expected.ok());
  EXPECT_TRUE(PromiseKnown(*expected));
  EXPECT_EQ(ProblemsOf(*expected), 0U);
  EXPECT_EQ(NumbersOf(*reading), NumbersOf(*expected));
}

TEST(PgbouncerProcesses, AUnixSocketIsOfOneProcess) {
  ConsoleScript script = Reusing();
  script.local = true;
  const auto reading = Collect(script, kServer);
  ASSERT_TRUE(reading.ok());
  EXPECT_TRUE(PromiseKnown(*reading));
  EXPECT_EQ(ProblemsOf(*reading), 0U);
}

TEST(PgbouncerProcesses, TheConfigurationMaySayThatThereIsOne) {
  ConsoleScript script = Reusing();
  Declared declared;
  declared.one_process = true;
  const auto reading = Collect(script, kServer, declared);
  ASSERT_TRUE(reading.ok());
  EXPECT_TRUE(PromiseKnown(*reading));
  EXPECT_EQ(ProblemsOf(*reading), 0U);
}

TEST(PgbouncerProcesses, WithoutTheSettingNobodyKnows) {
  for (const bool local : {false, true}) {
    ConsoleScript script = RecordedConsole("1.18.0", 11800);
    script.local = local;
    script.replies.insert_or_assign("CONFIG", Error{ErrorKind::kTimeout, "late"});
    script.session_ends_at = "CONFIG";
    const auto reading = Collect(script, kServer);
    ASSERT_TRUE(reading.ok());
    EXPECT_EQ(PromiseKnown(*reading), local);
    EXPECT_EQ(ProblemsOf(*reading), 0U) << "its part says so";
  }
}

TEST(PgbouncerProcesses, WithoutAWatchedServerThereIsNothingToSay) {
  ConsoleScript script = Reusing();
  const auto reading = Collect(script);
  ASSERT_TRUE(reading.ok());
  EXPECT_THAT(reading->problems, IsEmpty());
}

}  // namespace
}  // namespace headroom::pgbouncer
