// What looks like a healthy answer and is none: pages that contradict each other, a virtual host
// that is not there, a listing that shows nothing of what the broker has.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "test/collectors/rabbitmq_collector_fixture.h"

namespace headroom::rabbitmq {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class RabbitmqDoubt : public RabbitmqCollectorTest {
 protected:
  void Contradict() {
    UsePlugin(node_a_);
    UsePlugin(node_b_);
    options_.source = Source::kPlugin;
    node_a_.Answer(kPage, Page({{"/", "orders", 5}, {"/", "idle", 0}}));
    node_b_.Answer(kPage, Page({{"/", "orders", 6}}, "c@d"));
    management_.Answer("/api/nodes", R"([{"name":"a@b","running":true,"uptime":100000},)"
                                     R"({"name":"c@d","running":true,"uptime":100000}])");
  }
};

TEST_F(RabbitmqDoubt, PagesThatContradictEachOtherAreCalledThat) {
  Contradict();
  const Reading reading = Good();
  EXPECT_EQ(Find(reading, "orders"), nullptr);
  ASSERT_THAT(reading.problems, SizeIs(1));
  EXPECT_THAT(reading.problems[0].error.message, HasSubstr("contradict"));
  EXPECT_THAT(reading.problems[0].error.message, Not(HasSubstr("names")));
}

TEST_F(RabbitmqDoubt, WhatPagesContradictTheManagementApiIsAskedByName) {
  UseManagement();
  Contradict();
  management_.Answer("/api/queues/%2F/orders", Listed("orders", 6));
  const Reading reading = Good();
  EXPECT_EQ(Ready(reading, "orders"), 6U);
  EXPECT_THAT(reading.problems, IsEmpty());
  EXPECT_EQ(collector_->NextDiscovery(), std::nullopt) << "no listing is needed for a known name";
}

TEST_F(RabbitmqDoubt, AVirtualHostThatIsNotThereIsNotAnEmptyOne) {
  UseManagement();
  options_.vhosts = {"prodd"};
  const auto reading = Run();
  ASSERT_FALSE(reading.ok());
  EXPECT_EQ(reading.error().kind, ErrorKind::kUnsupported);
  EXPECT_THAT(reading.error().message, HasSubstr("no such virtual host"));
  EXPECT_THAT(reading.error().message, HasSubstr("prodd"));
}

TEST_F(RabbitmqDoubt, AVirtualHostThatIsDeletedLaterIsNoticed) {
  UseManagement();
  options_.vhosts = {"prod"};
  management_.Answer("/api/vhosts/prod", R"({"name":"prod"})");
  management_.Answer("/api/queues/prod", "[]");
  EXPECT_TRUE(Run().ok());
  management_.Answer("/api/vhosts/prod", "", 404);
  management_.Answer("/api/queues/prod", "", 404);
  EXPECT_FALSE(Run().ok());
}

TEST_F(RabbitmqDoubt, AnEmptyListingOfABrokerThatHasQueuesIsAProblemOnceItLasts) {
  UseManagement();
  EXPECT_THAT(Good().problems, IsEmpty()) << "the last one may have been deleted a moment ago";
  clock_.Advance(QueueBook::kPatience);
  const Reading reading = Good();
  ASSERT_THAT(reading.problems, SizeIs(1));
  EXPECT_EQ(reading.problems[0].error.kind, ErrorKind::kPermission);
  EXPECT_THAT(reading.problems[0].error.message, HasSubstr("permission"));
  management_.Answer("/api/queues", "[" + Listed("orders", 1) + "]");
  EXPECT_THAT(Good().problems, IsEmpty());
}

TEST_F(RabbitmqDoubt, AnEmptyBrokerIsNone) {
  UseManagement();
  management_.Answer("/api/overview",
                     R"({"node":"a@b","rabbitmq_version":"3.10.8","object_totals":{"queues":0}})");
  Good();
  clock_.Advance(QueueBook::kPatience);
  EXPECT_THAT(Good().problems, IsEmpty());
}

}  // namespace
}  // namespace headroom::rabbitmq
