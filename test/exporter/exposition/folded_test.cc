#include "exporter/exposition/folded.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace headroom {
namespace {

Queue List(std::optional<std::uint64_t> ready) {
  Queue q;
  q.kind = "list";
  q.ready = ready;
  return q;
}

Queue SortedSet(std::uint64_t ready, std::uint64_t delayed) {
  Queue q;
  q.kind = "zset";
  q.ready = ready;
  q.delayed = delayed;
  return q;
}

Queue Sum(const std::vector<Queue>& queues) {
  std::vector<const Queue*> folded;
  for (const Queue& q : queues) folded.push_back(&q);
  return SumOfFolded(folded);
}

TEST(SumOfFolded, AddsEachStateOverTheQueuesThatHaveIt) {
  const Queue sum = Sum({List(3), SortedSet(4, 50), SortedSet(0, 1)});
  EXPECT_EQ(sum.ready, 7U);
  EXPECT_EQ(sum.delayed, 51U);
  EXPECT_EQ(sum.in_flight, std::nullopt);
  EXPECT_EQ(sum.dead, std::nullopt);
}

TEST(SumOfFolded, AQueueThatIsUnknownMakesEveryStateUnknown) {
  const Queue sum = Sum({SortedSet(4, 50), List(std::nullopt)});
  EXPECT_EQ(sum.ready, std::nullopt);
  EXPECT_EQ(sum.delayed, std::nullopt);
}

TEST(SumOfFolded, InFlightThatIsUnknownMakesOnlyItsOwnSumUnknown) {
  Queue known = List(1);
  known.has_in_flight = true;
  known.in_flight = 2;
  Queue unknown = List(10);
  unknown.has_in_flight = true;
  EXPECT_EQ(Sum({known, List(5)}).in_flight, 2U);
  EXPECT_EQ(Sum({known, unknown}).in_flight, std::nullopt);
  EXPECT_EQ(Sum({known, unknown}).ready, 11U);
}

TEST(SumOfFolded, ConsumersAreKnownOnlyIfEveryQueueSays) {
  Queue with = List(1);
  with.consumers = 2;
  EXPECT_EQ(Sum({with, with}).consumers, 4U);
  EXPECT_EQ(Sum({with, List(1)}).consumers, std::nullopt);
}

TEST(SumOfFolded, NeverSumsCountersOrAges) {
  Queue q = List(1);
  q.published = q.delivered = q.acknowledged = q.redelivered = 9;
  q.oldest_message_age_seconds = 9;
  q.missing = false;
  const Queue sum = Sum({q, q});
  EXPECT_FALSE(sum.published || sum.delivered || sum.acknowledged || sum.redelivered);
  EXPECT_FALSE(sum.oldest_message_age_seconds || sum.missing);
}

TEST(SumOfFolded, ASumThatDoesNotFitIsUnknown) {
  EXPECT_EQ(Sum({List(std::numeric_limits<std::uint64_t>::max()), List(1)}).ready, std::nullopt);
}

}  // namespace
}  // namespace headroom
