// Errors of discovery: when it tries again, and from when on a group is unknown.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "collectors/redis/discovery.h"
#include "test/collectors/redis_discovery_fixture.h"
#include "test/collectors/redis_replies.h"

namespace headroom::redis {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::NoPermission;
using test::Refused;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST_F(RedisDiscovery, ErrorsAreRetriedLaterAndLater) {
  for (int expected : {1, 2, 4, 8, 16, 30, 30}) {
    ASSERT_FALSE(Slice(NoPermission()).ok());
    EXPECT_EQ(Subject().Next() - now_, seconds(expected));
    ASSERT_TRUE(Subject().error().has_value());
    EXPECT_EQ(Subject().error()->kind, ErrorKind::kPermission);
  }
  ASSERT_TRUE(Slice(Page("0", {})).ok());
  EXPECT_FALSE(Subject().error().has_value());
  ASSERT_FALSE(Slice(NoPermission()).ok());
  EXPECT_EQ(Subject().Next() - now_, seconds(1));
}

TEST_F(RedisDiscovery, RetriesAreNotLaterThanTheInterval) {
  options_.discovery_interval = seconds(3);
  for (int expected : {1, 2, 3, 3}) {
    ASSERT_FALSE(Slice(NoPermission()).ok());
    EXPECT_EQ(Subject().Next() - now_, seconds(expected));
  }
}

TEST_F(RedisDiscovery, RetriesAreASecondApartHoweverShortTheInterval) {
  options_.discovery_interval = milliseconds(100);
  for (int i = 0; i < 3; ++i) {
    ASSERT_FALSE(Slice(NoPermission()).ok());
    EXPECT_EQ(Subject().Next() - now_, seconds(1));
  }
}

TEST_F(RedisDiscovery, ServerWithoutTypeFilterIsAskedWithoutIt) {
  ASSERT_TRUE(Slice(Refused("ERR syntax error")).ok());
  EXPECT_THAT(Asked(), Not(HasSubstr("TYPE")));
  ASSERT_TRUE(Slice(Page("0", {"queue:a"})).ok());
  EXPECT_THAT(Lists(), ElementsAre("queue:a"));
  ASSERT_FALSE(Slice(Refused("ERR syntax error")).ok());
}

// Who belongs to a group is found by passes alone: once they fail for long, nobody knows.

class RedisDiscoveryOutdated : public RedisDiscovery {
 protected:
  RedisDiscoveryOutdated() {
    options_.list_patterns.clear();
    WithGroup();
  }
  bool OutdatedAt(Duration since_start) {
    return Subject().Outdated(0, kStart + since_start).has_value();
  }
};

TEST_F(RedisDiscoveryOutdated, AfterThreeIntervalsOfErrors) {
  ASSERT_TRUE(Slice(Page("0", {"consumer:1"})).ok());
  ASSERT_FALSE(Slice(NoPermission()).ok());
  EXPECT_FALSE(OutdatedAt(seconds(90)));
  ASSERT_TRUE(OutdatedAt(seconds(91)));
  const Error why = *Subject().Outdated(0, kStart + seconds(91));
  EXPECT_EQ(why.kind, ErrorKind::kPermission);
  EXPECT_THAT(why.message, HasSubstr("NOPERM"));
  ASSERT_TRUE(Slice(Page("0", {"consumer:1"})).ok());
  EXPECT_FALSE(OutdatedAt(seconds(91)));
}

TEST_F(RedisDiscoveryOutdated, NotBeforeAMinuteHoweverShortTheInterval) {
  options_.discovery_interval = milliseconds(100);
  ASSERT_TRUE(Slice(Page("0", {"consumer:1"})).ok());
  ASSERT_FALSE(Slice(NoPermission()).ok());
  EXPECT_FALSE(OutdatedAt(seconds(60)));
  EXPECT_TRUE(OutdatedAt(seconds(61)));
}

TEST_F(RedisDiscoveryOutdated, NotBeforeThreePassesHoweverLongTheyTake) {
  ASSERT_TRUE(Slice(Page("5", {})).ok());
  now_ += seconds(200);
  ASSERT_TRUE(Slice(Page("0", {"consumer:1"})).ok());
  ASSERT_FALSE(Slice(NoPermission()).ok());
  EXPECT_FALSE(OutdatedAt(seconds(600)));
  EXPECT_TRUE(OutdatedAt(seconds(601)));
}

TEST_F(RedisDiscoveryOutdated, WhenEveryPassIsCutOffByALostConnection) {
  ASSERT_TRUE(Slice(Page("0", {"consumer:1"})).ok());
  ASSERT_TRUE(Slice(Page("5", {"consumer:1"})).ok());
  Subject().RestartPass();
  EXPECT_TRUE(OutdatedAt(seconds(91)));
}

TEST_F(RedisDiscoveryOutdated, AfterALongOutageInWhichNoPassWasTried) {
  ASSERT_TRUE(Slice(Page("0", {"consumer:1"})).ok());
  Subject().RestartPass();  // the first connection afterwards
  EXPECT_FALSE(OutdatedAt(seconds(90)));
  EXPECT_TRUE(OutdatedAt(seconds(91)));
  EXPECT_THAT(Subject().Outdated(0, kStart + seconds(91))->message, HasSubstr("connection"));
  ASSERT_TRUE(Slice(Page("0", {"consumer:1"})).ok());
  EXPECT_FALSE(OutdatedAt(seconds(500)));
}

TEST_F(RedisDiscoveryOutdated, NotWhileALongPassGoesOnWithoutErrors) {
  ASSERT_TRUE(Slice(Page("0", {"consumer:1"})).ok());
  ASSERT_TRUE(Slice(Page("5", {"consumer:1"})).ok());
  EXPECT_FALSE(OutdatedAt(seconds(500)));
}

}  // namespace
}  // namespace headroom::redis
