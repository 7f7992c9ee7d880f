#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "collectors/rabbitmq/json_walk.h"
#include "collectors/rabbitmq/management_reply.h"
#include "test/support/fixtures.h"

namespace headroom::rabbitmq {
namespace {

using testing::HasSubstr;

// The value of "ready" in a list of one queue.
Result<std::optional<std::uint64_t>> Ready(std::string body) {
  Result<std::vector<QueueRow>> rows = ParseQueueList(body);
  if (!rows.ok()) return rows.error();
  return rows->at(0).ready;
}

std::string Queue(const std::string& rest) { return R"([{"vhost":"/","name":"q")" + rest + "}]"; }

TEST(RabbitMqJson, ReadsIntegersOnlyAsCounts) {
  EXPECT_EQ(*Ready(Queue(R"(,"messages_ready":17)")), 17U);
  EXPECT_EQ(*Ready(Queue(R"(,"messages_ready": 0 )")), 0U);
  EXPECT_EQ(*Ready(Queue(R"(,"messages_ready":18446744073709551615)")), UINT64_MAX);
  for (const char* other : {"1.0", "1e3", "-1", "\"1\"", "null", "true", "[1]", "{\"a\":1}",
                            "18446744073709551616", "99999999999999999999999999"}) {
    const auto ready = Ready(Queue(std::string(",\"messages_ready\":") + other));
    ASSERT_TRUE(ready.ok()) << other << ": " << ready.error().message;
    EXPECT_EQ(*ready, std::nullopt) << other;
  }
}

class RabbitMqBrokenJson : public testing::TestWithParam<const char*> {};

TEST_P(RabbitMqBrokenJson, FailsTheWholeReply) {
  const auto ready = Ready(GetParam());
  ASSERT_FALSE(ready.ok()) << GetParam();
  EXPECT_EQ(ready.error().kind, ErrorKind::kProtocol);
  EXPECT_THAT(ready.error().message, HasSubstr("not the JSON that was expected: "));
}

INSTANTIATE_TEST_SUITE_P(
    Texts, RabbitMqBrokenJson,
    testing::Values("", "  ", "<html>502 Bad Gateway</html>", "17", "null", "\"queues\"", "[", "[[",
                    "[{", "[17]", R"([{"vhost":"/","name":"q"},17])",
                    R"({"error":"not_authorised","reason":"Login failed"})",
                    R"([{"vhost":"/","name":"q","messages_ready":1}] [])",
                    R"([{"vhost":"/","name":"q","messages_ready":1}]x)",
                    R"([{"vhost":"/","name":"q","messages_ready":1}]])",
                    R"([{"vhost":"/","name":"q","messages_ready":1},)",
                    R"([{"vhost":"/","name":"q" "messages_ready":1}])",
                    R"([{"vhost":"/","name":"q","messages_ready":1x}])",
                    R"([{"vhost":"/","name":"q","messages_ready":}])",
                    R"([{"vhost":"/","name":"q","messages_ready":1}}])",
                    R"([{"vhost":"/","name":"\ud800"}])", R"([{"vhost":"/","name":"\q"}])",
                    "[{\"vhost\":\"/\",\"name\":\"\xff\"}]",
                    "[{\"vhost\":\"/\",\"name\":\"q\",\"other\":\"\xc3\x28\"}]",
                    "[{\"vhost\":\"/\",\"name\":\"a\nb\"}]",
                    R"([{"vhost":"/","name":"q"},{"vhost":"/","name":"b","consumers":NaN x}])",
                    R"([{"name":"q"}])", R"([{"vhost":"/"}])", R"([{"vhost":null,"name":"q"}])"));

TEST(RabbitMqJson, AReplyCutAnywhereIsAnError) {
  const std::string whole = test::ReadFixture("rabbitmq/4.0/api_queues_totals.json");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    std::string cut = whole.substr(0, size);
    EXPECT_FALSE(ParseQueueList(cut).ok()) << size;
  }
}

// The second object is broken; the first one was good.
TEST(RabbitMqJson, NothingOfABrokenReplyIsUsed) {
  std::string body = R"([{"vhost":"/","name":"a","messages_ready":1},{"vhost":"/","name":"b)";
  EXPECT_FALSE(ParseQueueList(body).ok());
}

TEST(RabbitMqJson, TheFirstOfTwoEqualMembersCounts) {
  EXPECT_EQ(*Ready(Queue(R"(,"messages_ready":1,"messages_ready":2)")), 1U);
  EXPECT_EQ(*Ready(Queue(R"(,"messages_ready":null,"messages_ready":2)")), std::nullopt);
}

TEST(RabbitMqJson, DeepNestingIsAnErrorOrSkipped) {
  EXPECT_FALSE(Ready(std::string(2000, '[')).ok());
  const std::string deep = std::string(500, '[') + std::string(500, ']');
  EXPECT_EQ(*Ready(Queue(",\"other\":" + deep + ",\"messages_ready\":3")), 3U);
}

TEST(RabbitMqJson, KeepsTheBody) {
  const std::string text = Queue(R"(,"messages_ready":17)");
  std::string body = text;
  EXPECT_TRUE(ParseQueueList(body).ok());
  EXPECT_EQ(body, text);
}

}  // namespace
}  // namespace headroom::rabbitmq
