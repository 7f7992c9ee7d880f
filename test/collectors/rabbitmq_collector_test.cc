// The collector against brokers that answer as no real one does on demand. What real brokers do:
// test/integration/test_rabbitmq_*.py.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "test/collectors/rabbitmq_collector_fixture.h"

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
