#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "collectors/redis/queues.h"
#include "test/collectors/redis_replies.h"

namespace headroom::redis {
namespace {

using test::List;
using test::Loading;
using test::Nil;
using test::NoPermission;
using test::Number;
using test::Refused;
using test::Text;
using test::WrongType;
using testing::HasSubstr;

constexpr WallTime kNow{std::chrono::nanoseconds(1'767'225'600'123'456'789)};

QueueOptions OneList() {
  QueueOptions queue;
  queue.name = "jobs";
  queue.keys = {"q:a"};
  return queue;
}

QueueOptions OneSortedSet() {
  QueueOptions queue = OneList();
  queue.kind = QueueOptions::Kind::kSortedSet;
  return queue;
}

QueueOptions AgedList() {
  QueueOptions queue = OneList();
  queue.age_field = "at";
  return queue;
}

std::string Commands(const QueueOptions& queue) {
  Batch batch;
  AddQueueCommands(queue, kNow, batch);
  EXPECT_EQ(batch.size(), QueueCommandCount(queue));
  std::string words;  // RESP: the arguments are the lines that follow a length
  std::string bytes(batch.bytes());
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t end = bytes.find("\r\n", at);
    const std::string line = bytes.substr(at, end - at);
    if (line[0] == '*') words += words.empty() ? "" : "\n";
    if (line[0] != '*' && line[0] != '$') {
      words += words.empty() || words.back() == '\n' ? line : " " + line;
    }
    at = end + 2;
  }
  return words;
}

Result<QueueOutcome> Read(const QueueOptions& queue, const std::vector<Reply>& replies) {
  JsonFields json;
  EXPECT_EQ(replies.size(), QueueCommandCount(queue));
  return ReadQueue(queue, 3, kNow, replies, json);
}

Queue Known(const QueueOptions& queue, const std::vector<Reply>& replies) {
  auto outcome = Read(queue, replies);
  EXPECT_TRUE(outcome.ok() && outcome->queue);
  return outcome.ok() && outcome->queue ? *outcome->queue : Queue();
}

Problem Unknown(const QueueOptions& queue, const std::vector<Reply>& replies) {
  auto outcome = Read(queue, replies);
  EXPECT_TRUE(outcome.ok() && !outcome->queue && outcome->problems.size() == 1);
  if (!outcome.ok() || outcome->problems.empty()) return {};
  return outcome->problems.front();
}

TEST(RedisQueue, ListIsItsLength) {
  EXPECT_EQ(Commands(OneList()), "LLEN q:a");
  const Queue queue = Known(OneList(), {Number(7)});
  EXPECT_EQ(queue.name, "jobs");
  EXPECT_EQ(queue.db, "3");
  EXPECT_EQ(queue.kind, "list");
  EXPECT_TRUE(queue.declared);
  EXPECT_EQ(queue.ready, 7U);
  EXPECT_FALSE(queue.delayed || queue.in_flight || queue.oldest_message_age_seconds);
  EXPECT_FALSE(queue.has_in_flight);
  EXPECT_FALSE(queue.missing.has_value());
}

TEST(RedisQueue, MissingListIsEmpty) { EXPECT_EQ(Known(OneList(), {Number(0)}).ready, 0U); }

TEST(RedisQueue, KeysAreSummed) {
  QueueOptions queue = OneList();
  queue.keys = {"a", "b", "c"};
  EXPECT_EQ(Known(queue, {Number(1), Number(0), Number(5)}).ready, 6U);
}

TEST(RedisQueue, OneUnknownKeyMakesTheSumUnknown) {
  QueueOptions queue = OneList();
  queue.keys = {"a", "b", "c"};
  const Problem problem = Unknown(queue, {Number(1), WrongType(), Number(5)});
  EXPECT_EQ(problem.object, "jobs");
  EXPECT_EQ(problem.error.kind, ErrorKind::kUnsupported);
  EXPECT_THAT(problem.error.message, HasSubstr("LLEN b"));
}

TEST(RedisQueue, KeyErrorsHaveTheirOwnReason) {
  EXPECT_EQ(Unknown(OneList(), {NoPermission()}).error.kind, ErrorKind::kPermission);
  EXPECT_EQ(Unknown(OneList(), {Nil()}).error.kind, ErrorKind::kProtocol);
  EXPECT_EQ(Unknown(OneList(), {Number(-1)}).error.kind, ErrorKind::kProtocol);
  EXPECT_EQ(Unknown(OneList(), {Text("7")}).error.kind, ErrorKind::kProtocol);
  EXPECT_EQ(Unknown(OneSortedSet(), {WrongType(), WrongType()}).error.kind,
            ErrorKind::kUnsupported);
}

TEST(RedisQueue, ServerThatServesNobodyIsAnErrorNotAQueue) {
  const struct {
    const char* text;
    ErrorKind kind;
  } cases[] = {
      {"LOADING Redis is loading the dataset in memory", ErrorKind::kConnect},
      {"MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
       ErrorKind::kConnect},
      {"CLUSTERDOWN Hash slot not served", ErrorKind::kConnect},
      {"NOAUTH Authentication required.", ErrorKind::kAuth},
      {"MOVED 3999 127.0.0.1:6381", ErrorKind::kUnsupported},
      {"BUSY Redis is busy running a script.", ErrorKind::kTimeout},
  };
  for (const auto& c : cases) {
    auto outcome = Read(OneList(), {Refused(c.text)});
    ASSERT_FALSE(outcome.ok()) << c.text;
    EXPECT_EQ(outcome.error().kind, c.kind) << c.text;
  }
}

TEST(RedisQueue, SortedSetIsSplitAtNow) {
  EXPECT_EQ(Commands(OneSortedSet()),
            "ZCOUNT q:a -inf 1767225600.123456789\n"
            "ZCOUNT q:a (1767225600.123456789 +inf");
  const Queue queue = Known(OneSortedSet(), {Number(2), Number(9)});
  EXPECT_EQ(queue.kind, "zset");
  EXPECT_EQ(queue.ready, 2U);
  EXPECT_EQ(queue.delayed, 9U);
}

TEST(RedisQueue, ScoresMayBeMilliseconds) {
  QueueOptions queue = OneSortedSet();
  queue.score_in_milliseconds = true;
  EXPECT_THAT(Commands(queue), HasSubstr("-inf 1767225600123.456789\n"));
}

TEST(RedisQueue, OfScoresThatAreNoTimesEverythingIsReady) {
  QueueOptions queue = OneSortedSet();
  queue.kind = QueueOptions::Kind::kPriorities;
  EXPECT_EQ(Commands(queue), "ZCARD q:a");
  const Queue read = Known(queue, {Number(100)});
  EXPECT_EQ(read.kind, "zset");
  EXPECT_EQ(read.ready, 100U);
  EXPECT_EQ(read.delayed, std::nullopt);
}

TEST(RedisQueue, InFlightIsReadByItsKind) {
  using K = QueueOptions::InFlightKind;
  for (auto [kind, command] : {std::pair(K::kList, "LLEN"), std::pair(K::kSortedSet, "ZCARD"),
                               std::pair(K::kHash, "HLEN")}) {
    QueueOptions queue = OneList();
    queue.in_flight_key = "busy";
    queue.in_flight_kind = kind;
    EXPECT_EQ(Commands(queue), std::string("LLEN q:a\n") + command + " busy");
    const Queue read = Known(queue, {Number(1), Number(4)});
    EXPECT_TRUE(read.has_in_flight);
    EXPECT_EQ(read.in_flight, 4U);
  }
}

TEST(RedisQueue, UnknownInFlightLeavesReadyKnown) {
  QueueOptions queue = OneList();
  queue.in_flight_key = "busy";
  auto outcome = Read(queue, {Number(1), WrongType()});
  ASSERT_TRUE(outcome.ok() && outcome->queue);
  EXPECT_EQ(outcome->queue->ready, 1U);
  EXPECT_TRUE(outcome->queue->has_in_flight);
  EXPECT_FALSE(outcome->queue->in_flight.has_value());
  ASSERT_EQ(outcome->problems.size(), 1U);
  EXPECT_THAT(outcome->problems[0].error.message, HasSubstr("LLEN busy"));
}

TEST(RedisQueueAge, AsksForTheEndWhereTheOldestIs) {
  QueueOptions queue = AgedList();
  EXPECT_THAT(Commands(queue), HasSubstr("LINDEX q:a -1"));
  queue.oldest_at_tail = false;
  EXPECT_THAT(Commands(queue), HasSubstr("LINDEX q:a 0"));
  queue.kind = QueueOptions::Kind::kSortedSet;
  EXPECT_THAT(Commands(queue), HasSubstr("ZRANGEBYSCORE q:a -inf 1767225600.123456789 LIMIT 0 1"));
}

TEST(RedisQueueAge, IsSinceTheOldestMessage) {
  const Queue queue = Known(AgedList(), {Number(2), Text(R"({"id":1,"at":1767225590.123456789})")});
  EXPECT_NEAR(queue.oldest_message_age_seconds.value_or(-1), 10, 1e-6);
}

TEST(RedisQueueAge, IsZeroWhenEmptyAndNeverNegative) {
  EXPECT_EQ(Known(AgedList(), {Number(0), Nil()}).oldest_message_age_seconds, 0.0);
  EXPECT_EQ(Known(AgedList(), {Number(1), Text(R"({"at":"2026-01-01T23:00:00Z"})")})
                .oldest_message_age_seconds,
            0.0);
  QueueOptions zset = AgedList();
  zset.kind = QueueOptions::Kind::kSortedSet;
  EXPECT_EQ(Known(zset, {Number(0), Number(5), List({})}).oldest_message_age_seconds, 0.0);
}

TEST(RedisQueueAge, UnreadableAgeIsAbsentAndSaidOnce) {
  QueueOptions queue = AgedList();
  queue.keys = {"a", "b", "c"};
  const Reply good = Text(R"({"at":1767225500})");
  for (const char* bad : {"17", R"({"when":1})", R"({"at":"soon"})", R"({"at":1767225500)",
                          R"({"at":0})", R"({"at":86400.5})", R"({"at":"2026-01-03T00:00:00Z"})"}) {
    auto outcome = Read(queue, {Number(1), good, Number(1), Text(bad), Number(1), Text(bad)});
    ASSERT_TRUE(outcome.ok() && outcome->queue) << bad;
    EXPECT_EQ(outcome->queue->ready, 3U);
    EXPECT_FALSE(outcome->queue->oldest_message_age_seconds.has_value()) << bad;
    ASSERT_EQ(outcome->problems.size(), 1U) << bad;
    EXPECT_EQ(outcome->problems[0].error.kind, ErrorKind::kProtocol);
    EXPECT_THAT(outcome->problems[0].error.message, HasSubstr("oldest message of b"));
  }
}

TEST(RedisQueueAge, OfSeveralKeysTheLargestCounts) {
  QueueOptions queue = AgedList();
  queue.keys = {"a", "b", "c"};
  const Queue read = Known(queue, {Number(1), Text(R"({"at":1767225599})"), Number(1),
                                   Text(R"({"at":1767225500})"), Number(0), Nil()});
  EXPECT_NEAR(read.oldest_message_age_seconds.value_or(-1), 100.12, 0.01);
}

TEST(RedisListLength, TellsANumberFromNoListFromARefusal) {
  EXPECT_EQ(*ReadListLength(Number(4), "k"), std::optional<std::uint64_t>(4));
  EXPECT_EQ(*ReadListLength(WrongType(), "k"), std::optional<std::uint64_t>());
  EXPECT_EQ(ReadListLength(NoPermission(), "k").error().kind, ErrorKind::kPermission);
}

}  // namespace
}  // namespace headroom::redis
