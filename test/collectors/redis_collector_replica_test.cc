// A real redis-server that is a replica and has no link to its primary.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collectors/redis/collector.h"
#include "test/collectors/redis_collector_fixture.h"
#include "test/support/redis_server.h"

namespace headroom::redis {
namespace {

using test::RedisServer;
using testing::Contains;
using testing::HasSubstr;

TEST_F(RedisCollectorTest, ReplicaWithoutItsPrimaryIsDown) {
  RedisServer server({"--replicaof", "127.0.0.1", "1", "--replica-serve-stale-data", "no"});
  DeclareList("q:a");
  Watch(server);
  auto reading = Run();
  ASSERT_FALSE(reading.ok());
  EXPECT_EQ(reading.error().kind, ErrorKind::kConnect);
  EXPECT_THAT(reading.error().message, HasSubstr("MASTERDOWN"));
}

// By default such a replica answers all the same: with what it last had or, as here, with nothing.
TEST_F(RedisCollectorTest, WhatAReplicaSaysWithoutItsPrimaryIsNotBelieved) {
  RedisServer server({"--replicaof", "127.0.0.1", "1"});
  DeclareList("q:a");
  Watch(server);
  auto reading = Run();
  ASSERT_FALSE(reading.ok());
  EXPECT_EQ(reading.error().kind, ErrorKind::kConnect);
  EXPECT_THAT(reading.error().message, HasSubstr("link to its primary is down"));
  server.Do({"REPLICAOF", "NO", "ONE"});
  EXPECT_EQ(Find(Good(), "q:a")->ready, 0U);
}

TEST_F(RedisCollectorTest, WorkersThatAReplicaListsWithoutItsPrimaryAreNotBelieved) {
  RedisServer server({"--replicaof", "127.0.0.1", "1"});
  WorkerOptions& group = DeclareGroup("");
  group.members = "names";
  Watch(server);
  EXPECT_FALSE(Run().ok());
}

TEST_F(RedisCollectorTest, WhoWasFoundOnAReplicaWithoutItsPrimaryIsLookedForAnew) {
  RedisServer server({"--replicaof", "127.0.0.1", "1"});
  DeclareGroup("w:*");
  Watch(server);
  ASSERT_TRUE(WholePass().ok());  // it has no keys yet
  EXPECT_FALSE(Run().ok());
  server.Do({"REPLICAOF", "NO", "ONE"});
  server.Do({"HSET", "w:a", "state", "idle", "at", Now()});
  EXPECT_TRUE(Good().worker_groups.empty());
  EXPECT_TRUE(Good().worker_groups.empty());
  ASSERT_TRUE(WholePass().ok());
  EXPECT_EQ(Workers(Good()), "idle 1+0 working 0+0 other 0+0 ");
}

TEST_F(RedisCollectorTest, FactsOfAReplicaWithoutItsPrimaryStand) {
  RedisServer server({"--replicaof", "127.0.0.1", "1"});
  Watch(server);
  const Reading reading = Good();
  EXPECT_THAT(reading.facts, Contains(testing::Truly([](const Fact& fact) {
                return fact.desc->name == "redis_master_link_up" && fact.value == 0;
              })));
}

}  // namespace
}  // namespace headroom::redis
