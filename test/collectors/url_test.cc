#include "collectors/net/url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(RedisUrl, EveryPartIsRead) {
  const auto url = ParseRedisUrl("rediss://ann:p%40ss%2F@cache.example:7000/12");
  ASSERT_TRUE(url.ok()) << url.error().message;
  EXPECT_EQ(url->endpoint.host, "cache.example");
  EXPECT_EQ(url->endpoint.port, 7000);
  EXPECT_TRUE(url->endpoint.tls);
  EXPECT_EQ(url->user, "ann");
  EXPECT_EQ(url->password.Reveal(), "p@ss/");
  EXPECT_EQ(url->db, 12);
}

TEST(RedisUrl, PortAndDatabaseHaveDefaults) {
  const auto url = ParseRedisUrl("redis://localhost");
  ASSERT_TRUE(url.ok());
  EXPECT_EQ(url->endpoint.port, 6379);
  EXPECT_EQ(url->db, 0);
  EXPECT_FALSE(url->endpoint.tls);
  EXPECT_TRUE(url->password.empty());
}

TEST(RedisUrl, IPv6AddressLosesItsBracketsAndKeepsItsZone) {
  const auto url = ParseRedisUrl("redis://[fe80::1%25eth0]:7");
  ASSERT_TRUE(url.ok()) << url.error().message;
  EXPECT_EQ(url->endpoint.host, "fe80::1%eth0");
  EXPECT_EQ(ParseRedisUrl("redis://[::1]")->endpoint.ToString(), "[::1]:6379");
}

TEST(RedisUrl, UnixSocketHasAPathAndNoHost) {
  const auto url = ParseRedisUrl("unix://ann:pw@/run/redis.sock?db=3");
  ASSERT_TRUE(url.ok()) << url.error().message;
  EXPECT_EQ(url->endpoint.unix_path, "/run/redis.sock");
  EXPECT_EQ(url->endpoint.host, "");
  EXPECT_EQ(url->user, "ann");
  EXPECT_EQ(url->password.Reveal(), "pw");
  EXPECT_EQ(url->db, 3);
  EXPECT_EQ(ParseRedisUrl("redis+unix:///run/x")->endpoint.unix_path, "/run/x");
}

class BadUrl : public ::testing::TestWithParam<const char*> {};
TEST_P(BadUrl, IsRejectedWithoutRepeatingIt) {
  const auto url = ParseRedisUrl(GetParam());
  ASSERT_FALSE(url.ok());
  EXPECT_THAT(url.error().message, Not(HasSubstr("hunter2")));
  EXPECT_THAT(url.error().message, HasSubstr("not the URL of a Redis server: "));
}
INSTANTIATE_TEST_SUITE_P(
    RedisUrl, BadUrl,
    ::testing::Values("", "localhost:6379", "http://hunter2@h", "hunter2:hunter2@h", "redis://",
                      "redis:///3", "redis://u:hunter2@/3", "redis://:6379", "redis://h:0",
                      "redis://h:65536", "redis://h/x", "redis://h/-1", "redis://h/2147483648",
                      "redis://h/3/", "redis://h?db=3", "redis://h#hunter2", "redis://u:hunter2#@h",
                      "redis://u:hunter2/@h", "redis://u:hunter2%0A@h", "unix://host/path",
                      "unix://", "unix:///", "unix:///run/x?db=hunter2", "unix:///run/x?hunter2"));

}  // namespace
}  // namespace headroom
