// The collector as a user of a real redis-server that may not do everything.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "collectors/redis/collector.h"
#include "test/collectors/redis_collector_fixture.h"
#include "test/support/redis_server.h"

namespace headroom::redis {
namespace {

using test::RedisServer;
using testing::HasSubstr;

TEST_F(RedisCollectorTest, KeysThatTheUserMayNotReadAreUnknownAndAllOfThemFailTheRun) {
  RedisServer server;
  server.Do({"RPUSH", "open:a", "1"});
  server.Do({"RPUSH", "secret:a", "1"});
  server.Do({"ACL", "SETUSER", "default", "resetkeys", "~open:*"});
  DeclareList("open:a");
  DeclareList("secret:a");
  Watch(server);
  const Reading reading = Good();
  EXPECT_EQ(Find(reading, "open:a")->ready, 1U);
  EXPECT_EQ(Find(reading, "secret:a"), nullptr);
  ASSERT_EQ(reading.problems.size(), 1U);
  EXPECT_EQ(reading.problems[0].error.kind, ErrorKind::kPermission);

  options_.queues.erase(options_.queues.begin());
  Watch(server);
  auto refused = Run();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::kPermission);
}

TEST_F(RedisCollectorTest, RefusalsOfWhichOnlySomeAreForLackOfRightsFailNoRun) {
  RedisServer server;
  server.Do({"SET", "open:text", "x"});
  server.Do({"ACL", "SETUSER", "default", "resetkeys", "~open:*"});
  DeclareList("open:text");
  DeclareList("secret:a");
  Watch(server);
  const Reading reading = Good();
  EXPECT_TRUE(reading.queues.empty());
  ASSERT_EQ(reading.problems.size(), 2U);
  EXPECT_EQ(reading.problems[0].error.kind, ErrorKind::kUnsupported);
  EXPECT_EQ(reading.problems[1].error.kind, ErrorKind::kPermission);
}

// The line of docs/collectors/redis.md.
TEST_F(RedisCollectorTest, DocumentedRightsSuffice) {
  RedisServer server;
  server.Do({"ACL",    "SETUSER",         "headroom", "on",     ">pw",   "~*",      "-@all",
             "+info",  "+client|setname", "+select",  "+scan",  "+llen", "+lindex", "+zcount",
             "+zcard", "+zrangebyscore",  "+hlen",    "+hmget", "+get",  "+pttl",   "+smembers"});
  server.Do({"HSET", "w:1", "state", "idle", "at", Now()});
  server.Do({"SET", "w:2", R"({"state":"idle"})"});
  server.Do({"SADD", "names", "w:1", "w:gone"});
  using K = QueueOptions::InFlightKind;
  for (auto kind : {K::kList, K::kSortedSet, K::kHash}) {
    for (auto type : {QueueOptions::Kind::kList, QueueOptions::Kind::kSortedSet}) {
      DeclareList(fmt::format("q{}", options_.queues.size()));
      QueueOptions& queue = options_.queues.back();
      queue.kind = type;
      queue.age_field = "at";
      queue.in_flight_key = "busy";
      queue.in_flight_kind = kind;
    }
  }
  options_.list_patterns = {"list:*"};
  DeclareGroup("w:*");
  WorkerOptions& members = DeclareGroup("");
  members.group = "m";
  members.members = "names";
  options_.client.user = "headroom";
  options_.client.db = 1;
  options_.client.password.from = SecretSource::From::kLiteral;
  options_.client.password.literal = Secret("pw");
  for (int db : {1, 0}) {
    options_.client.db = db;
    Watch(server);
    ASSERT_TRUE(WholePass().ok());
    const Reading reading = Good();
    EXPECT_TRUE(reading.problems.empty());
    for (const Part& part : reading.parts) EXPECT_FALSE(part.error.has_value()) << part.name;
  }
  EXPECT_EQ(Workers(Good()), "idle 1+1 working 0+0 other 0+0 idle 1+0 working 0+0 other 0+0 ");
}

// The table of docs/collectors/redis.md: what each feature needs on top of the connection's own.
class RedisRights : public RedisCollectorTest {
 protected:
  void SetUp() override {
    RedisCollectorTest::SetUp();
    if (IsSkipped()) return;
    server_ = std::make_unique<RedisServer>();
    server_->Do({"LPUSH", "list", fmt::format(R"({{"at":{}}})", Now())});
    server_->Do({"ZADD", "zset", "1", fmt::format(R"({{"at":{}}})", Now())});
    server_->Do({"HSET", "hash", "field", "x"});
    server_->Do({"HSET", "w:hash", "state", "idle", "at", Now()});
    server_->Do({"HSET", "w:other", "name", "x"});
    server_->Do({"SET", "w:json", fmt::format(R"({{"state":"idle","at":{}}})", Now())});
    server_->Do({"HSET", "w:gone", "state", "idle", "at", Now()});
    server_->Do({"SADD", "names", "w:hash", "w:other", "w:json", "w:gone"});
  }
  QueueOptions& Declare(const std::string& key, QueueOptions::Kind kind) {
    DeclareList(key);
    options_.queues.back().kind = kind;
    return options_.queues.back();
  }
  // With these rights alone everything that `options_` asks for is read, also after a worker's key
  // has vanished.
  Reading ReadWith(const std::vector<std::string_view>& rights) {
    server_->Do({"ACL", "SETUSER", "least", "reset", "on", ">pw", "~*", "+client|setname",
                 "+select", "+info"});
    for (const auto right : rights) server_->Do({"ACL", "SETUSER", "least", right});
    options_.client.user = "least";
    options_.client.password.from = SecretSource::From::kLiteral;
    options_.client.password.literal = Secret("pw");
    Watch(*server_);
    if (collector_->NextDiscovery()) {
      EXPECT_TRUE(WholePass().ok());
    }
    Good();
    server_->Do({"DEL", "w:gone"});
    Reading reading = Good();
    EXPECT_THAT(reading.problems, testing::IsEmpty());
    for (const Part& part : reading.parts) EXPECT_FALSE(part.error.has_value()) << part.name;
    return reading;
  }

