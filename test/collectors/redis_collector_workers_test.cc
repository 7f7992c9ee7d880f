// The workers that the collector counts in a real redis-server.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>

#include "collectors/redis/collector.h"
#include "test/collectors/redis_collector_fixture.h"
#include "test/support/redis_server.h"

namespace headroom::redis {
namespace {

using std::chrono::seconds;
using test::RedisServer;

TEST_F(RedisCollectorTest, WorkersAreCountedWhateverTheirRecords) {
  RedisServer server;
  server.Do({"HSET", "w:hash", "state", "working", "at", Now()});
  server.Do({"SET", "w:json", fmt::format(R"({{"state":"idle","at":{}}})", Now())});
  server.Do({"HSET", "w:lingering", "state", "working", "at", Now(std::chrono::hours(2))});
  server.Do({"SET", "w:text", "busy"});
  server.Do({"RPUSH", "w:queue", "1"});
  DeclareGroup("w:*");
  Watch(server);
  EXPECT_TRUE(Good().worker_groups.empty());  // nobody has looked yet
  ASSERT_TRUE(WholePass().ok());
  for (int run = 0; run < 3; ++run) {
    const Reading reading = Good();
    EXPECT_EQ(Workers(reading), "idle 1+0 working 1+1 other 0+1 ");
    EXPECT_NEAR(*reading.worker_groups[0].oldest_heartbeat_age_seconds, 7200, 5);
  }
}

TEST_F(RedisCollectorTest, TimeToLiveIsAHeartbeat) {
  RedisServer server;
  server.Do({"HSET", "w:fresh", "state", "idle"});
  server.Do({"PEXPIRE", "w:fresh", "60000"});
  server.Do({"HSET", "w:late", "state", "working"});
  server.Do({"PEXPIRE", "w:late", "20000"});
  server.Do({"HSET", "w:forever", "state", "idle"});
  WorkerOptions& group = DeclareGroup("w:*");
  group.heartbeat_field.clear();
  group.heartbeat_ttl = seconds(60);
  group.stale_after = seconds(30);
  Watch(server);
  ASSERT_TRUE(WholePass().ok());
  const Reading reading = Good();
  EXPECT_EQ(Workers(reading), "idle 1+1 working 0+1 other 0+0 ");
  EXPECT_NEAR(*reading.worker_groups[0].oldest_heartbeat_age_seconds, 40, 3);
}

TEST_F(RedisCollectorTest, MembersNeedNoDiscovery) {
  RedisServer server;
  server.Do({"SADD", "names", "a", "b", "gone"});
  server.Do({"HSET", "a", "state", "idle", "at", Now()});
  server.Do({"HSET", "b", "state", "idle", "at", Now()});
  WorkerOptions& group = DeclareGroup("");
  group.members = "names";
  Watch(server);
  EXPECT_FALSE(collector_->NextDiscovery().has_value());
  EXPECT_TRUE(collector_->Discovered());
  EXPECT_EQ(Workers(Good()), "idle 2+0 working 0+0 other 0+0 ");
  server.Do({"SREM", "names", "a"});
  EXPECT_EQ(Workers(Good()), "idle 1+0 working 0+0 other 0+0 ");
  server.Do({"DEL", "names"});
  EXPECT_EQ(Workers(Good()), "idle 0+0 working 0+0 other 0+0 ");
  server.Do({"SET", "names", "x"});
  const Reading reading = Good();
  EXPECT_TRUE(reading.worker_groups.empty());
  ASSERT_EQ(reading.problems.size(), 1U);
  EXPECT_EQ(reading.problems[0].object, "g");
}

TEST_F(RedisCollectorTest, GroupIsUnknownOnceDiscoveryHasFailedForLong) {
  RedisServer server;
  server.Do({"HSET", "w:old", "state", "idle", "at", Now()});
  DeclareGroup("w:*");
  Watch(server);
  ASSERT_TRUE(WholePass().ok());
  server.Do({"ACL", "SETUSER", "default", "-scan"});
  ASSERT_FALSE(collector_->DiscoverSlice(Soon()).ok());
  server.Do({"RENAME", "w:old", "w:new"});
  clock_.Advance(seconds(80));
  EXPECT_EQ(Workers(Good()), "idle 0+0 working 0+0 other 0+0 ");
  clock_.Advance(seconds(20));
  const Reading reading = Good();
  EXPECT_TRUE(reading.worker_groups.empty());
  EXPECT_EQ(FindPart(reading, "workers"), nullptr);
  ASSERT_EQ(reading.problems.size(), 1U);
  EXPECT_EQ(reading.problems[0].object, "g");
  EXPECT_EQ(reading.problems[0].error.kind, ErrorKind::kPermission);
  server.Do({"ACL", "SETUSER", "default", "+scan"});
  ASSERT_TRUE(WholePass().ok());
  EXPECT_EQ(Workers(Good()), "idle 0+1 working 0+0 other 0+0 ");
}

TEST_F(RedisCollectorTest, HalfFinishedScanNeverShowsFewerWorkers) {
  RedisServer server;
  server.Do({"DEBUG", "POPULATE", "20000", "other"});
  for (int i = 0; i < 30; ++i) {
    server.Do({"HSET", fmt::format("w:{}", i), "state", "idle", "at", Now()});
  }
  DeclareGroup("w:*");
  Watch(server);
  ASSERT_TRUE(WholePass().ok());
  clock_.Advance(seconds(30));
  while (*collector_->NextDiscovery() - clock_.Now() < seconds(1)) {
    ASSERT_TRUE(collector_->DiscoverSlice(Soon()).ok());
    ASSERT_EQ(Workers(Good()), "idle 30+0 working 0+0 other 0+0 ");
  }
}

TEST_F(RedisCollectorTest, RenamedAndNewWorkersAreFollowed) {
  RedisServer server;
  server.Do({"HSET", "w:a", "state", "idle", "at", Now()});
  server.Do({"HSET", "w:b", "state", "idle", "at", Now()});
  DeclareGroup("w:*");
  Watch(server);
  ASSERT_TRUE(WholePass().ok());
  server.Do({"RENAME", "w:a", "w:c"});
  EXPECT_EQ(Workers(Good()), "idle 1+0 working 0+0 other 0+0 ");
  clock_.Advance(seconds(30));
  ASSERT_TRUE(WholePass().ok());
  EXPECT_EQ(Workers(Good()), "idle 2+0 working 0+0 other 0+0 ");
}

}  // namespace
}  // namespace headroom::redis
