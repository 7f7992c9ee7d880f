// What the collector reads of a real redis-server, and what a run costs it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <map>
#include <string>

#include "collectors/redis/collector.h"
#include "test/collectors/redis_collector_fixture.h"
#include "test/support/redis_server.h"

namespace headroom::redis {
namespace {

using std::chrono::seconds;
using test::RedisServer;

std::map<std::string, std::string> CommandCalls(RedisServer& server) {
  const Reply reply = server.Do({"INFO", "commandstats"});
  std::map<std::string, std::string> calls;
  std::size_t at = 0;
  while ((at = reply.text.find("cmdstat_", at)) != std::string::npos) {
    const std::size_t colon = reply.text.find(':', at);
    const std::size_t comma = reply.text.find(',', at);
    calls[reply.text.substr(at + 8, colon - at - 8)] =
        reply.text.substr(colon + 7, comma - colon - 7);
    at = comma;
  }
  return calls;
}

TEST_F(RedisCollectorTest, ReadsListsSortedSetsAndTheServer) {
  RedisServer server;
  server.Do({"RPUSH", "q:a", "1", "2", "3"});
  server.Do({"ZADD", "later", "1", "due", "99999999999", "not due"});
  DeclareList("q:a");
  DeclareList("q:empty");
  DeclareList("later");
  options_.queues.back().kind = QueueOptions::Kind::kSortedSet;
  Watch(server);
  const Reading reading = Good();
  EXPECT_EQ(Find(reading, "q:a")->ready, 3U);
  EXPECT_EQ(Find(reading, "q:empty")->ready, 0U);
  EXPECT_EQ(Find(reading, "later")->ready, 1U);
  EXPECT_EQ(Find(reading, "later")->delayed, 1U);
  EXPECT_TRUE(reading.problems.empty());
  ASSERT_EQ(reading.pools.size(), 1U);
  EXPECT_EQ(reading.pools[0].connections[0].count, 2U);
  EXPECT_EQ(reading.pools[0].max_connections, 10'000U);
  EXPECT_GT(reading.facts.size(), 20U);
}

TEST_F(RedisCollectorTest, WrongTypeIsOneAbsentQueue) {
  RedisServer server;
  server.Do({"SET", "q:a", "x"});
  server.Do({"RPUSH", "q:b", "1"});
  DeclareList("q:a");
  DeclareList("q:b");
  Watch(server);
  const Reading reading = Good();
  EXPECT_EQ(Find(reading, "q:a"), nullptr);
  EXPECT_EQ(Find(reading, "q:b")->ready, 1U);
  ASSERT_EQ(reading.problems.size(), 1U);
  EXPECT_EQ(reading.problems[0].object, "q:a");
  EXPECT_EQ(reading.problems[0].queue, "q:a");
  EXPECT_EQ(reading.problems[0].error.kind, ErrorKind::kUnsupported);
}

TEST_F(RedisCollectorTest, AgeIsThatOfTheOldestMessage) {
  RedisServer server;
  for (int ago : {90, 60, 30}) {
    server.Do({"LPUSH", "jobs", fmt::format(R"({{"at":{}}})", Now(seconds(ago)))});
  }
  DeclareList("jobs");
  options_.queues[0].age_field = "at";
  Watch(server);
  EXPECT_NEAR(*Find(Good(), "jobs")->oldest_message_age_seconds, 90, 5);
}

TEST_F(RedisCollectorTest, ARunCostsTheSameWhateverElseTheServerHolds) {
  RedisServer server;
  server.Do({"RPUSH", "queue:a", "x"});
  server.Do({"HSET", "w:a", "state", "idle", "at", Now()});
  DeclareList("q:a");
  options_.list_patterns = {"queue:*"};
  DeclareGroup("w:*");
  Watch(server);
  ASSERT_TRUE(WholePass().ok());
  std::map<std::string, std::string> calls[2];
  for (auto& after : calls) {
    server.Do({"CONFIG", "RESETSTAT"});
    Good();
    after = CommandCalls(server);
    server.Do({"DEBUG", "POPULATE", "100000", "other"});
  }
  EXPECT_EQ(calls[0], calls[1]);
  EXPECT_EQ(calls[0].at("llen"), "2");
  EXPECT_EQ(calls[0].at("hmget"), "1");
  EXPECT_EQ(calls[0].count("scan"), 0U);
}

}  // namespace
}  // namespace headroom::redis
