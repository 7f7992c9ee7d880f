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
