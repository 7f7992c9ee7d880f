#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "collectors/rabbitmq/management_reply.h"
#include "test/support/fixtures.h"

namespace headroom::rabbitmq {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kHostileName[] =
    "quote\" back\\slash\nline \xc3\xbcml\xc3\xa4ut \xf0\x9f\x90\x87 /slash%2F";

std::map<std::pair<std::string, std::string>, QueueRow> Parse(std::string body) {
  Result<std::vector<QueueRow>> rows = ParseQueueList(body);
  std::map<std::pair<std::string, std::string>, QueueRow> by_name;
  if (!rows.ok()) ADD_FAILURE() << rows.error().message;
  if (rows.ok()) {
    for (QueueRow& row : *rows) by_name.emplace(std::pair(row.vhost, row.name), row);
  }
  return by_name;
}

QueueRow ParseOne(const std::string& members) {
  std::string body = R"({"vhost":"/","name":"q")" + members + "}";
  Result<QueueRow> row = ParseQueue(body);
  if (!row.ok()) ADD_FAILURE() << row.error().message;
  return row.ok() ? *row : QueueRow{};
}

bool HasNumbers(const QueueRow& row) {
  return row.ready || row.unacked || row.consumers || row.consumer_capacity || row.memory_bytes ||
         row.head_timestamp || row.published || row.delivered || row.acknowledged ||
         row.redelivered;
}

class RabbitMqQueues : public testing::TestWithParam<std::string> {
 protected:
  std::string Text(const std::string& name) {
    return test::ReadFixture("rabbitmq/" + GetParam() + "/api_" + name + ".json");
  }
  bool IsV4() { return GetParam() == "4.0"; }
};
INSTANTIATE_TEST_SUITE_P(Versions, RabbitMqQueues, testing::Values("3.10", "4.0"),
                         [](const auto& version) {
                           return version.param == "4.0" ? "V4_0" : "V3_10";
                         });

// Five messages, two of them with a consumer that has acknowledged none.
TEST_P(RabbitMqQueues, AWorkingQueueSaysEverything) {
  const QueueRow row = Parse(Text("queues")).at({"/", "orders"});
  EXPECT_EQ(row.kind, "classic");
  EXPECT_EQ(row.node, IsV4() ? "m1@localhost" : "n1@localhost");
  EXPECT_EQ(row.durable, true);
  EXPECT_EQ(row.running, true);
  EXPECT_EQ(row.ready, 3U);
  EXPECT_EQ(row.unacked, 2U);
  EXPECT_EQ(row.consumers, 1U);
  EXPECT_EQ(row.head_timestamp, 1700000000);
  EXPECT_EQ(row.published, 10U);
  EXPECT_EQ(row.delivered, 2U);
  EXPECT_EQ(row.acknowledged, 0U);
  EXPECT_EQ(row.redelivered, 0U);
  ASSERT_TRUE(row.consumer_capacity && row.memory_bytes);
  EXPECT_GT(*row.consumer_capacity, 0.0);  // it waits for its consumer since it was recorded
  EXPECT_LT(*row.consumer_capacity, 0.2);
  EXPECT_GT(*row.memory_bytes, 10000U);
}

TEST_P(RabbitMqQueues, OneQueueByNameSaysWhatTheListSays) {
  for (const char* name : {"orders", "quorum", "stream"}) {
    std::string body = Text(std::string("queue_") + name);
    Result<QueueRow> one = ParseQueue(body);
    ASSERT_TRUE(one.ok()) << one.error().message;
    const QueueRow row = Parse(Text("queues")).at({"/", name});
    EXPECT_EQ(one->kind, row.kind);
    EXPECT_EQ(one->ready, row.ready);
    EXPECT_EQ(one->unacked, row.unacked);
    EXPECT_EQ(one->consumers, row.consumers);
    EXPECT_EQ(one->published, row.published);
    EXPECT_EQ(one->delivered, row.delivered);
  }
}

// deliver 0 + deliver_no_ack 0 + get 2 + get_no_ack 1
TEST_P(RabbitMqQueues, DeliveredCountsEveryWayOut) {
  EXPECT_EQ(Parse(Text("queues")).at({"/", "jobs"}).delivered, 3U);
}

TEST_P(RabbitMqQueues, CountersAreAbsentUntilTheFirstMessage) {
  const auto rows = Parse(Text("queues"));
  const QueueRow& idle = rows.at({"/", "idle"});
  EXPECT_EQ(idle.ready, 0U);
  EXPECT_EQ(idle.published, std::nullopt);
  const QueueRow& undelivered = rows.at({"/", kHostileName});
  EXPECT_EQ(undelivered.published, 14U);
  EXPECT_EQ(undelivered.delivered, std::nullopt);
  EXPECT_EQ(undelivered.acknowledged, std::nullopt);
}

TEST_P(RabbitMqQueues, EmptyQueueHasNoHeadTimestamp) {
  const auto rows = Parse(Text("queues"));
  EXPECT_EQ(rows.at({"/", "idle"}).head_timestamp, std::nullopt);
  EXPECT_EQ(rows.at({"/", "quorum"}).head_timestamp, std::nullopt);
  EXPECT_EQ(rows.at({"/", kHostileName}).head_timestamp, 1700000000);
}

TEST_P(RabbitMqQueues, AnyNameSurvives) {
  EXPECT_EQ(Parse(Text("queues")).at({"/", kHostileName}).ready, 7U);
  EXPECT_EQ(Parse(Text("queues_totals")).at({"/", kHostileName}).ready, 7U);
}

TEST_P(RabbitMqQueues, TheSameNameInTwoVhostsIsTwoQueues) {
  const auto rows = Parse(Text("queues"));
  EXPECT_EQ(rows.at({"/", "orders"}).ready, 3U);
  EXPECT_EQ(rows.at({"shop & co", "orders"}).ready, 1U);
}

TEST_P(RabbitMqQueues, StreamsHaveNoCapacityAndKeepWhatWasRead) {
  const QueueRow row = Parse(Text("queues")).at({"/", "stream"});
  EXPECT_EQ(row.kind, "stream");
  EXPECT_EQ(row.ready, 4U);
  EXPECT_EQ(row.consumer_capacity, std::nullopt);
}

TEST_P(RabbitMqQueues, TotalsSayMessagesOnly) {
  const QueueRow row = Parse(Text("queues_totals")).at({"/", "orders"});
  EXPECT_EQ(row.kind, "classic");
  EXPECT_EQ(row.ready, 3U);
  EXPECT_EQ(row.unacked, 2U);
  EXPECT_EQ(row.consumers, std::nullopt);
  EXPECT_EQ(row.published, std::nullopt);
  EXPECT_FALSE(HasNumbers(Parse(Text("queues_totals")).at({"/", "stream"})));
}

TEST_P(RabbitMqQueues, QueueOfANodeThatIsDownHasNoNumbers) {
  for (const char* reply : {"queues_node_down", "queues_totals_node_down"}) {
    const QueueRow row = Parse(Text(reply)).at({"/", "on-n2"});
    EXPECT_EQ(row.running, false);
    EXPECT_FALSE(HasNumbers(row));
    EXPECT_EQ(row.kind, "classic");
  }
  for (const char* name : {"quorum2", "stream2"}) {
    EXPECT_FALSE(HasNumbers(Parse(Text("queues_node_down")).at({"/", name})));
  }
}

// 4.0 says "minority" and repeats the numbers of before; 3.10 says "running" (it is neither).
TEST_P(RabbitMqQueues, QuorumQueueInAMinorityHasNoNumbers) {
  const QueueRow row = Parse(Text("queues_node_down")).at({"/", "quorum"});
  EXPECT_EQ(row.running, !IsV4());
  EXPECT_EQ(HasNumbers(row), !IsV4());
}

TEST_P(RabbitMqQueues, WithoutStatisticsThereAreNoNumbers) {
  for (const char* reply : {"queues_disable_stats", "queues_no_collector"}) {
    // This node of 3.10 has enable_queue_totals, too.
    const bool totals = !IsV4() && std::string(reply) == "queues_disable_stats";
    const auto rows = Parse(Text(reply));
    EXPECT_EQ(rows.at({"/", "orders"}).running, true);
    EXPECT_EQ(HasNumbers(rows.at({"/", "orders"})), totals) << reply;
  }
}

TEST(RabbitMqQueue, StatesSayWhetherItRuns) {
  for (const char* up : {"running", "live", "idle", "flow"}) {
    EXPECT_EQ(ParseOne(std::string(",\"state\":\"") + up + "\"").running, true) << up;
  }
  for (const char* down : {"down", "stopped", "crashed", "minority", "terminated"}) {
    const QueueRow row =
        ParseOne(std::string(R"(,"messages_ready":0,"consumers":0,"state":")") + down + "\"");
    EXPECT_EQ(row.running, false) << down;
    EXPECT_FALSE(HasNumbers(row)) << down;
  }
  EXPECT_EQ(ParseOne(R"(,"state":"confused")").running, std::nullopt);
  EXPECT_EQ(ParseOne("").running, std::nullopt);
}

TEST(RabbitMqQueue, KindComesFromTheArgumentsWhenThereIsNoType) {
  EXPECT_EQ(ParseOne(R"(,"arguments":{"x-queue-type":"quorum"})").kind, "quorum");
  EXPECT_EQ(ParseOne(R"(,"type":"stream","arguments":{"x-queue-type":"quorum"})").kind, "stream");
  EXPECT_EQ(ParseOne(R"(,"arguments":{})").kind, "");
}

TEST(RabbitMqQueue, ArgumentsSayWhetherItHasPriorities) {
  EXPECT_EQ(ParseOne(R"(,"arguments":{"x-max-priority":0})").priorities, true);
  EXPECT_EQ(ParseOne(R"(,"arguments":{})").priorities, false);
  EXPECT_EQ(ParseOne("").priorities, std::nullopt);
  EXPECT_EQ(ParseOne(R"(,"arguments":[])").priorities, std::nullopt);
}

TEST(RabbitMqQueue, CapacityHasAnOlderName) {
  EXPECT_EQ(ParseOne(R"(,"consumer_utilisation":0.5)").consumer_capacity, 0.5);
  EXPECT_EQ(ParseOne(R"(,"consumer_utilisation":0.5,"consumer_capacity":0.25)").consumer_capacity,
            0.25);
  EXPECT_EQ(ParseOne(R"(,"consumer_capacity":null,"consumer_utilisation":0.5)").consumer_capacity,
            std::nullopt);
  EXPECT_EQ(ParseOne(R"(,"consumer_capacity":0,"consumers":0)").consumer_capacity, 0.0);
  EXPECT_EQ(ParseOne(R"(,"consumer_capacity":1.5)").consumer_capacity, std::nullopt);
  EXPECT_EQ(ParseOne(R"(,"consumer_utilisation":"")").consumer_capacity, std::nullopt);
}

TEST(RabbitMqQueue, HeadTimestampThatSaysNothingIsUnknown) {
  for (const char* nothing : {"null", "\"\"", "0", "-1", "1700000000.5"}) {
    const std::string member = std::string(",\"head_message_timestamp\":") + nothing;
    EXPECT_EQ(ParseOne(member).head_timestamp, std::nullopt) << nothing;
  }
}

TEST(RabbitMqQueue, SumThatOverflowsIsUnknown) {
  const QueueRow row = ParseOne(
      R"(,"message_stats":{"deliver":18446744073709551615,"deliver_no_ack":1,"get":0,"get_no_ack":0})");
  EXPECT_EQ(row.delivered, std::nullopt);
}

TEST(RabbitMqQueueList, AQueueThatStandsTwiceIsLeftOut) {
  std::string body =
      R"([{"vhost":"/","name":"a"},{"vhost":"v","name":"a"},{"name":"a","vhost":"/"}])";
  Result<std::vector<QueueRow>> rows = ParseQueueList(body);
  ASSERT_TRUE(rows.ok());
  ASSERT_EQ(rows->size(), 1U);
  EXPECT_EQ(rows->front().vhost, "v");
}

TEST(RabbitMqQueueList, IsSortedByVhostAndName) {
  std::string body =
      R"([{"vhost":"/b","name":"a"},{"vhost":"/a","name":"z"},{"vhost":"/a","name":"b"}])";
  Result<std::vector<QueueRow>> rows = ParseQueueList(body);
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ((*rows)[0].name, "b");
  EXPECT_EQ((*rows)[1].name, "z");
  EXPECT_EQ((*rows)[2].vhost, "/b");
}

TEST(RabbitMqQueueList, QueueWithoutANameIsLeftOut) {
  std::string body = R"([{"vhost":"/","name":""}])";
  Result<std::vector<QueueRow>> rows = ParseQueueList(body);
  ASSERT_TRUE(rows.ok());
  EXPECT_THAT(*rows, IsEmpty());
}

TEST(RabbitMqQueueList, NoQueuesIsAnAnswer) {
  std::string body = "[]";
  Result<std::vector<QueueRow>> rows = ParseQueueList(body);
  ASSERT_TRUE(rows.ok());
  EXPECT_THAT(*rows, IsEmpty());
}

}  // namespace
}  // namespace headroom::rabbitmq
