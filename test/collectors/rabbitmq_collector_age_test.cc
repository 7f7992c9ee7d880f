// The head of a queue with priorities is not its oldest message: an age is told only where it is
// known that there are none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>

#include "test/collectors/rabbitmq_collector_fixture.h"

namespace headroom::rabbitmq {
namespace {

using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kRanked = R"({"vhost":"/","name":"ranked","arguments":{"x-max-priority":10}})";
const std::string kPlain = R"({"vhost":"/","name":"plain","arguments":{}})";

std::string Dated(const std::string& name, const std::string& arguments) {
  return R"({"vhost":"/","name":")" + name + R"(","state":"running","messages_ready":1,)" +
         R"("messages_unacknowledged":0,"head_message_timestamp":1700000000,"arguments":)" +
         arguments + "}";
}

std::string DatedPage() {
  std::string page = "# TYPE rabbitmq_detailed_queue_head_message_timestamp gauge\n";
  for (const char* queue : {"ranked", "plain"}) {
    page += std::string("rabbitmq_detailed_queue_head_message_timestamp{vhost=\"/\",queue=\"") +
            queue + "\"} 1700000000\n";
  }
  return page + Page({{"/", "ranked", 1}, {"/", "plain", 1}});
}

class RabbitmqAge : public RabbitmqCollectorTest {
 protected:
  RabbitmqAge() {
    options_.wanted.age = true;
    management_.Answer("/api/policies", "[]");
  }

  Status Slice() { return collector_->DiscoverSlice(Deadline(clock_, clock_.Now() + seconds(20))); }
  static bool HasAge(const Reading& reading, std::string_view name) {
    return Find(reading, name)->oldest_message_age_seconds.has_value();
  }
};

TEST_F(RabbitmqAge, TheListingTellsAtOnceWhichQueuesHavePriorities) {
  UseManagement();
  management_.Answer("/api/queues", "[" + Dated("plain", "{}") + "," +
                                        Dated("ranked", R"({"x-max-priority":10})") + "]");
  const Reading reading = Good();
  EXPECT_THAT(management_.TakeRequests(), Contains(HasSubstr(",arguments")));
  EXPECT_TRUE(HasAge(reading, "plain"));
  EXPECT_FALSE(HasAge(reading, "ranked"));
  EXPECT_EQ(collector_->NextDiscovery(), std::nullopt);
}

TEST_F(RabbitmqAge, OnAPageAQueueHasNoAgeUntilTheManagementApiHasToldOfIt) {
  UseManagement();
  UsePlugin(node_a_);
  options_.source = Source::kPlugin;
  node_a_.Answer(kPage, DatedPage());
  management_.Answer("/api/queues", "[" + kPlain + "," + kRanked + "]");
  Reading reading = Good();
  EXPECT_FALSE(HasAge(reading, "plain"));
  EXPECT_FALSE(HasAge(reading, "ranked"));
  EXPECT_THAT(Failed(reading), IsEmpty());
  ASSERT_TRUE(collector_->NextDiscovery().has_value());
  EXPECT_FALSE(collector_->Discovered());
  ASSERT_TRUE(Slice().ok());
  reading = Good();
  EXPECT_TRUE(collector_->Discovered());
  EXPECT_TRUE(HasAge(reading, "plain"));
  EXPECT_FALSE(HasAge(reading, "ranked"));
  EXPECT_EQ(Find(reading, "plain")->dead_letter_queue, std::nullopt) << "info is not asked for";
}

TEST_F(RabbitmqAge, APassThatWasMadeForNamesTellsThemToo) {
  UseManagement();
  UsePlugin(node_a_);
  options_.source = Source::kPlugin;
  node_a_.Answer(kPage, Page({{"/", "plain", 1}, {"/", "a\"b", 1}}));  // no age, and one unreadable
  management_.Answer("/api/queues", "[" + kPlain + "," + kRanked + "]");
  Good();
  ASSERT_TRUE(collector_->NextDiscovery().has_value());
  ASSERT_TRUE(Slice().ok());
  node_a_.Answer(kPage, DatedPage());
  const Reading reading = Good();
  EXPECT_TRUE(HasAge(reading, "plain"));
  EXPECT_FALSE(HasAge(reading, "ranked"));
}

TEST_F(RabbitmqAge, WhereTheManagementApiRefusesThePartSaysWhy) {
  UseManagement();
  UsePlugin(node_a_);
  options_.source = Source::kPlugin;
  node_a_.Answer(kPage, DatedPage());
  management_.Answer("/api/queues", "", 503);
  Good();
  ASSERT_FALSE(Slice().ok());
  EXPECT_GT(collector_->NextDiscovery(), clock_.Now());
  EXPECT_LE(collector_->NextDiscovery(), clock_.Now() + seconds(30)) << "not discovery_interval";
  const Reading reading = Good();
  EXPECT_THAT(Failed(reading), ElementsAre("age"));
  EXPECT_FALSE(HasAge(reading, "plain"));
}

TEST_F(RabbitmqAge, AFailedPassGivesAQueueWithPrioritiesNoAgeBack) {
  UseManagement();
  UsePlugin(node_a_);
  options_.source = Source::kPlugin;
  options_.wanted.info = true;
  node_a_.Answer(kPage, DatedPage());
  management_.Answer("/api/queues", "[" + kPlain + "," + kRanked + "]");
  Good();
  ASSERT_TRUE(Slice().ok() && Slice().ok());
  management_.Answer("/api/policies", "", 503);
  ASSERT_TRUE(Slice().ok());
  ASSERT_FALSE(Slice().ok());
  const Reading reading = Good();
  EXPECT_THAT(Failed(reading), ElementsAre("info"));
  EXPECT_TRUE(HasAge(reading, "plain"));
  EXPECT_FALSE(HasAge(reading, "ranked"));
}

TEST_F(RabbitmqAge, APageAloneNeverTells) {
  UsePlugin(node_a_);
  node_a_.Answer(kPage, DatedPage());
  EXPECT_TRUE(HasAge(Good(), "plain"));
  EXPECT_EQ(collector_->NextDiscovery(), std::nullopt);
}

}  // namespace
}  // namespace headroom::rabbitmq
