// Which keys are known after which passes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "collectors/redis/discovery.h"
#include "test/collectors/redis_discovery_fixture.h"
#include "test/collectors/redis_replies.h"

namespace headroom::redis {
namespace {

using std::chrono::seconds;
using test::List;
using test::Nil;
using test::Text;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST_F(RedisDiscovery, NothingToDoWithoutPatterns) {
  options_.list_patterns.clear();
  EXPECT_FALSE(Subject().HasWork());
  EXPECT_TRUE(Subject().Complete());
}

TEST_F(RedisDiscovery, FirstPassIsDueAtOnceAndAsksForListsOnly) {
  EXPECT_EQ(Subject().Next(), kStart);
  EXPECT_THAT(Asked(), HasSubstr("SCAN $1 0 $5 MATCH $7 queue:* $5 COUNT $4 1000 $4 TYPE $4 list"));
}

TEST_F(RedisDiscovery, NothingIsKnownBeforeTheFirstPassIsWhole) {
  ASSERT_TRUE(Slice(Page("17", {"queue:a"})).ok());
  EXPECT_EQ(Subject().Lists(), nullptr);
  EXPECT_FALSE(Subject().Complete());
  EXPECT_FALSE(Subject().completed_at().has_value());
  EXPECT_THAT(Asked(), HasSubstr("SCAN $2 17 "));
  ASSERT_TRUE(Slice(Page("0", {"queue:b"})).ok());
  EXPECT_THAT(Lists(), ElementsAre("queue:a", "queue:b"));
  EXPECT_TRUE(Subject().Complete());
  EXPECT_EQ(Subject().completed_at(), kStart);
}

TEST_F(RedisDiscovery, NewKeysOfALaterPassAreKnownAtOnce) {
  ASSERT_TRUE(Slice(Page("0", {"queue:a"})).ok());
  ASSERT_TRUE(Slice(Page("5", {"queue:new"})).ok());
  EXPECT_THAT(Lists(), ElementsAre("queue:a", "queue:new"));
  EXPECT_EQ(Subject().completed_at(), kStart);
}

TEST_F(RedisDiscovery, NextPassBeginsAnIntervalAfterTheLastBegan) {
  ASSERT_TRUE(Slice(Page("9", {})).ok());
  now_ += seconds(4);
  ASSERT_TRUE(Slice(Page("0", {})).ok());
  EXPECT_EQ(Subject().Next(), kStart + seconds(30));
}

TEST_F(RedisDiscovery, PassLongerThanTheIntervalIsFollowedAtOnce) {
  ASSERT_TRUE(Slice(Page("9", {})).ok());
  now_ += seconds(40);
  ASSERT_TRUE(Slice(Page("0", {})).ok());
  EXPECT_EQ(Subject().Next(), now_);
}

TEST_F(RedisDiscovery, KeysOfDeclaredQueuesAreNotFoundAgain) {
  QueueOptions queue;
  queue.keys = {"queue:a", "queue:b"};
  queue.in_flight_key = "queue:busy";
  options_.queues.push_back(queue);
  ASSERT_TRUE(Slice(Page("0", {"queue:a", "queue:b", "queue:busy", "queue:c"})).ok());
  EXPECT_THAT(Lists(), ElementsAre("queue:c"));
}

TEST_F(RedisDiscovery, PatternsAreWalkedOneAfterTheOther) {
  options_.list_patterns.push_back("jobs:*");
  WithGroup();
  ASSERT_TRUE(Slice(Page("0", {"queue:a"})).ok());
  EXPECT_EQ(Subject().Lists(), nullptr);  // jobs:* may be lists too
  EXPECT_THAT(Asked(), HasSubstr("jobs:*"));
  ASSERT_TRUE(Slice(Page("0", {"jobs:a"})).ok());
  EXPECT_THAT(Lists(), ElementsAre("jobs:a", "queue:a"));
  EXPECT_FALSE(Subject().Complete());
  EXPECT_EQ(Subject().Group(0), nullptr);
  EXPECT_THAT(Asked(), HasSubstr("consumer:*"));
  EXPECT_THAT(Asked(), Not(HasSubstr("TYPE")));
  ASSERT_TRUE(Slice(Page("0", {"consumer:1"})).ok());
  ASSERT_NE(Subject().Group(0), nullptr);
  EXPECT_TRUE(Subject().Group(0)->contains("consumer:1"));
  EXPECT_TRUE(Subject().Complete());
}

TEST_F(RedisDiscovery, WorkerThatIsGoneIsForgottenAfterAWholePassWithoutIt) {
  options_.list_patterns.clear();
  WithGroup();
  ASSERT_TRUE(Slice(Page("0", {"consumer:1", "consumer:2"})).ok());
  Subject().Group(0)->at("consumer:1").gone = true;
  ASSERT_TRUE(Slice(Page("8", {"consumer:2"})).ok());
  EXPECT_EQ(Subject().Group(0)->size(), 2U);
  ASSERT_TRUE(Slice(Page("0", {})).ok());
  EXPECT_EQ(Subject().Group(0)->size(), 1U);
  EXPECT_TRUE(Subject().Group(0)->contains("consumer:2"));
}

TEST_F(RedisDiscovery, PassThatFailsHalfwayForgetsNobody) {
  options_.list_patterns.clear();
  WithGroup();
  ASSERT_TRUE(Slice(Page("0", {"consumer:1", "consumer:2"})).ok());
  Subject().Group(0)->at("consumer:1").gone = true;
  ASSERT_TRUE(Slice(Page("8", {"consumer:3"})).ok());
  Subject().Fail(Error{ErrorKind::kTimeout, "late"}, now_);
  EXPECT_EQ(Subject().Group(0)->size(), 3U);
  EXPECT_EQ(Subject().completed_at(), kStart);
  EXPECT_THAT(Asked(), HasSubstr("SCAN $1 0 "));
}

TEST_F(RedisDiscovery, WorkerThatAPassDidNotSeeButARunReadsStays) {
  options_.list_patterns.clear();
  WithGroup();
  ASSERT_TRUE(Slice(Page("0", {"consumer:1"})).ok());
  ASSERT_TRUE(Slice(Page("0", {})).ok());
  EXPECT_EQ(Subject().Group(0)->size(), 1U);
}

TEST_F(RedisDiscovery, ANewConnectionBeginsThePassAnew) {
  ASSERT_TRUE(Slice(Page("17", {"queue:a"})).ok());
  Subject().RestartPass();
  EXPECT_THAT(Asked(), HasSubstr("SCAN $1 0 "));
  ASSERT_TRUE(Slice(Page("0", {})).ok());
  EXPECT_GT(*Subject().completed_at(), kStart);
}

TEST_F(RedisDiscovery, AnswersThatAreNoPageAreRefused) {
  for (const Reply& reply :
       {Nil(), Text("0"), List({}), List({Text("0")}), List({Text("x"), List({})}),
        List({Text("0"), Text("queue:a")}), List({Text("0"), List({Nil()})})}) {
    Status status = Slice(reply);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().kind, ErrorKind::kProtocol);
  }
  EXPECT_FALSE(Subject().Complete());
}

}  // namespace
}  // namespace headroom::redis
