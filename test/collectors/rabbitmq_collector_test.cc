// The collector against brokers that answer as no real one does on demand. What real brokers do:
// test/integration/test_rabbitmq_*.py.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "test/collectors/rabbitmq_collector_fixture.h"
#include "test/support/fixtures.h"

namespace headroom::rabbitmq {
namespace {

using std::chrono::milliseconds;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(RabbitmqCollectorTest, NodesThatContradictEachOtherMakeAQueueUnknown) {
  UsePlugin(node_a_);
  UsePlugin(node_b_);
  node_a_.Answer(kPage, Page({{"/", "orders", 5}, {"/", "safe", 1}}, "a@b"));
  node_b_.Answer(kPage, Page({{"/", "orders", 7}}, "c@d"));
  const Reading reading = Good();
  EXPECT_EQ(Find(reading, "orders"), nullptr);
  EXPECT_EQ(Ready(reading, "safe"), 1U);
}

TEST_F(RabbitmqCollectorTest, OneNodeUnderTwoAddressesIsCountedOnce) {
  UsePlugin(node_a_);
  UsePlugin(node_b_);
  node_a_.Answer(kPage, Page({{"/", "orders", 5}}));
  node_b_.Answer(kPage, Page({{"/", "orders", 5}}));
  const Reading reading = Good();
  EXPECT_EQ(Ready(reading, "orders"), 5U);
  EXPECT_THAT(Failed(reading), SizeIs(1));
}

TEST_F(RabbitmqCollectorTest, ANodeThatDoesNotAnswerLeavesDeclaredQueuesUnknown) {
  UsePlugin(node_a_);
  UsePlugin(node_b_);
  options_.queues = {{"/", "elsewhere"}};
  node_a_.Answer(kPage, Page({{"/", "here", 5}}));
  node_b_.Answer(kPage, "", 500);
  const Reading reading = Good();
  EXPECT_EQ(Find(reading, "elsewhere"), nullptr);
  EXPECT_EQ(Ready(reading, "here"), 5U);
  EXPECT_THAT(Failed(reading), ElementsAre("node:127.0.0.1:" + std::to_string(node_b_.port())));
  EXPECT_THAT(reading.problems, SizeIs(1));
}

TEST_F(RabbitmqCollectorTest, AListingThatFailsLeavesThePages) {
  UseManagement();
  UsePlugin(node_a_);
  node_a_.Answer(kPage, Page({{"/", "orders", 5}}));
  management_.Answer("/api/nodes", R"([{"name":"a@b","running":true,"uptime":9000000},)"
                                   R"({"name":"c@d","running":true,"uptime":9000000}])");
  management_.Answer("/api/queues", "", 500);
  EXPECT_EQ(Ready(Good(), "orders"), 5U);
}

TEST_F(RabbitmqCollectorTest, SwitchedOffStatisticsFailTheRunInsteadOfSayingZero) {
  UseManagement();
  management_.Answer("/api/overview", R"({"node":"a@b","disable_stats":true})");
  management_.Answer("/api/queues", "[" + Listed("orders", 0) + "]");
  const auto reading = Run();
  ASSERT_FALSE(reading.ok());
  EXPECT_EQ(reading.error().kind, ErrorKind::kUnsupported);
}

TEST_F(RabbitmqCollectorTest, APluginThatHangsLeavesTimeForTheManagementApi) {
  UseManagement();
  UsePlugin(node_a_);
  node_a_.Hang(kPage);
  management_.Answer("/api/queues", "[" + Listed("orders", 3) + "]");
  Reading reading = Good(milliseconds(600));
  EXPECT_EQ(Ready(reading, "orders"), 3U);
  EXPECT_THAT(reading.source, HasSubstr("management API"));

  // And is left alone in the next run.
  node_a_.TakeRequests();
  reading = Good();
  EXPECT_EQ(Ready(reading, "orders"), 3U);
  EXPECT_THAT(node_a_.TakeRequests(), IsEmpty());
}

TEST_F(RabbitmqCollectorTest, ARunningNodeWithoutAPageSendsTheRunToTheManagementApi) {
  UseManagement();
  UsePlugin(node_a_);
  node_a_.Answer(kPage, Page({{"/", "orders", 5}}));
  management_.Answer(
      "/api/nodes",
      R"([{"name":"a@b","running":true,"uptime":9000000},{"name":"c@d","running":true,"uptime":9000000}])");
  management_.Answer("/api/queues", "[" + Listed("orders", 3) + "," + Listed("other", 4) + "]");
  const Reading reading = Good();
  EXPECT_EQ(Ready(reading, "orders"), 3U);
  EXPECT_EQ(Ready(reading, "other"), 4U);
}

TEST_F(RabbitmqCollectorTest, WithoutTheManagementApiThePagesStand) {
  UseManagement();
  UsePlugin(node_a_);
  management_.Answer("/api/overview", "", 500);
  node_a_.Answer(kPage, Page({{"/", "orders", 5}}));
  const Reading reading = Good();
  EXPECT_EQ(Ready(reading, "orders"), 5U);
  EXPECT_THAT(Failed(reading), ElementsAre("server"));
}

TEST_F(RabbitmqCollectorTest, AUserWhoMayNotSeeTheNodesStillSeesQueues) {
  UseManagement();
  options_.queues = {{"/", "orders"}, {"/", "missing"}};
  management_.Answer("/api/nodes", R"({"error":"not_authorised"})", 401);
  management_.Answer("/api/queues", "[" + Listed("orders", 3) + "]");
  const Reading reading = Good();
  EXPECT_EQ(Ready(reading, "orders"), 3U);
  EXPECT_EQ(Find(reading, "missing"), nullptr);
  EXPECT_THAT(Failed(reading), ElementsAre("server"));
}

TEST_F(RabbitmqCollectorTest, RatesNeedToKnowTheNodes) {
  UseManagement();
  options_.wanted.rates = true;
  management_.Answer("/api/nodes", R"({"error":"not_authorised"})", 401);
  management_.Answer("/api/queues", "[" + Listed("orders", 3) + "]");
  EXPECT_THAT(Failed(Good()), ElementsAre("rates", "server"));
  management_.Answer("/api/nodes", R"([{"name":"a@b","running":true}])");
  EXPECT_THAT(Failed(Good()), ElementsAre("rates"));
}

TEST_F(RabbitmqCollectorTest, RatesThatTheBrokerDoesNotKeepAreAPartThatIsDown) {
  UseManagement();
  options_.wanted.rates = true;
  management_.Answer("/api/overview",
                     R"({"node":"a@b","rabbitmq_version":"3.10.8","disable_stats":false,)"
                     R"("rates_mode":"none"})");
  management_.Answer("/api/queues", "[" + Listed("orders", 3) + "]");
  const Reading reading = Good();
  EXPECT_EQ(Ready(reading, "orders"), 3U);
  EXPECT_THAT(Failed(reading), ElementsAre("rates"));
}

TEST_F(RabbitmqCollectorTest, AQueueFedByTwoExchangesSendsRatesToTheManagementApi) {
  UseManagement();
  UsePlugin(node_a_);
  options_.wanted.rates = true;
  management_.Answer("/api/overview",
                     R"({"node":"tq@localhost","rabbitmq_version":"4.0.5","disable_stats":false})");
  management_.Answer("/api/nodes", R"([{"name":"tq@localhost","running":true,"uptime":100000}])");
  management_.Answer("/api/queues", R"([{"vhost":"/","name":"orders","state":"running",)"
                                    R"("messages_ready":3,"messages_unacknowledged":0,)"
                                    R"("message_stats":{"publish":16}}])");
  node_a_.Answer(kPage, test::ReadFixture("rabbitmq/4.0/detailed/rates.txt"));
  for (int run = 0; run < 2; ++run) {
    const Reading reading = Good();
    const Queue* orders = Find(reading, "orders");
    ASSERT_NE(orders, nullptr);
    EXPECT_EQ(orders->published, 16U);
    EXPECT_THAT(reading.source, HasSubstr("by exchange"));
    EXPECT_EQ(node_a_.TakeRequests().empty(), run > 0);  // the page is not read in vain again
  }
  management_.Answer("/api/overview", "", 500);
  const Reading pages = Good();
  ASSERT_NE(Find(pages, "orders"), nullptr);
  EXPECT_EQ(Find(pages, "orders")->published, std::nullopt);
}

TEST_F(RabbitmqCollectorTest, DepthAloneAsksForNothingElse) {
  UseManagement();
  Good();
  EXPECT_THAT(management_.TakeRequests(),
              Contains("/api/queues?columns=vhost,name,state,messages_ready,"
                       "messages_unacknowledged"));
  UsePlugin(node_a_);
  node_a_.Answer(kPage, Page({{"/", "orders", 5}}));
  collector_.reset();
  Good();
  EXPECT_THAT(node_a_.TakeRequests(), ElementsAre("/metrics/detailed?family=queue_coarse_metrics"));
}

TEST_F(RabbitmqCollectorTest, RatesThatThePluginLacksAreAPartThatIsDown) {
  UsePlugin(node_a_);
  options_.wanted.rates = true;
  node_a_.Answer(kPage, Page({{"/", "orders", 5}}));
  const Reading reading = Good();
  EXPECT_EQ(Ready(reading, "orders"), 5U);
  EXPECT_THAT(Failed(reading), ElementsAre("rates"));
}

}  // namespace
}  // namespace headroom::rabbitmq
