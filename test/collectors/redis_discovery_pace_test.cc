// How large the slices of a pass are, and how far apart.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "collectors/redis/discovery.h"
#include "test/collectors/redis_discovery_fixture.h"

namespace headroom::redis {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

TEST_F(RedisDiscovery, PausesGrowWithTheCostWithinBounds) {
  ASSERT_TRUE(Slice(Page("1", {}), milliseconds(2)).ok());
  EXPECT_EQ(Subject().Next() - now_, milliseconds(10));
  ASSERT_TRUE(Slice(Page("1", {}), milliseconds(0)).ok());
  EXPECT_EQ(Subject().Next() - now_, milliseconds(1));
  ASSERT_TRUE(Slice(Page("1", {}), milliseconds(50)).ok());
  EXPECT_EQ(Subject().Next() - now_, milliseconds(20));
}

TEST_F(RedisDiscovery, SlicesGrowWhenCheapAndShrinkWhenDear) {
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(Slice(Page("1", {}), Duration(0)).ok());
  EXPECT_THAT(Asked(), HasSubstr("COUNT $4 5000 "));
  ASSERT_TRUE(Slice(Page("1", {}), milliseconds(4)).ok());
  EXPECT_THAT(Asked(), HasSubstr("COUNT $4 2500 "));
}

// What is measured as dear may be a queue before the server or a network that jitters: a thousand
// slots cost Redis less than a millisecond in any case.
TEST_F(RedisDiscovery, ThreeHundredThousandKeysTakeThreeHundredSlicesHoweverDearTheyLook) {
  for (int i = 0; i < 300; ++i) {
    EXPECT_THAT(Asked(), HasSubstr("COUNT $4 1000 "));
    ASSERT_TRUE(Slice(Page(i < 299 ? "1" : "0", {}), milliseconds(12)).ok());
  }
  EXPECT_LT(now_ - kStart, seconds(10));
}

TEST_F(RedisDiscovery, SliceSizeIsForgottenWithTheServerItWasMeasuredOn) {
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(Slice(Page("1", {}), Duration(0)).ok());
  Subject().RestartPass();
  EXPECT_THAT(Asked(), HasSubstr("COUNT $4 1000 "));
}

// Redis walks 1,000,000 keys in about 0.7 s (redis-server 7.0 on the development machine).
TEST_F(RedisDiscovery, ThreeHundredThousandKeysTakeLessThanTenSeconds) {
  Duration busy{};
  for (double left = 300'000; left > 0;) {
    const std::string asked = Asked();
    const std::size_t at = asked.find("COUNT $4 ") + 9;
    const double count = std::stod(asked.substr(at));
    left -= count;
    const Duration cost(static_cast<std::int64_t>(count * 700));
    EXPECT_LE(cost, milliseconds(5));
    busy += cost;
    ASSERT_TRUE(Slice(Page(left > 0 ? "1" : "0", {}), cost).ok());
  }
  EXPECT_LT(now_ - kStart, seconds(10));
  EXPECT_LT(busy * 4, now_ - kStart);
}

}  // namespace
}  // namespace headroom::redis
