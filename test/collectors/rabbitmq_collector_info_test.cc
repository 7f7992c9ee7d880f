// What a pass that fails takes away, and what it does not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "test/collectors/rabbitmq_collector_fixture.h"

namespace headroom::rabbitmq {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

std::string Dying(const std::string& name, const std::string& exchange) {
  return R"({"vhost":"/","name":")" + name +
         R"(","type":"classic","durable":true,"arguments":{"x-dead-letter-exchange":")" + exchange +
         R"("}})";
}

class RabbitmqInfo : public RabbitmqCollectorTest {
 protected:
  RabbitmqInfo() {
    UseManagement();
    UsePlugin(node_a_);
    options_.source = Source::kPlugin;
    options_.wanted.info = true;
    node_a_.Answer(kPage, Page({{"/", "orders", 1}}));
    management_.Answer("/api/policies", "[]");
    management_.Answer("/api/queues", "[" + Dying("orders", "") + "]");
  }

  Status Slice() { return collector_->DiscoverSlice(Deadline(clock_, clock_.Now() + seconds(20))); }
  // Until the pass has ended, well or not.
  Status Pass() {
    Status slice = Ok{};
    do {
      slice = Slice();
    } while (slice.ok() && *collector_->NextDiscovery() <= clock_.Now());
    return slice;
  }
  static void ExpectKindAlone(const Reading& reading) {
    const Queue* queue = Find(reading, "orders");
    ASSERT_NE(queue, nullptr);
    EXPECT_EQ(queue->kind, "classic");
    EXPECT_EQ(queue->durable, true);
    EXPECT_EQ(queue->dead_letter_queue, std::nullopt);
    EXPECT_EQ(queue->dead_letter_exchange, std::nullopt);
    EXPECT_THAT(Failed(reading), ElementsAre("info"));
  }
};

TEST_F(RabbitmqInfo, APassThatFailsKeepsWhatNeverChanges) {
  Good();
  ASSERT_TRUE(Pass().ok());
  Reading reading = Good();
  EXPECT_THAT(Failed(reading), IsEmpty());
  EXPECT_EQ(Find(reading, "orders")->kind, "classic");
  EXPECT_EQ(Find(reading, "orders")->dead_letter_queue, false);
  EXPECT_EQ(Find(reading, "orders")->dead_letter_exchange, "");
  management_.Answer("/api/queues", "", 503);
  ASSERT_FALSE(Pass().ok());
  ExpectKindAlone(Good());
}

TEST_F(RabbitmqInfo, AListingTellsTheKindEvenIfThePoliciesAreRefused) {
  management_.Answer("/api/policies", "", 401);
  Good();
  ASSERT_TRUE(Slice().ok());
  Reading reading = Good();
  EXPECT_EQ(Find(reading, "orders")->kind, "classic");
  EXPECT_EQ(Find(reading, "orders")->dead_letter_queue, std::nullopt) << "nobody has looked yet";
  ASSERT_FALSE(Slice().ok());
  ExpectKindAlone(Good());
  EXPECT_GE(*collector_->NextDiscovery(), clock_.Now() + options_.discovery_interval - seconds(5))
      << "a refusal does not pass by itself: the listing is not repeated every 30 s";
}

TEST_F(RabbitmqInfo, AQueueThatIsNewInAPassHasNoRoleUntilItEnds) {
  Good();
  ASSERT_TRUE(Pass().ok());
  node_a_.Answer(kPage, Page({{"/", "orders", 1}, {"/", "second", 1}}));
  management_.Answer("/api/queues", "[" + Dying("orders", "") + "," + Dying("second", "") + "]");
  ASSERT_TRUE(Slice().ok());
  const Reading reading = Good();
  EXPECT_EQ(Find(reading, "orders")->dead_letter_queue, false);
  EXPECT_EQ(Find(reading, "second")->kind, "classic");
  EXPECT_EQ(Find(reading, "second")->dead_letter_queue, std::nullopt);
}

TEST_F(RabbitmqInfo, TooManyExchangesTakeOnlyTheDeadLettersAway) {
  std::string listing = "[" + Dying("orders", "dlx");
  for (int i = 0; i < 200; ++i) {
    const std::string number = std::to_string(i);
    listing.append(",").append(Dying("other" + number, "dlx" + number));
  }
  management_.Answer("/api/queues", listing + "]");
  Good();
  ASSERT_FALSE(Pass().ok());
  ExpectKindAlone(Good());
  EXPECT_GE(*collector_->NextDiscovery(), clock_.Now() + options_.discovery_interval - seconds(5));
}

}  // namespace
}  // namespace headroom::rabbitmq
