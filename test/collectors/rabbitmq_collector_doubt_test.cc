// What looks like a healthy answer and is none: pages that contradict each other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace headroom::rabbitmq
