// The lists that the collector finds in a real redis-server.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "collectors/redis/collector.h"
#include "test/collectors/redis_collector_fixture.h"
#include "test/support/redis_server.h"

namespace headroom::redis {
namespace {

using test::RedisServer;
using testing::HasSubstr;

TEST_F(RedisCollectorTest, DiscoversListsAmongManyKeys) {
  RedisServer server;
  server.Do({"DEBUG", "POPULATE", "20000", "other"});
  for (int i = 0; i < 50; ++i) server.Do({"RPUSH", fmt::format("queue:{}", i), "x"});
  server.Do({"SET", "queue:string", "x"});
  DeclareList("queue:0");
  options_.list_patterns = {"queue:*", "queue:1*"};
  Watch(server);
  ASSERT_TRUE(collector_->DiscoverSlice(Soon()).ok());
  Reading reading = Good();
  EXPECT_EQ(reading.queues.size(), 1U);  // the declared one: the set is not known yet
  EXPECT_FALSE(reading.discovered_at.has_value());
  ASSERT_TRUE(WholePass().ok());
  EXPECT_TRUE(collector_->Discovered());
  reading = Good();
  EXPECT_EQ(reading.queues.size(), 50U);
  EXPECT_FALSE(Find(reading, "queue:7")->declared);
  EXPECT_TRUE(reading.discovered_at.has_value());
  EXPECT_TRUE(reading.problems.empty());
}

TEST_F(RedisCollectorTest, DiscoveredListStaysAtZeroForPatternTtlAndIsSeenAtOnceWhenItRefills) {
  RedisServer server;
  server.Do({"RPUSH", "queue:a", "x"});
  options_.list_patterns = {"queue:*"};
  Watch(server);
  ASSERT_TRUE(WholePass().ok());
  EXPECT_EQ(Find(Good(), "queue:a")->ready, 1U);
  server.Do({"DEL", "queue:a"});
  clock_.Advance(std::chrono::minutes(59));
  ASSERT_TRUE(WholePass().ok());
  EXPECT_EQ(Find(Good(), "queue:a")->ready, 0U);
  server.Do({"RPUSH", "queue:a", "x", "y"});
  EXPECT_EQ(Find(Good(), "queue:a")->ready, 2U);
  server.Do({"DEL", "queue:a"});
  clock_.Advance(std::chrono::minutes(59));
  EXPECT_EQ(Find(Good(), "queue:a")->ready, 0U);
  clock_.Advance(std::chrono::minutes(2));
  EXPECT_EQ(Find(Good(), "queue:a"), nullptr);
}

TEST_F(RedisCollectorTest, DiscoveredListWithTheNameOfADeclaredQueueIsAProblem) {
  RedisServer server;
  server.Do({"RPUSH", "mail", "x"});
  server.Do({"RPUSH", "mail:pending", "x", "y"});
  DeclareList("mail");
  options_.queues[0].keys = {"mail:pending"};
  options_.list_patterns = {"mail*"};
  Watch(server);
  ASSERT_TRUE(WholePass().ok());
  const Reading reading = Good();
  ASSERT_EQ(reading.queues.size(), 1U);
  EXPECT_EQ(reading.queues[0].ready, 2U);
  ASSERT_EQ(reading.problems.size(), 1U);
  EXPECT_EQ(reading.problems[0].object, "mail");
  EXPECT_THAT(reading.problems[0].error.message, HasSubstr("declared queue"));
}

TEST_F(RedisCollectorTest, PartOfWhichNothingCouldBeAskedYetIsNotThere) {
  RedisServer server;
  server.Do({"HSET", "w:a", "state", "idle", "at", Now()});
  options_.list_patterns = {"queue:*"};
  DeclareGroup("w:*");
  Watch(server);
  Reading reading = Good();
  EXPECT_EQ(FindPart(reading, "queues"), nullptr);
  EXPECT_EQ(FindPart(reading, "workers"), nullptr);
  EXPECT_NE(FindPart(reading, "server"), nullptr);
  EXPECT_NE(FindPart(reading, "discovery"), nullptr);
  ASSERT_TRUE(WholePass().ok());
  reading = Good();
  EXPECT_NE(FindPart(reading, "queues"), nullptr);
  EXPECT_NE(FindPart(reading, "workers"), nullptr);
}

TEST_F(RedisCollectorTest, DiscoveredKeyThatBecomesAnotherTypeIsNoQueue) {
  RedisServer server;
  server.Do({"RPUSH", "queue:a", "x"});
  options_.list_patterns = {"queue:*"};
  Watch(server);
  ASSERT_TRUE(WholePass().ok());
  server.Do({"SET", "queue:a", "x"});
  const Reading reading = Good();
  EXPECT_TRUE(reading.queues.empty());
  EXPECT_TRUE(reading.problems.empty());
}

}  // namespace
}  // namespace headroom::redis
