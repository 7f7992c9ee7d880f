#include <gtest/gtest.h>

#include "collectors/rabbitmq/counter_guard.h"

namespace headroom::rabbitmq {
namespace {

using std::chrono::seconds;

constexpr SteadyTime kStart{seconds(1000)};

TEST(CounterGuard, ShowsWhatTheBrokerCounted) {
  CounterGuard guard;
  EXPECT_EQ(guard.Next(100, 1, 2, kStart), 100U);
  EXPECT_EQ(guard.Next(130, 1, 2, kStart), 130U);
}

TEST(CounterGuard, ANodeThatLeavesMakesNoReset) {
  CounterGuard guard;
  guard.Next(100, 1, 2, kStart);
  EXPECT_EQ(guard.Next(40, 2, 1, kStart), 100U);  // its 60 left with it
  EXPECT_EQ(guard.Next(45, 2, 1, kStart), 105U);
}

TEST(CounterGuard, ANodeThatComesBackMakesNoTraffic) {
  CounterGuard guard;
  guard.Next(40, 1, 1, kStart);
  EXPECT_EQ(guard.Next(100, 2, 2, kStart), 40U);
  EXPECT_EQ(guard.Next(101, 2, 2, kStart), 41U);
}

TEST(CounterGuard, OneNodeCountingLessIsAQueueMadeAnew) {
  CounterGuard guard;
  guard.Next(100, 1, 1, kStart);
  EXPECT_EQ(guard.Next(3, 1, 1, kStart), 3U);
  EXPECT_EQ(guard.Next(5, 1, 1, kStart), 5U);
}

TEST(CounterGuard, ASmallerSumOfSeveralNodesIsUnknownUntilItIsBack) {
  CounterGuard guard;
  guard.Next(100, 1, 2, kStart);
  EXPECT_EQ(guard.Next(40, 1, 2, kStart + seconds(1)), std::nullopt);
  EXPECT_EQ(guard.Next(110, 1, 2, kStart + seconds(2)), 110U);
}

TEST(CounterGuard, ASumThatStaysSmallerCountsOnFromThere) {
  CounterGuard guard;
  guard.Next(100, 1, 2, kStart);
  EXPECT_EQ(guard.Next(40, 1, 2, kStart + seconds(1)), std::nullopt);
  EXPECT_EQ(guard.Next(41, 1, 2, kStart + seconds(1) + CounterGuard::kPatience), 100U);
  EXPECT_EQ(guard.Next(44, 1, 2, kStart + seconds(60)), 103U);
}

TEST(CounterGuard, APartOfASumThatIsBackMakesNoTraffic) {
  CounterGuard guard;
  guard.Next(100, 1, 2, kStart);
  guard.Next(40, 1, 2, kStart + seconds(1));
  EXPECT_EQ(guard.Next(41, 1, 2, kStart + seconds(31)), 100U);
  EXPECT_EQ(guard.Next(104, 1, 2, kStart + seconds(60)), 104U);
}

TEST(CounterGuard, ARestartOfTheOnlyNodeIsAResetAsAHeadroomThatStartsLaterSeesIt) {
  CounterGuard guard;
  guard.Next(40, 1, 1, kStart);
  CounterGuard later;
  for (const std::uint64_t raw : {5U, 7U}) {
    EXPECT_EQ(guard.Next(raw, 2, 1, kStart, 1), raw);
    EXPECT_EQ(later.Next(raw, 2, 1, kStart, 1), raw);
  }
}

TEST(CounterGuard, ARestartIsAResetAlsoWhereTheSourceChangedWithIt) {
  CounterGuard guard;
  guard.Next(1000, 1, 1, kStart);
  EXPECT_EQ(guard.Next(10, 3, 1, kStart, 1), 10U);   // the other source, after the restart
  EXPECT_EQ(guard.Next(500, 4, 1, kStart, 1), 10U);  // and back: what came between is not known
  EXPECT_EQ(guard.Next(501, 4, 1, kStart, 1), 11U);
}

TEST(Epochs, ARestartOfTheOnlyNodeIsCountedWhicheverSourceSaysSo) {
  Epochs epochs;
  epochs.Of("plugin", {{"a", 100.0}}, kStart);
  epochs.Of("plugin", {{"a", 109.0}}, kStart + seconds(10));
  // Another source's uptime may be older.
  epochs.Of("management", {{"a", 105.0}}, kStart + seconds(11));
  EXPECT_EQ(epochs.restarts(), 0U);
  epochs.Of("plugin", {{"a", 3.0}}, kStart + seconds(20));
  EXPECT_EQ(epochs.restarts(), 1U);
  // For longer than it had been running before.
  epochs.Of("management", {{"a", 40.0}}, kStart + seconds(70));
  EXPECT_EQ(epochs.restarts(), 2U);
}

TEST(Epochs, OfSeveralNodesNoRestartBeginsAtZero) {
  Epochs epochs;
  epochs.Of("management", {{"a", 90.0}}, kStart);
  epochs.Of("management", {{"a", 100.0}, {"b", 100.0}}, kStart + seconds(10));
  epochs.Of("management", {{"a", 1.0}, {"b", 110.0}}, kStart + seconds(20));
  epochs.Of("management", {{"a", 11.0}}, kStart + seconds(30));
  EXPECT_EQ(epochs.restarts(), 0U);
}

TEST(Epochs, LastAsLongAsTheSameNodesRun) {
  Epochs epochs;
  const auto first = epochs.Of("plugin", {{"a", 10.0}, {"b", 20.0}}, kStart);
  EXPECT_EQ(epochs.Of("plugin", {{"b", 25.0}, {"a", 15.0}}, kStart), first);
}

TEST(Epochs, EndWhenANodeComesGoesOrRestarts) {
  Epochs epochs;
  const auto both = epochs.Of("plugin", {{"a", 10.0}, {"b", 20.0}}, kStart);
  const auto one = epochs.Of("plugin", {{"a", 15.0}}, kStart);
  EXPECT_NE(one, both);
  const auto again = epochs.Of("plugin", {{"a", 20.0}, {"b", 1.0}}, kStart);
  EXPECT_NE(again, one);
  EXPECT_NE(epochs.Of("plugin", {{"a", 0.5}, {"b", 6.0}}, kStart), again);
}

TEST(Epochs, EndWhenTheSourceChanges) {
  Epochs epochs;
  const auto plugin = epochs.Of("plugin", {{"a", 10.0}}, kStart);
  EXPECT_NE(epochs.Of("management", {{"a", 11.0}}, kStart), plugin);
}

TEST(Epochs, ANodeThatSaysNoUptimeIsTakenToRunOn) {
  Epochs epochs;
  const auto first = epochs.Of("plugin", {{"a", std::nullopt}}, kStart);
  EXPECT_EQ(epochs.Of("plugin", {{"a", std::nullopt}}, kStart), first);
}

}  // namespace
}  // namespace headroom::rabbitmq
