// For every version: no missing column, row or cell ever makes a number that the full reply does
// not make.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>

#include "test/collectors/pgbouncer_readings.h"

namespace headroom::pgbouncer {
namespace {

using test::ConsoleScript;
using test::RecordedConsole;
using testing::HasSubstr;
using testing::Not;

// Of the settings, those that are read and one that is not: the others only take time.
ConsoleScript Shortened(ConsoleScript script) {
  pq::Table config = *script.replies.at("CONFIG");
  const std::size_t key = *config.Find("key");
  std::erase_if(config.rows, [key](const auto& row) {
    return row[key] != "max_client_conn" && row[key] != "max_user_connections" &&
           row[key] != "reserve_pool_timeout" && row[key] != "max_db_connections";
  });
  script.replies.insert_or_assign("CONFIG", config);
  return script;
}

class PgbouncerVersion : public testing::TestWithParam<Recorded> {
 protected:
  ConsoleScript script_ = Shortened(RecordedConsole(GetParam().folder, GetParam().version));
  Numbers full_ = NumbersOf(script_);

  void ExpectNothingInvented(const std::string& show, const pq::Table& table,
                             const std::string& what) {
    ConsoleScript changed = script_;
    changed.replies.insert_or_assign(show, table);
    const Numbers numbers = NumbersOf(changed);
    EXPECT_TRUE(std::includes(full_.begin(), full_.end(), numbers.begin(), numbers.end()))
        << "SHOW " << show << " without " << what << " makes a number of its own";
  }
};

TEST_P(PgbouncerVersion, GivesTheSameNumbersWithTheColumnsInAnotherOrder) {
  ASSERT_GT(full_.size(), 100U);
  ConsoleScript reversed = script_;
  for (auto& [show, reply] : reversed.replies) reply = test::WithColumnsReversed(*reply);
  EXPECT_EQ(NumbersOf(reversed), full_);
}

TEST_P(PgbouncerVersion, AMissingColumnNeverMakesANumber) {
  for (const auto& [show, reply] : script_.replies) {
    for (const std::string& column : reply->columns) {
      ExpectNothingInvented(show, test::WithoutColumn(*reply, column), column);
    }
  }
}

TEST_P(PgbouncerVersion, ACellThatIsNullNeverMakesANumber) {
  // Here NULL is an answer.
  const std::set<std::string> nullable = {"host", "force_user", "pool_mode", "load_balance_hosts"};
  for (const auto& [show, reply] : script_.replies) {
    for (const std::size_t row : {std::size_t{0}, std::size_t{1}, reply->rows.size() - 1}) {
      for (const std::string& column : reply->columns) {
        if (nullable.count(column) > 0) continue;
        ExpectNothingInvented(show, test::WithCell(*reply, row, column, std::nullopt),
                              column + " of row " + std::to_string(row));
      }
    }
  }
}

TEST_P(PgbouncerVersion, AMissingRowOfASettingNeverMakesANumber) {
  for (const std::string show : {"CONFIG", "LISTS", "STATE"}) {
    if (script_.replies.count(show) == 0) continue;
    const pq::Table& table = *script_.replies.at(show);
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
      pq::Table shorter = table;
      shorter.rows.erase(shorter.rows.begin() + static_cast<std::ptrdiff_t>(row));
      ExpectNothingInvented(show, shorter, "row " + std::to_string(row));
    }
  }
}

TEST_P(PgbouncerVersion, TheConsoleIsNoPool) {
  for (const auto& [name, value] : full_) {
    EXPECT_THAT(name, Not(HasSubstr("pool pgbouncer"))) << name;
    EXPECT_NE(name, "database pgbouncer open");
    EXPECT_NE(name, "pgbouncer_stats_totals_queries_pooled_total|pgbouncer");
  }
}

INSTANTIATE_TEST_SUITE_P(Tables, PgbouncerVersion,
                         testing::Values(Recorded{"derived/1.12", 11200},
                                         Recorded{"derived/1.15", 11500},
                                         Recorded{"derived/1.16", 11600}, Recorded{"1.18.0", 11800},
                                         Recorded{"derived/1.19", 11900},
                                         Recorded{"derived/1.23", 12300}, Recorded{"1.24.1", 12401},
                                         // 1.25 has the columns of 1.24.
                                         Recorded{"1.24.1", 12500}),
                         [](const auto& test_case) {
                           return "v" + std::to_string(test_case.param.version);
                         });

}  // namespace
}  // namespace headroom::pgbouncer
