#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "collectors/rabbitmq/queue_book.h"

namespace headroom::rabbitmq {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

RabbitmqOptions Everything() {
  RabbitmqOptions options;
  options.wanted = {true, true, true, true, true, true};
  return options;
}

const QueueId kOrders{"/", "orders"};

RunFacts At(Duration since_start) {
  return {SteadyTime(hours(1)) + since_start,
          WallTime(seconds(1'700'000'000)) + since_start,
          hours(1),
          1,
          false,
          1};
}

QueueRow FullRow() {
  QueueRow row;
  row.vhost = "/";
  row.name = "orders";
  row.kind = "classic";
  row.durable = true;
  row.ready = 3;
  row.unacked = 2;
  row.consumers = 1;
  row.consumer_capacity = 0.5;
  row.memory_bytes = 14416;
  row.head_timestamp = 1'699'999'990;
  row.published = 10;
  row.delivered = 7;
  row.acknowledged = 5;
  row.redelivered = 0;
  return row;
}

TEST(QueueBook, PassesOnWhatTheRowSays) {
  QueueBook book(Everything());
  const Queue queue = book.FromRow(FullRow(), true, At(seconds(0)));
  EXPECT_EQ(queue.vhost, "/");
  EXPECT_EQ(queue.name, "orders");
  EXPECT_EQ(queue.ready, 3U);
  EXPECT_EQ(queue.in_flight, 2U);
  EXPECT_EQ(queue.consumers, 1U);
  EXPECT_EQ(queue.consumer_capacity, 0.5);
  EXPECT_EQ(queue.memory_bytes, 14416U);
  EXPECT_EQ(queue.oldest_message_age_seconds, 10.0);
  EXPECT_EQ(queue.published, 10U);
  EXPECT_EQ(queue.redelivered, 0U);
  EXPECT_EQ(queue.missing, false);
}

TEST(QueueBook, WhatIsNotAskedForIsNotShown) {
  QueueBook book((RabbitmqOptions()));
  const Queue queue = book.FromRow(FullRow(), false, At(seconds(0)));
  EXPECT_EQ(queue.ready, 3U);
  EXPECT_FALSE(queue.consumers || queue.consumer_capacity || queue.memory_bytes ||
               queue.oldest_message_age_seconds || queue.published || queue.durable ||
               queue.missing);
}

TEST(QueueBook, AnUnknownRowIsAnUnknownQueue) {
  QueueBook book(Everything());
  QueueRow row;
  row.vhost = "/";
  row.name = "orders";
  const Queue queue = book.FromRow(row, false, At(seconds(0)));
  EXPECT_FALSE(queue.ready || queue.in_flight || queue.consumers || queue.published ||
               queue.oldest_message_age_seconds);
}

TEST(QueueBook, AQueueThatIsDownHasNoNumbers) {
  QueueBook book(Everything());
  QueueRow row = FullRow();
  row.ready = 0;
  row.running = false;
  const Queue queue = book.FromRow(row, true, At(seconds(0)));
  EXPECT_EQ(queue.running, false);
  EXPECT_FALSE(queue.ready || queue.in_flight || queue.consumers || queue.published);
}

TEST(QueueBook, CountersAreUnknownWhileANodeHasNotAnswered) {
  QueueBook book(Everything());
  RunFacts run = At(seconds(0));
  run.epoch.reset();
  const Queue queue = book.FromRow(FullRow(), true, run);
  EXPECT_EQ(queue.published, std::nullopt);
  EXPECT_EQ(queue.ready, 3U);
}

TEST(QueueBook, AnEmptyQueueHasAnAgeOnlyIfItsMessagesBearTimestamps) {
  QueueBook book(Everything());
  QueueRow empty = FullRow();
  empty.ready = empty.unacked = 0;
  empty.head_timestamp.reset();
  EXPECT_EQ(book.FromRow(empty, true, At(seconds(0))).oldest_message_age_seconds, std::nullopt);
  book.FromRow(FullRow(), true, At(seconds(1)));
  EXPECT_EQ(book.FromRow(empty, true, At(seconds(2))).oldest_message_age_seconds, 0.0);
  QueueRow paged_out = FullRow();
  paged_out.head_timestamp.reset();
  EXPECT_EQ(book.FromRow(paged_out, true, At(seconds(3))).oldest_message_age_seconds, std::nullopt);
}

TEST(QueueBook, ATimestampInAnotherUnitTellsNoAge) {
  QueueBook book(Everything());
  QueueRow row = FullRow();
  for (const std::uint64_t written :
       {1'699'999'990'000UL, 86'400UL, 0UL}) {  // milliseconds, an uptime
    row.head_timestamp = written;
    EXPECT_EQ(book.FromRow(row, true, At(seconds(0))).oldest_message_age_seconds, std::nullopt);
  }
  row.head_timestamp = 1'700'000'005;  // a publisher whose clock is ahead
  EXPECT_EQ(book.FromRow(row, true, At(seconds(0))).oldest_message_age_seconds, 0.0);
}

constexpr auto kLast = QueueBook::Order::kLastSeenFirst;

TEST(QueueBook, AVanishedQueueIsRememberedForItsTime) {
  RabbitmqOptions options;
  options.pattern_ttl = seconds(60);
  QueueBook book(options);
  book.FromRow(FullRow(), false, At(seconds(0)));
  EXPECT_THAT(book.Vanished(At(seconds(0)), kLast), IsEmpty());
  EXPECT_THAT(book.Vanished(At(seconds(60)), kLast), ElementsAre(QueueId{"/", "orders"}));
  EXPECT_THAT(book.Vanished(At(seconds(61)), kLast), IsEmpty());
}

TEST(QueueBook, VanishedQueuesAreAskedForInTurnOrTheLatestFirst) {
  QueueBook book(Everything());
  QueueRow row = FullRow();
  for (int i = 0; i < 3; ++i) {
    row.name = std::to_string(i);
    book.FromRow(row, false, At(seconds(i)));
  }
  book.MarkAsked({"/", "2"}, At(seconds(10)));
  book.MarkAsked({"/", "0"}, At(seconds(11)));
  const QueueId q0{"/", "0"};
  const QueueId q1{"/", "1"};
  const QueueId q2{"/", "2"};
  EXPECT_THAT(book.Vanished(At(seconds(12)), kLast), ElementsAre(q2, q1, q0));
  EXPECT_THAT(book.Vanished(At(seconds(12)), QueueBook::Order::kLongestUnaskedFirst),
              ElementsAre(q1, q2, q0));
}

TEST(QueueBook, OfManyVanishedQueuesTheLatestAreRemembered) {
  QueueBook book(Everything());
  QueueRow row = FullRow();
  for (int i = 0; i < 1100; ++i) {
    row.name = std::to_string(i);
    book.FromRow(row, false, At(seconds(i)));
  }
  const auto vanished = book.Vanished(At(seconds(2000)), kLast);
  EXPECT_EQ(vanished.size(), QueueBook::kMaxVanished);
  EXPECT_THAT(vanished, testing::Contains(QueueId{"/", "1099"}));
  EXPECT_THAT(vanished, testing::Not(testing::Contains(QueueId{"/", "99"})));
}

TEST(QueueBook, NoBrokerIsBelievedWhileItsUptimeIsUnknown) {
  QueueBook book(Everything());
  RunFacts run = At(seconds(0));
  run.uptime.reset();
  EXPECT_FALSE(book.BelieveGone(kOrders, run));
  run = At(seconds(60));
  run.uptime.reset();
  EXPECT_FALSE(book.BelieveGone(kOrders, run));
}

TEST(QueueBook, ADeclaredQueueDoesNotVanish) {
  QueueBook book(Everything());
  book.FromRow(FullRow(), true, At(seconds(0)));
  EXPECT_THAT(book.Vanished(At(seconds(1)), kLast), IsEmpty());
}

TEST(QueueBook, AQueueThatNeverWasIsBelievedGoneAtOnce) {
  QueueBook book(Everything());
  EXPECT_TRUE(book.BelieveGone(kOrders, At(seconds(0))));
}

TEST(QueueBook, ABrokerThatHasJustStartedIsNotBelieved) {
  QueueBook book(Everything());
  RunFacts run = At(seconds(0));
  run.uptime = seconds(14);
  EXPECT_FALSE(book.BelieveGone(kOrders, run));
  run.uptime.reset();
  EXPECT_FALSE(book.BelieveGone(kOrders, run));
  run.uptime = seconds(15);
  EXPECT_TRUE(book.BelieveGone(kOrders, run));
}

TEST(QueueBook, AQueueThatWasThereIsGoneOnceTheBrokerHasSaidSoForAWhile) {
  QueueBook book(Everything());
  book.FromRow(FullRow(), false, At(seconds(0)));
  EXPECT_FALSE(book.BelieveGone(kOrders, At(seconds(1))));
  EXPECT_FALSE(book.BelieveGone(kOrders, At(seconds(10))));
  EXPECT_FALSE(book.KnownGone(kOrders));
  EXPECT_TRUE(book.BelieveGone(kOrders, At(seconds(11))));
  EXPECT_TRUE(book.GoneLately(kOrders, At(seconds(70))));
  EXPECT_FALSE(book.GoneLately(kOrders, At(seconds(71))));
  EXPECT_TRUE(book.KnownGone(kOrders));
}

TEST(QueueBook, DoubtStartsTheWaitAnew) {
  QueueBook book(Everything());
  book.FromRow(FullRow(), false, At(seconds(0)));
  book.BelieveGone(kOrders, At(seconds(1)));
  book.Doubt();
  EXPECT_FALSE(book.BelieveGone(kOrders, At(seconds(12))));
  EXPECT_TRUE(book.BelieveGone(kOrders, At(seconds(22))));
  book.Doubt();
  EXPECT_FALSE(book.KnownGone(kOrders));
}

TEST(QueueBook, AQueueThatIsBackIsNotGone) {
  QueueBook book(Everything());
  book.BelieveGone(kOrders, At(seconds(0)));
  book.FromRow(FullRow(), false, At(seconds(5)));
  EXPECT_FALSE(book.KnownGone(kOrders));
  EXPECT_FALSE(book.BelieveGone(kOrders, At(seconds(6))));
}

TEST(QueueBook, NamesThatMeetWhenWrittenTogetherAreTwoQueues) {
  QueueBook book(Everything());
  QueueRow row = FullRow();
  row.vhost = "a";
  row.name = "bc";
  book.FromRow(row, false, At(seconds(0)));
  row.vhost = "ab";
  row.name = "c";
  book.FromRow(row, false, At(seconds(0)));
  EXPECT_THAT(book.Vanished(At(seconds(1)), kLast),
              testing::UnorderedElementsAre(QueueId{"a", "bc"}, QueueId{"ab", "c"}));
}

TEST(QueueBook, AMissingQueueIsZeroAndSaysSo) {
  const QueueBook book(Everything());
  const Queue queue = book.Missing({"/", "orders"}, true);
  EXPECT_EQ(queue.ready, 0U);
  EXPECT_EQ(queue.in_flight, 0U);
  EXPECT_EQ(queue.missing, true);
  EXPECT_EQ(queue.published, std::nullopt);
}

}  // namespace
}  // namespace headroom::rabbitmq
