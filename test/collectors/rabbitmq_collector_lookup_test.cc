// Queues that no page shows: asked for by name, and called missing or gone only when that is
// certain.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "test/collectors/rabbitmq_collector_fixture.h"

namespace headroom::rabbitmq {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(RabbitmqCollectorTest, NotFoundIsMissingOnlyWhileEveryNodeRuns) {
  UseManagement();
  options_.queues = {{"/", "orders"}};
  Reading reading = Good();
  ASSERT_NE(Find(reading, "orders"), nullptr);
  EXPECT_EQ(Find(reading, "orders")->missing, true);
  EXPECT_EQ(Ready(reading, "orders"), 0U);

  management_.Answer("/api/nodes",
                     R"([{"name":"a@b","running":true},{"name":"c@d","running":false}])");
  reading = Good();
  EXPECT_EQ(Find(reading, "orders"), nullptr);
  EXPECT_THAT(reading.problems, SizeIs(1));
}

TEST_F(RabbitmqCollectorTest, ANodeThatIsComingBackConfirmsNothing) {
  UseManagement();
  options_.queues = {{"/", "orders"}};
  management_.Answer("/api/nodes", R"([{"name":"a@b","running":true,"uptime":9000000},)"
                                   R"({"name":"c@d","running":true}])");
  EXPECT_EQ(Find(Good(), "orders"), nullptr);
  clock_.Advance(2 * QueueBook::kPatience);
  EXPECT_EQ(Find(Good(), "orders"), nullptr);
}

TEST_F(RabbitmqCollectorTest, AProxyThatChangesThePathMakesNothingMissing) {
  UseManagement();
  options_.queues = {{"/", "orders"}};
  management_.Answer("/api/vhosts/%2F", "", 404);
  const Reading reading = Good();
  EXPECT_EQ(Find(reading, "orders"), nullptr);
  ASSERT_THAT(reading.problems, SizeIs(1));
  EXPECT_THAT(reading.problems[0].error.message, HasSubstr("proxy"));
  EXPECT_EQ(reading.problems[0].queue, "orders");
  EXPECT_EQ(reading.problems[0].vhost, "/");
}

TEST_F(RabbitmqCollectorTest, CountersOfALookupAreNotThoseOfThePages) {
  UseManagement();
  UsePlugin(node_a_);
  options_.source = Source::kPlugin;
  options_.wanted.rates = true;
  options_.queues = {{"/", "orders"}};
  node_a_.Answer(kPage, Page({{"/", "another", 1}}));
  management_.Answer("/api/queues/%2F/orders",
                     R"({"vhost":"/","name":"orders","state":"running","messages_ready":3,)"
                     R"("messages_unacknowledged":0,"message_stats":{"publish":3}})");
  const Reading reading = Good();
  EXPECT_EQ(Ready(reading, "orders"), 3U);
  EXPECT_EQ(Find(reading, "orders")->published, std::nullopt);
}

TEST_F(RabbitmqCollectorTest, AClusterOfUnknownNodesConfirmsNothing) {
  UseManagement();
  options_.queues = {{"/", "orders"}};
  management_.Answer("/api/nodes", "[]");
  EXPECT_EQ(Find(Good(), "orders"), nullptr);
}

TEST_F(RabbitmqCollectorTest, AVanishedQueueIsZeroOnceTheBrokerHasSaidForAWhileThatItIsGone) {
  UseManagement();
  UsePlugin(node_a_);
  management_.Answer("/api/queues/%2F/orders", Listed("orders", 9));
  node_a_.Answer(kPage, Page({{"/", "orders", 5}}));
  EXPECT_EQ(Ready(Good(), "orders"), 5U);

  node_a_.Answer(kPage, Page({{"/", "another", 1}}));
  EXPECT_EQ(Ready(Good(), "orders"), 9U);  // without a row, but it is there

  management_.Answer("/api/queues/%2F/orders", "", 404);
  EXPECT_EQ(Find(Good(), "orders"), nullptr);
  clock_.Advance(QueueBook::kPatience);
  EXPECT_EQ(Ready(Good(), "orders"), 0U);
  management_.TakeRequests();
  EXPECT_EQ(Ready(Good(), "orders"), 0U);
  EXPECT_THAT(management_.TakeRequests(), SizeIs(2));  // overview and nodes: it is not asked again
}

TEST_F(RabbitmqCollectorTest, ABrokerThatStopsDoesNotMakeAQueueZeroAfterItsReturn) {
  UseManagement();
  UsePlugin(node_a_);
  options_.queues = {{"/", "declared"}};
  node_a_.Answer(kPage, Page({{"/", "orders", 5}, {"/", "declared", 6}}));
  Good();
  // About to stop, it has no queues any more, while its node is still "running".
  node_a_.Answer(kPage, Page({}));
  Reading reading = Good();
  EXPECT_EQ(Find(reading, "orders"), nullptr);
  EXPECT_EQ(Find(reading, "declared"), nullptr);
  management_.Answer("/api/overview", "", 500);
  node_a_.Answer(kPage, "", 500);
  EXPECT_FALSE(Run().ok());
  clock_.Advance(QueueBook::kPatience);
  management_.Answer("/api/overview", kOverview);
  node_a_.Answer(kPage, Page({}));
  reading = Good();
  EXPECT_EQ(Find(reading, "orders"), nullptr);
  EXPECT_EQ(Find(reading, "declared"), nullptr);
}

TEST_F(RabbitmqCollectorTest, WhatIsGoneIsUnknownAgainOnceANodeIsDown) {
  UseManagement();
  UsePlugin(node_a_);
  node_a_.Answer(kPage, Page({{"/", "orders", 5}}));
  Good();
  node_a_.Answer(kPage, Page({{"/", "another", 1}}));
  Good();
  clock_.Advance(QueueBook::kPatience);
  EXPECT_EQ(Ready(Good(), "orders"), 0U);
  management_.Answer("/api/nodes",
                     R"([{"name":"a@b","running":true},{"name":"c@d","running":false}])");
  EXPECT_EQ(Find(Good(), "orders"), nullptr);
}

TEST_F(RabbitmqCollectorTest, AQueueThatAForgedLineHidesIsLookedUp) {
  UseManagement();
  UsePlugin(node_a_);
  const std::string forger =
      "x\"} 5\nrabbitmq_detailed_queue_messages_ready{vhost=\"/\",queue=\"victim";
  node_a_.Answer(kPage, Page({{"/", "victim", 3}, {"/", forger, 99}}));
  management_.Answer("/api/queues", R"([{"vhost":"/","name":"victim"}])");
  management_.Answer("/api/queues/%2F/victim", Listed("victim", 3));
  EXPECT_EQ(Find(Good(), "victim"), nullptr);
  ASSERT_TRUE(collector_->NextDiscovery().has_value());
  while (*collector_->NextDiscovery() <= clock_.Now()) {
    ASSERT_TRUE(collector_->DiscoverSlice(Deadline(clock_, clock_.Now() + seconds(20))).ok());
  }
  EXPECT_EQ(Ready(Good(), "victim"), 3U);
}

TEST_F(RabbitmqCollectorTest, LookupsAreBoundedAndTakeTurns) {
  UseManagement();
  UsePlugin(node_a_);
  node_a_.Answer(kPage, Page({{"/", "one", 1}}));
  for (int i = 0; i < 100; ++i) options_.queues.push_back({"/", "missing" + std::to_string(i)});
  const Reading first = Good();
  EXPECT_THAT(management_.TakeRequests(), SizeIs(2 + 1 + 64));
  EXPECT_THAT(first.queues, SizeIs(1 + 64));
  EXPECT_EQ(Find(first, "missing99"), nullptr);
  EXPECT_NE(Find(Good(), "missing99"), nullptr);
}

TEST_F(RabbitmqCollectorTest, AReplyAboutAnotherQueueIsRefused) {
  UseManagement();
  options_.include.clear();
  options_.queues = {{"/", "orders"}};
  management_.Answer("/api/queues/%2F/orders", Listed("invoices", 3));
  const Reading reading = Good();
  EXPECT_THAT(reading.queues, IsEmpty());
  ASSERT_THAT(reading.problems, SizeIs(1));
  EXPECT_EQ(reading.problems[0].error.kind, ErrorKind::kProtocol);
}

}  // namespace
}  // namespace headroom::rabbitmq
