#include "exporter/pressure/integrator.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace headroom {
namespace {

using namespace std::chrono_literals;

constexpr std::nullopt_t kUnknown = std::nullopt;
constexpr Duration kLongestGap = 3s;

// One queue "q" (and whatever else a test adds), at the moments that the test says.
class IntegratorTest : public testing::Test {
 protected:
  Integrator::Areas Run(Duration after, const std::vector<Observation>& queues) {
    now_ += after;
    return integrator_.OnRun(now_, kLongestGap, queues, {});
  }
  // The area under the first level of "q".
  std::optional<double> Level(Duration after, std::optional<std::uint64_t> level) {
    return Run(after, {{"q", {level, {}}}}).queues.at(0)[0];
  }

  SteadyTime now_{1h};
  Integrator integrator_;
};

TEST_F(IntegratorTest, TheFirstRunObservesNothing) {
  EXPECT_EQ(Level(0s, 7), 0.0);
  EXPECT_EQ(integrator_.ObservedSeconds(), 0.0);
}

TEST_F(IntegratorTest, BetweenTwoRunsLiesATrapezoid) {
  Level(0s, 4);
  EXPECT_EQ(Level(1s, 10), 7.0);
  EXPECT_EQ(Level(500ms, 0), 9.5);
  EXPECT_EQ(integrator_.ObservedSeconds(), 1.5);
}

TEST_F(IntegratorTest, WhatHoldsAtOneOfTwoRunsCountsForHalfOfTheTimeBetween) {
  Level(0s, 0);
  EXPECT_EQ(Level(1s, 1), 0.5);
  EXPECT_EQ(Level(1s, 1), 1.5);
  EXPECT_EQ(Level(1s, 0), 2.0);
}

TEST_F(IntegratorTest, TheLongestGapCountsAndALongerOneAddsNothing) {
  Level(0s, 2);
  EXPECT_EQ(Level(3s, 2), 6.0);
  EXPECT_EQ(Level(3s + 1ns, 2), 6.0);
  EXPECT_EQ(integrator_.ObservedSeconds(), 3.0);
  EXPECT_EQ(Level(1s, 2), 8.0);
  EXPECT_EQ(integrator_.ObservedSeconds(), 4.0);
}

// The pace may have changed since the run before.
TEST_F(IntegratorTest, AGapIsJudgedByWhatTheRunAtItsEndSays) {
  const std::vector<Observation> q = {{"q", {2, {}}}};
  integrator_.OnRun(now_, 1s, q, {});
  integrator_.OnRun(now_ + 2s, 2s, q, {});
  EXPECT_EQ(integrator_.ObservedSeconds(), 2.0);
  integrator_.OnRun(now_ + 4s, 1s, q, {});
  EXPECT_EQ(integrator_.ObservedSeconds(), 2.0);
}

TEST_F(IntegratorTest, AFailedRunTakesTheTimeAroundItOut) {
  Level(0s, 2);
  now_ += 500ms;
  integrator_.OnFailure();
  EXPECT_EQ(Level(500ms, 2), 0.0);
  EXPECT_EQ(integrator_.ObservedSeconds(), 0.0);
  EXPECT_EQ(Level(1s, 2), 2.0);
  EXPECT_EQ(integrator_.ObservedSeconds(), 1.0);
}

TEST_F(IntegratorTest, AnObjectThatIsUnknownIsAbsentAndItsGapAddsNothing) {
  Level(0s, 2);
  EXPECT_EQ(Level(1s, 2), 2.0);
  EXPECT_EQ(Level(1s, kUnknown), std::nullopt);
  EXPECT_EQ(Level(1s, 100), 2.0);  // goes on where it stood: no jump, no restart
  EXPECT_EQ(Level(1s, 100), 102.0);
  EXPECT_EQ(integrator_.ObservedSeconds(), 4.0);  // the target was there all the time
}

TEST_F(IntegratorTest, OneUnknownLevelLeavesTheOtherAndOtherObjectsAlone) {
  Run(0s, {{"q", {2, 5}}, {"r", {1, 1}}});
  Run(1s, {{"q", {kUnknown, 5}}, {"r", {1, 1}}});
  const auto areas = Run(1s, {{"q", {2, 5}}, {"r", {1, 1}}}).queues;
  EXPECT_EQ(areas[0], (AreaSeconds{0.0, 10.0}));
  EXPECT_EQ(areas[1], (AreaSeconds{2.0, 2.0}));
}

TEST_F(IntegratorTest, ANewObjectStartsAtZeroWhateverItHolds) {
  Run(0s, {{"q", {2, {}}}});
  EXPECT_EQ(Run(1s, {{"q", {2, {}}}, {"new", {1000, {}}}}).queues[1][0], 0.0);
  EXPECT_EQ(Run(1s, {{"q", {2, {}}}, {"new", {1000, {}}}}).queues[1][0], 1000.0);
}

TEST_F(IntegratorTest, AnObjectThatWasAwayGoesOnWithoutTheTimeBetween) {
  Level(0s, 3);
  Level(1s, 3);
  Run(1s, {});
  Run(1s, {});
  EXPECT_EQ(Level(1s, 50), 3.0);
  EXPECT_EQ(Level(1s, 50), 53.0);
}

TEST_F(IntegratorTest, AnObjectThatWasAwayForLongStartsAgain) {
  Level(0s, 3);
  Level(1s, 3);
  Run(AreaTable::kForgetAfter, {});
  EXPECT_EQ(Level(1s, 50), 0.0);
}

TEST_F(IntegratorTest, QueuesAndPoolsOfTheSameKeyAreTwo) {
  const std::vector<Observation> q = {{"x", {1, {}}}};
  const std::vector<Observation> p = {{"x", {10, {}}}};
  integrator_.OnRun(now_, kLongestGap, q, p);
  const auto areas = integrator_.OnRun(now_ + 1s, kLongestGap, q, p);
  EXPECT_EQ(areas.queues[0][0], 1.0);
  EXPECT_EQ(areas.pools[0][0], 10.0);
}

TEST(AreaTable, WhatLeftIsRememberedForAWhileAndInBoundedNumber) {
  AreaTable table;
  const SteadyTime start{1h};
  for (std::size_t run = 0; run < 4; ++run) {
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < AreaTable::kMaxAbsent; ++i) {
      keys.push_back(std::to_string(run) + "/" + std::to_string(i));
    }
    std::vector<Observation> objects;
    for (const std::string& key : keys) objects.push_back({key, {1, {}}});
    table.Advance(objects, start, 1ms);
  }
  EXPECT_EQ(table.size(), 2 * AreaTable::kMaxAbsent);  // those of the last run, and as many more
  table.Advance({}, start + AreaTable::kForgetAfter, std::nullopt);
  EXPECT_EQ(table.size(), 0U);
}

