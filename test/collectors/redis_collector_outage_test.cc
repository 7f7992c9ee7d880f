// The collector while a real redis-server cannot answer, and afterwards.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collectors/redis/collector.h"
#include "test/collectors/redis_collector_fixture.h"
#include "test/support/redis_server.h"

namespace headroom::redis {
namespace {

using test::RedisServer;
using testing::HasSubstr;

TEST_F(RedisCollectorTest, ServerThatLoadsItsDataIsDownUntilItHasLoaded) {
  // Ten milliseconds per key, and a look at the connections now and then.
  RedisServer server(
      {"--key-load-delay", "10000", "--loading-process-events-interval-bytes", "1024"});
  server.Do({"DEBUG", "POPULATE", "200", "other", "1000"});
  server.Do({"RPUSH", "q:a", "x"});
  server.Do({"SAVE"});
  DeclareList("q:a");
  Watch(server);
  Good();
  server.Kill();
  server.Start();
  auto reading = Run();
  ASSERT_FALSE(reading.ok());
  EXPECT_EQ(reading.error().kind, ErrorKind::kConnect);
  EXPECT_THAT(reading.error().message, HasSubstr("LOADING"));
  while (!reading.ok() && reading.error().kind == ErrorKind::kConnect) reading = Run();
  ASSERT_TRUE(reading.ok());
  EXPECT_EQ(Find(*reading, "q:a")->ready, 1U);
}

TEST_F(RedisCollectorTest, NobodyWorksOnAServerThatIsStillLoading) {
  RedisServer server(
      {"--key-load-delay", "10000", "--loading-process-events-interval-bytes", "1024"});
  server.Do({"DEBUG", "POPULATE", "200", "other", "1000"});
  server.Do({"SAVE"});
  DeclareGroup("consumer:*");
  Watch(server);
  ASSERT_TRUE(WholePass().ok());
  EXPECT_EQ(Good().worker_groups.size(), 1U);  // none, for sure
  server.Kill();
  server.Start();
  auto reading = Run();
  ASSERT_FALSE(reading.ok());
  EXPECT_EQ(reading.error().kind, ErrorKind::kConnect);
  EXPECT_THAT(reading.error().message, HasSubstr("LOADING"));
}

TEST_F(RedisCollectorTest, AnotherServerHasOtherWorkers) {
  RedisServer server;
  server.Do({"HSET", "consumer:old", "state", "working", "at", Now()});
  DeclareGroup("consumer:*");
  Watch(server);
  ASSERT_TRUE(WholePass().ok());
  EXPECT_EQ(Good().worker_groups.size(), 1U);
  server.Kill();
  EXPECT_FALSE(Run().ok());
  server.Start();
  server.Do({"DEL", "consumer:old"});
  server.Do({"HSET", "consumer:new", "state", "working", "at", Now()});
  EXPECT_EQ(Good().worker_groups.size(), 0U);
  EXPECT_LE(*collector_->NextDiscovery(), clock_.Now());
  ASSERT_TRUE(WholePass().ok());
  EXPECT_EQ(Workers(Good()), "idle 0+0 working 1+0 other 0+0 ");
}

TEST_F(RedisCollectorTest, ADroppedConnectionToTheSameServerCostsNoGroup) {
  RedisServer server;
  server.Do({"HSET", "consumer:1", "state", "working", "at", Now()});
  DeclareGroup("consumer:*");
  Watch(server);
  ASSERT_TRUE(WholePass().ok());
  Good();
  server.Do({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  if (auto cut = Run(); !cut.ok()) cut = Run();
  EXPECT_EQ(Good().worker_groups.size(), 1U);
}

TEST_F(RedisCollectorTest, OneNodeOfAClusterDoesNotKnowAllWorkers) {
  RedisServer server({"--cluster-enabled", "yes"});
  server.Do({"CLUSTER", "ADDSLOTSRANGE", "0", "16383"});
  DeclareGroup("consumer:*");
  Watch(server);
  ASSERT_TRUE(WholePass().ok());
  const Reading reading = Good();
  EXPECT_EQ(reading.worker_groups.size(), 0U);
  ASSERT_EQ(reading.problems.size(), 1U);
  EXPECT_EQ(reading.problems[0].error.kind, ErrorKind::kUnsupported);
  EXPECT_THAT(reading.problems[0].error.message, HasSubstr("Redis Cluster"));
}

TEST_F(RedisCollectorTest, WorkersAloneAreRequired) {
  RedisServer server({"--replicaof", "127.0.0.1", "1", "--replica-serve-stale-data", "no"});
  WorkerOptions& group = DeclareGroup("");
  group.members = "names";
  Watch(server);
  EXPECT_FALSE(Run().ok());
}

TEST_F(RedisCollectorTest, WithoutPasswordTheServerRefuses) {
  RedisServer server({"--requirepass", "pw"});
  DeclareList("q:a");
  Watch(server);
  auto reading = Run();
  ASSERT_FALSE(reading.ok());
  EXPECT_EQ(reading.error().kind, ErrorKind::kAuth);
}

TEST_F(RedisCollectorTest, SurvivesARestartOfTheServer) {
  RedisServer server;
  DeclareList("q:a");
  options_.list_patterns = {"queue:*"};
  Watch(server);
  Good();
  server.Kill();
  EXPECT_FALSE(Run().ok());
  ASSERT_FALSE(collector_->DiscoverSlice(Soon()).ok());
  EXPECT_GT(*collector_->NextDiscovery(), clock_.Now());
  server.Start();
  const Reading reading = Good();
  EXPECT_EQ(Find(reading, "q:a")->ready, 0U);
  EXPECT_EQ(FindPart(reading, "discovery")->error->kind, ErrorKind::kConnect);
  ASSERT_TRUE(WholePass().ok());
  EXPECT_FALSE(FindPart(Good(), "discovery")->error.has_value());
}

}  // namespace
}  // namespace headroom::redis