  std::unique_ptr<RedisServer> server_;
};

TEST_F(RedisRights, ListsNeedLlenAndTheirAgeLindex) {
  DeclareList("list");
  EXPECT_EQ(ReadWith({"+llen"}).queues.size(), 1U);
  options_.queues[0].age_field = "at";
  EXPECT_TRUE(ReadWith({"+llen", "+lindex"}).queues[0].oldest_message_age_seconds.has_value());
}

TEST_F(RedisRights, SortedSetsNeedZcountAndTheirAgeZrangebyscore) {
  Declare("zset", QueueOptions::Kind::kSortedSet);
  EXPECT_EQ(ReadWith({"+zcount"}).queues.size(), 1U);
  options_.queues[0].age_field = "at";
  EXPECT_TRUE(
      ReadWith({"+zcount", "+zrangebyscore"}).queues[0].oldest_message_age_seconds.has_value());
}

TEST_F(RedisRights, SortedSetsInOrderOfPriorityNeedZcard) {
  Declare("zset", QueueOptions::Kind::kPriorities);
  EXPECT_EQ(ReadWith({"+zcard"}).queues.at(0).ready, 1U);
}

TEST_F(RedisRights, InFlightNeedsTheCountOfItsKind) {
  QueueOptions& queue = Declare("list", QueueOptions::Kind::kList);
  using K = QueueOptions::InFlightKind;
  for (auto [kind, key, right] :
       {std::tuple(K::kList, "list", "+llen"), std::tuple(K::kSortedSet, "zset", "+zcard"),
        std::tuple(K::kHash, "hash", "+hlen")}) {
    queue.in_flight_key = key;
    queue.in_flight_kind = kind;
    EXPECT_EQ(ReadWith({"+llen", right}).queues.at(0).in_flight, 1U) << right;
  }
}

TEST_F(RedisRights, ListPatternsNeedScanAndLlen) {
  options_.list_patterns = {"lis*"};
  EXPECT_EQ(ReadWith({"+scan", "+llen"}).queues.size(), 1U);
}

TEST_F(RedisRights, WorkersNeedHmgetGetAndPttlTogether) {
  DeclareGroup("w:*");
  EXPECT_EQ(Workers(ReadWith({"+scan", "+hmget", "+get", "+pttl"})),
            "idle 2+0 working 0+0 other 0+1 ");
}

TEST_F(RedisRights, MembersNeedSmembersInPlaceOfScan) {
  DeclareGroup("").members = "names";
  EXPECT_EQ(Workers(ReadWith({"+smembers", "+hmget", "+get", "+pttl"})),
            "idle 2+0 working 0+0 other 0+1 ");
}

TEST_F(RedisCollectorTest, WithoutInfoTheQueuesStand) {
  RedisServer server;
  server.Do({"ACL", "SETUSER", "default", "-info"});
  DeclareList("q:a");
  Watch(server);
  const Reading reading = Good();
  EXPECT_EQ(Find(reading, "q:a")->ready, 0U);
  EXPECT_TRUE(reading.facts.empty());
  EXPECT_TRUE(reading.pools.empty());
  ASSERT_TRUE(FindPart(reading, "server")->error.has_value());
  EXPECT_EQ(FindPart(reading, "server")->error->kind, ErrorKind::kPermission);

  options_.queues.clear();
  Watch(server);
  EXPECT_FALSE(Run().ok());
}

TEST_F(RedisCollectorTest, WithoutScanTheDeclaredQueuesStand) {
  RedisServer server;
  server.Do({"ACL", "SETUSER", "default", "-scan"});
  DeclareList("q:a");
  options_.list_patterns = {"queue:*"};
  Watch(server);
  ASSERT_FALSE(collector_->DiscoverSlice(Soon()).ok());
  const Reading reading = Good();
  EXPECT_EQ(Find(reading, "q:a")->ready, 0U);
  ASSERT_TRUE(FindPart(reading, "discovery")->error.has_value());
  EXPECT_EQ(FindPart(reading, "discovery")->error->kind, ErrorKind::kPermission);
  EXPECT_FALSE(collector_->Discovered());
}

TEST_F(RedisCollectorTest, RefusedDiscoveredListsAreAbsentAndSaidInOneLine) {
  RedisServer server;
  for (const char* key : {"queue:a", "queue:b", "queue:c"}) server.Do({"RPUSH", key, "x"});
  options_.list_patterns = {"queue:*"};
  Watch(server);
  ASSERT_TRUE(WholePass().ok());
  server.Do({"ACL", "SETUSER", "default", "resetkeys", "~queue:b"});
  const Reading reading = Good();
  EXPECT_EQ(reading.queues.size(), 1U);
  ASSERT_EQ(reading.problems.size(), 1U);
  EXPECT_THAT(reading.problems[0].error.message, HasSubstr("and 1 more"));
  server.Do({"ACL", "SETUSER", "default", "resetkeys"});
  auto refused = Run();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::kPermission);
  server.Do({"ACL", "SETUSER", "default", "~*"});
  EXPECT_EQ(Good().queues.size(), 3U);
}

}  // namespace
}  // namespace headroom::redis
