#include "exporter/typical_cost.h"

#include <gtest/gtest.h>

namespace headroom {
namespace {

using namespace std::chrono_literals;

TypicalCost Of(std::initializer_list<Duration> runs) {
  TypicalCost cost;
  for (const Duration run : runs) cost.Add(run);
  return cost;
}

TEST(TypicalCost, BeforeTheFirstRunItIsNothing) { EXPECT_EQ(TypicalCost().Median(), 0s); }

TEST(TypicalCost, OfFewRunsItIsTheirMedian) {
  EXPECT_EQ(Of({5ms}).Median(), 5ms);
  EXPECT_EQ(Of({300ms, 1ms}).Median(), 1ms);  // the first connects
  EXPECT_EQ(Of({300ms, 2ms, 1ms}).Median(), 2ms);
}

TEST(TypicalCost, AStallDoesNotMoveIt) {
  EXPECT_EQ(Of({3ms, 1ms, 2ms, 1500ms, 2ms, 1ms, 3ms, 2ms}).Median(), 2ms);
}

TEST(TypicalCost, ItFollowsOnceMoreThanHalfOfTheLastEightHaveChanged) {
  TypicalCost cost = Of({1ms, 1ms, 1ms, 1ms, 1ms, 1ms, 1ms, 1ms});
  for (int i = 0; i < 4; ++i) cost.Add(20ms);
  EXPECT_EQ(cost.Median(), 1ms);
  cost.Add(20ms);
  EXPECT_EQ(cost.Median(), 20ms);
  for (int i = 0; i < 4; ++i) cost.Add(1ms);  // the oldest are forgotten
  EXPECT_EQ(cost.Median(), 1ms);
}

}  // namespace
}  // namespace headroom
