// More keys than discovery keeps.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "collectors/redis/discovery.h"
#include "collectors/redis/group_reader.h"
#include "test/collectors/redis_discovery_fixture.h"

namespace headroom::redis {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> Many(const std::string& prefix, std::size_t count) {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < count; ++i) keys.push_back(prefix + std::to_string(i));
  return keys;
}

TEST_F(RedisDiscovery, MoreListsThanTheCapAreAnErrorAndKeepWhatIsKnown) {
  ASSERT_TRUE(Slice(Page("0", Many("queue:", kMaxKeys))).ok());
  ASSERT_TRUE(Slice(Page("4", {"queue:1"})).ok());  // an old acquaintance
  ASSERT_TRUE(Slice(Page("0", {"queue:one too many"})).ok());
  ASSERT_TRUE(Subject().error().has_value());
  EXPECT_EQ(Subject().error()->kind, ErrorKind::kProtocol);
  EXPECT_THAT(Subject().error()->message, HasSubstr("100000"));
  EXPECT_EQ(Subject().Lists()->size(), kMaxKeys);
  EXPECT_EQ(Subject().completed_at(), kStart);
  EXPECT_EQ(Subject().Next(), kStart + seconds(60));
}

TEST_F(RedisDiscovery, GroupOverTheCapIsUnknownUntilAPassFindsFewer) {
  options_.list_patterns.clear();
  WithGroup();
  ASSERT_TRUE(Slice(Page("0", Many("consumer:", kMaxKeys))).ok());
  ASSERT_TRUE(Slice(Page("4", {"consumer:1"})).ok());
  ASSERT_TRUE(Slice(Page("9", {"consumer:one too many"})).ok());
  EXPECT_EQ(Subject().Group(0), nullptr);
  ASSERT_TRUE(Subject().error().has_value());
  EXPECT_THAT(Subject().error()->message, HasSubstr("consumer:*"));
  EXPECT_TRUE(Subject().Complete());  // it has been looked for
  ASSERT_TRUE(Slice(Page("0", {"consumer:1"})).ok());
  ASSERT_NE(Subject().Group(0), nullptr);
  EXPECT_EQ(Subject().Group(0)->size(), 1U);
  EXPECT_FALSE(Subject().error().has_value());
}

TEST_F(RedisDiscovery, WorkersThatAreGoneMakeRoomForNewOnes) {
  options_.list_patterns.clear();
  WithGroup();
  ASSERT_TRUE(Slice(Page("0", Many("consumer:", kMaxKeys))).ok());
  for (auto& [key, known] : *Subject().Group(0)) known.gone = true;
  ASSERT_TRUE(Slice(Page("4", {"consumer:0", "consumer:new"})).ok());
  ASSERT_NE(Subject().Group(0), nullptr);
  EXPECT_THAT(Names(*Subject().Group(0)), ElementsAre("consumer:0", "consumer:new"));
}

TEST_F(RedisDiscovery, PatternOverTheCapStarvesNeitherListsNorOtherGroups) {
  WithGroup();
  WithGroup();
  options_.workers[1].pattern = "other:*";
  for (int pass = 0; pass < 2; ++pass) {
    ASSERT_TRUE(Slice(Page("0", {"queue:a" + std::to_string(pass)})).ok());
    ASSERT_TRUE(Slice(Page("5", Many("consumer:", kMaxKeys + 1))).ok());
    EXPECT_THAT(Asked(), HasSubstr("SCAN $1 0 $5 MATCH $7 other:*"));
    ASSERT_TRUE(Slice(Page("0", {"other:" + std::to_string(pass)})).ok());
    EXPECT_EQ(Subject().Group(0), nullptr);
  }
  EXPECT_THAT(Lists(), ElementsAre("queue:a0", "queue:a1"));
  EXPECT_THAT(Names(*Subject().Group(1)), ElementsAre("other:0", "other:1"));
  EXPECT_FALSE(Subject().completed_at().has_value());
}

TEST_F(RedisDiscovery, KeysOfAFirstPassThatFailedAreNotCountedTwice) {
  ASSERT_TRUE(Slice(Page("7", Many("queue:old", kMaxKeys))).ok());
  Subject().Fail(Error{ErrorKind::kTimeout, "late"}, now_);
  ASSERT_TRUE(Slice(Page("0", {"queue:a"})).ok());
  ASSERT_NE(Subject().Lists(), nullptr);
  EXPECT_THAT(Lists(), ElementsAre("queue:a"));
}

TEST_F(RedisDiscovery, NamesAreCappedByTheirBytesToo) {
  options_.list_patterns.clear();
  WithGroup();
  const std::string long_name(kMaxNameBytes / 4, 'x');
  ASSERT_TRUE(Slice(Page("1", Many(long_name, 3))).ok());
  ASSERT_TRUE(Slice(Page("0", {"consumer:1"})).ok());
  EXPECT_EQ(Subject().Group(0)->size(), 4U);
  ASSERT_TRUE(Slice(Page("0", Many("b" + long_name, 1))).ok());
  EXPECT_EQ(Subject().Group(0), nullptr);
  ASSERT_TRUE(Subject().error().has_value());
  EXPECT_THAT(Subject().error()->message, HasSubstr("67108864 bytes"));
}

}  // namespace
}  // namespace headroom::redis