TEST(Area, LosesNothingOfSmallPiecesOnTopOfYears) {
  Area area;
  area.Add(1'000'000, 1'000'000, std::chrono::hours(24 * 365 * 10));
  const double before = area.Seconds();
  // Each piece is far below the last digit of the sum as a double; together they are 500 s.
  for (int i = 0; i < 1'000'000; ++i) area.Add(0, 1, 1ms);
  EXPECT_EQ(area.Seconds() - before, 500.0);
}

TEST(Area, HoldsTheLargestLevels) {
  Area area;
  for (int i = 0; i < 10; ++i) area.Add(UINT64_MAX, UINT64_MAX, std::chrono::hours(24 * 365));
  EXPECT_DOUBLE_EQ(area.Seconds(), 18446744073709551616.0 * 10 * 365 * 86400);
}

// A level that is a straight line between ticks has the same area however many more samples are
// taken on the line: runs that scrapers asked for change nothing.
TEST(IntegratorProperty, MoreSamplesOnTheSameLineAreTheSameArea) {
  constexpr int kTicks = 50;
  std::mt19937 random(20261122);  // NOLINT(cert-msc51-cpp): the same on every run
  for (int round = 0; round < 200; ++round) {
    Integrator ticks;
    Integrator scraped;
    SteadyTime now{1h};
    std::uint64_t level = random() % 1000 * 1000;
    double area = 0;
    double scraped_area = 0;
    for (int tick = 0; tick < kTicks; ++tick) {
      const std::uint64_t next = random() % 1000 * 1000;
      const auto at = [&](int thousandth) {  // a whole number: both ends are multiples of 1000
        return (level * (1000 - static_cast<unsigned>(thousandth)) +
                next * static_cast<unsigned>(thousandth)) /
               1000;
      };
      const auto sample = [&](Integrator& to, int thousandth) {
        const std::vector<Observation> run = {{"q", {at(thousandth), {}}}};
        return *to.OnRun(now + thousandth * 1ms, kLongestGap, run, {}).queues[0][0];
      };
      area = sample(ticks, 0);
      scraped_area = sample(scraped, 0);
      if (tick + 1 == kTicks) break;  // both end on a tick
      for (int t = 1 + static_cast<int>(random() % 400); t < 1000;
           t += 1 + static_cast<int>(random() % 400)) {
        sample(scraped, t);
      }
      now += 1s;
      level = next;
    }
    EXPECT_EQ(area, scraped_area);
    EXPECT_EQ(ticks.ObservedSeconds(), scraped.ObservedSeconds());
  }
}

}  // namespace
}  // namespace headroom
