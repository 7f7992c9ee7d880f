#include "exporter/pool_join.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "exporter/exposition/reading_renderer.h"
#include "exporter/metrics_page.h"
#include "test/support/page_checker.h"
#include "test/support/pooler.h"

namespace headroom {
namespace {

using test::PoolerView;
using test::PoolIn;
using test::ServerView;
using test::ViewOf;
using testing::HasSubstr;
using testing::IsEmpty;

// The target's joined series as they stand on the page.
std::string Text(const std::vector<TargetView>& targets, std::string_view name) {
  for (const TargetView& view : targets) {
    if (view.target == name && view.joined) return view.joined->blocks.text;
  }
  return "";
}

std::string Budget(const std::string& target, int connections) {
  return "headroom_pool_budget_connections{target=\"" + target +
         "\",system=\"postgresql\",scope=\"server\",pool=\"server\"} " +
         std::to_string(connections) + "\n";
}

TEST(PoolJoin, AvailableHasTheLabelsOfThePoolsOtherSeries) {
  std::vector<TargetView> targets = {ServerView(), PoolerView("pooler-a")};
  JoinPools(targets, {});
  EXPECT_EQ(Text(targets, "pooler-a"),
            "headroom_pool_available_connections{target=\"pooler-a\",system=\"pgbouncer\","
            "scope=\"pool\",pool=\"app/web\",database=\"app\",user=\"web\"} 15\n");
  EXPECT_EQ(Text(targets, "db"), Budget("db", 120));
}

TEST(PoolJoin, ThreePoolersMayPromiseMoreThanTheServerHas) {
  std::vector<TargetView> targets = {ServerView(), PoolerView("a"), PoolerView("b"),
                                     PoolerView("c")};
  JoinPools(targets, {});
  EXPECT_EQ(Text(targets, "db"), Budget("db", 360));  // of 200 - 3 = 197
}

TEST(PoolJoin, ATargetThatNamesNoneAndIsNotNamedHasNothingToJoin) {
  std::vector<TargetView> targets = {ServerView("db"), ViewOf("main", "redis", Reading{})};
  JoinPools(targets, {});
  EXPECT_EQ(targets[0].joined, nullptr);
  EXPECT_EQ(targets[1].joined, nullptr);
}

TEST(PoolJoin, APoolerWithoutServerHasItsOwnLimitsOnly) {
  std::vector<TargetView> targets = {ViewOf("a", "pgbouncer", test::PoolerReading(""))};
  JoinPools(targets, {});
  EXPECT_THAT(Text(targets, "a"), HasSubstr("} 15\n"));
}

TEST(PoolJoin, WithoutAnAnswerOfTheServerThePoolersKeepTheirRunAndNothingIsJoined) {
  std::vector<TargetView> targets = {ViewOf("db", "postgresql", std::nullopt), PoolerView("a")};
  JoinPools(targets, {});
  EXPECT_EQ(targets[0].joined, nullptr);
  EXPECT_EQ(Text(targets, "a"), "");
  ASSERT_NE(targets[1].run, nullptr);
  EXPECT_EQ(targets[1].joined->pools[0].available->unknown, PoolLimit::kServer);
}

TEST(PoolJoin, OnePoolerWithoutAnswerMakesTheBudgetUnknownAndNotSmaller) {
  std::vector<TargetView> targets = {ServerView(), PoolerView("a"),
                                     ViewOf("b", "pgbouncer", std::nullopt, {"db"})};
  JoinPools(targets, {});
  EXPECT_EQ(Text(targets, "db"), "");
  EXPECT_THAT(Text(targets, "a"), HasSubstr("} 15\n"));
}

TEST(PoolJoin, APoolerOfAnotherServerIsNotInTheBudget) {
  std::vector<TargetView> targets = {ServerView(), ServerView("db2"), PoolerView("a"),
                                     PoolerView("b", "db2"),
                                     ViewOf("c", "pgbouncer", std::nullopt, {"db2"})};
  JoinPools(targets, {});
  EXPECT_EQ(Text(targets, "db"), Budget("db", 120));
  EXPECT_EQ(Text(targets, "db2"), "");
}

TEST(PoolJoin, APoolerOnTwoServersCountsOnEachWithItsDatabases) {
  Reading reading = test::PoolerReading("db");
  Pool second = PoolIn(reading, PoolScope::kDatabase);
  second.name = second.database = "archive";
  second.max_connections = 7;
  second.route->server = "db2";
  reading.pools.push_back(second);
  std::vector<TargetView> targets = {ServerView(), ServerView("db2"),
                                     ViewOf("a", "pgbouncer", reading, {"db", "db2"})};
  JoinPools(targets, {});
  EXPECT_EQ(Text(targets, "db"), Budget("db", 120));
  EXPECT_EQ(Text(targets, "db2"), Budget("db2", 7));
}

TEST(PoolJoin, OnlyWhatWasAskedForIsLeft) {
  std::vector<TargetView> targets = {ServerView(), PoolerView("a")};
  JoinPools(targets, {"a"});
  ASSERT_EQ(targets.size(), 1U);
  EXPECT_EQ(targets[0].target, "a");
  EXPECT_THAT(Text(targets, "a"), HasSubstr("} 15\n"));
}

// Two names that are not UTF-8 can look the same once they are cut; hashes keep them apart. The
// same pool reported twice cannot: then both numbers must be of the same one.
TEST(PoolJoin, OfTwoPoolsWithTheSameLabelsTheFirstSpeaksKnownOrNot) {
  Reading reading = test::PoolerReading("db");
  Pool twin = reading.pools[0];
  reading.pools[0].max_known = false;
  reading.pools[0].max_connections.reset();
  reading.pools.push_back(twin);
  std::vector<TargetView> targets = {ServerView(), ViewOf("a", "pgbouncer", reading, {"db"})};
  JoinPools(targets, {});
  EXPECT_EQ(Text(targets, "a"), "");
}

TEST(PoolJoin, ThePageWithJoinedSeriesIsWellFormedAndCountsThem) {
  std::vector<TargetView> targets = {ServerView(), PoolerView("a")};
  for (TargetView& view : targets) {
    auto run = std::make_shared<Snapshot>(*view.run);
    run->blocks = ReadingRenderer(view.target, view.system, 9).Render(run->reading, {}).blocks;
    view.run = run;
  }
  const auto own = targets[1].run->blocks.series;
  JoinPools(targets, {});
  const SelfMetrics self("1");
  const std::string page =
      RenderMetricsPage(targets, self, SteadyTime(std::chrono::hours(1)), PageScope::kEverything);
  EXPECT_THAT(test::PageFaults(page), IsEmpty());
  EXPECT_THAT(page, HasSubstr("headroom_target_series{target=\"a\",system=\"pgbouncer\"} " +
                              std::to_string(own + 1) + "\n"));
}

}  // namespace
}  // namespace headroom
