#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collectors/net/http_client.h"

namespace headroom {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Result<HttpUrl> Parse(std::string_view text) { return ParseHttpUrl(text, 15672, 15671); }

TEST(HttpUrl, EveryPartIsRead) {
  const auto url = Parse("https://ann:p%40ss%2F%3A@broker.example:443/a%2Fb/rabbit/");
  ASSERT_TRUE(url.ok()) << url.error().message;
  EXPECT_EQ(url->endpoint.host, "broker.example");
  EXPECT_EQ(url->endpoint.port, 443);
  EXPECT_TRUE(url->endpoint.tls);
  EXPECT_EQ(url->path, "/a%2Fb/rabbit");
  EXPECT_EQ(url->user, "ann");
  EXPECT_EQ(url->password.Reveal(), "p@ss/:");
}

TEST(HttpUrl, WhatIsNotThereHasADefault) {
  const auto url = Parse("http://localhost");
  ASSERT_TRUE(url.ok());
  EXPECT_EQ(url->endpoint.port, 15672);
  EXPECT_FALSE(url->endpoint.tls);
  EXPECT_EQ(url->path, "");
  EXPECT_EQ(url->user, "");
  EXPECT_TRUE(url->password.empty());
  EXPECT_EQ(Parse("https://localhost/")->endpoint.port, 15671);
  EXPECT_EQ(Parse("https://localhost/")->path, "");
}

TEST(HttpUrl, PortOfItsOwnSchemeIsNotTakenForNone) {
  EXPECT_EQ(Parse("http://localhost:80")->endpoint.port, 80);
  EXPECT_EQ(Parse("https://localhost:443")->endpoint.port, 443);
}

TEST(HttpUrl, IPv6AddressLosesItsBracketsAndKeepsItsZone) {
  EXPECT_EQ(Parse("http://[::1]:7")->endpoint.ToString(), "[::1]:7");
  EXPECT_EQ(Parse("http://[fe80::1%25eth0]")->endpoint.host, "fe80::1%eth0");
}

class BadHttpUrl : public ::testing::TestWithParam<const char*> {};
TEST_P(BadHttpUrl, IsRejectedWithoutRepeatingIt) {
  const auto url = Parse(GetParam());
  ASSERT_FALSE(url.ok());
  EXPECT_THAT(url.error().message, Not(HasSubstr("hunter2")));
  EXPECT_THAT(url.error().message, HasSubstr("not the URL of an HTTP server: "));
}
INSTANTIATE_TEST_SUITE_P(
    HttpUrl, BadHttpUrl,
    ::testing::Values("", "localhost:15672", "redis://hunter2@h", "hunter2:hunter2@h", "http://",
                      "http:///api", "http://u:hunter2@/api", "http://:15672", "http://h:0",
                      "http://h:65536", "http://h?hunter2", "http://h/api?hunter2",
                      "http://h#hunter2", "http://u:hunter2#@h", "http://u:hunter2/@h",
                      "http://u:hunter2%0A@h", "http://:hunter2@h", "http://u%3Ax:hunter2@h",
                      "http://h h/", "ftp://u:hunter2@h"));

TEST(PercentEncode, LeavesOnlyUnreservedBytes) {
  EXPECT_EQ(PercentEncode("azAZ09-._~"), "azAZ09-._~");
  EXPECT_EQ(PercentEncode("/ %?#+&\"\n"), "%2F%20%25%3F%23%2B%26%22%0A");
  EXPECT_EQ(PercentEncode("\xc3\xa9\xff"), "%C3%A9%FF");
  EXPECT_EQ(PercentEncode(std::string_view("\0", 1)), "%00");
  EXPECT_EQ(PercentEncode(""), "");
}

}  // namespace
}  // namespace headroom
