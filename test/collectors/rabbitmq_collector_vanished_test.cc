// Many queues that have gone, and few lookups by name: what was confirmed stays, and neither the
// queues that live nor the run itself pay for those that do not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "test/collectors/rabbitmq_collector_fixture.h"

namespace headroom::rabbitmq {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::Le;
using testing::SizeIs;

class RabbitmqVanished : public RabbitmqCollectorTest {
 protected:
  RabbitmqVanished() {
    UseManagement();
    UsePlugin(node_a_);
    options_.source = Source::kPlugin;
  }

  // They are seen once; then the page has only what is given.
  void Lose(int count, const std::vector<test::PageQueue>& left) {
    std::vector<test::PageQueue> queues = left;
    for (int i = 0; i < count; ++i) queues.push_back({"/", Name(i), 1});
    node_a_.Answer(kPage, Page(queues));
    Good();
    node_a_.Answer(kPage, Page(left));
    management_.TakeRequests();
  }
  static std::string Name(int i) { return "reply" + std::to_string(i); }
  static int Zeros(const Reading& reading) {
    return static_cast<int>(
        std::count_if(reading.queues.begin(), reading.queues.end(),
                      [](const Queue& q) { return q.name.starts_with("reply") && q.ready == 0U; }));
  }
  void Discover() {
    while (*collector_->NextDiscovery() <= clock_.Now()) {
      ASSERT_TRUE(collector_->DiscoverSlice(Deadline(clock_, clock_.Now() + seconds(20))).ok());
    }
  }
};

TEST_F(RabbitmqVanished, OnceConfirmedTheyStayAtZeroHoweverRareTheRuns) {
  Lose(100, {{"/", "another", 1}});
  for (int run = 0; run < 5; ++run) {
    clock_.Advance(minutes(1));
    Good();
  }
  for (int run = 0; run < 10; ++run) {
    clock_.Advance(minutes(1));
    management_.TakeRequests();
    EXPECT_EQ(Zeros(Good()), 100) << run;
    EXPECT_THAT(management_.TakeRequests(), SizeIs(Le(2 + 8)));
  }
}

TEST_F(RabbitmqVanished, EachIsAskedForAgainInTurn) {
  Lose(20, {{"/", "another", 1}});
  Good();
  clock_.Advance(QueueBook::kPatience);
  EXPECT_EQ(Zeros(Good()), 20);
  management_.Answer("/api/queues/%2F/reply7", Listed("reply7", 3));
  int told = 0;
  for (int run = 0; run < 3; ++run) {
    clock_.Advance(QueueBook::kTrust);
    if (Ready(Good(), "reply7") == 3U) ++told;
  }
  EXPECT_GT(told, 0) << "it is on no page, but it is there";
}

TEST_F(RabbitmqVanished, ANodeThatIsDownMakesThemUnknown) {
  Lose(1, {{"/", "another", 1}});
  Good();
  clock_.Advance(QueueBook::kPatience);
  EXPECT_EQ(Zeros(Good()), 1);
  node_a_.Answer(kPage, Page({{"/", "another", 1}}, "c@d"));
  EXPECT_EQ(Zeros(Good()), 0);
}

TEST_F(RabbitmqVanished, ALiveQueueThatNoPageCanShowComesBeforeThem) {
  management_.Answer("/api/queues", R"([{"vhost":"/","name":"z\"z"}])");
  management_.Answer("/api/queues/%2F/z%22z", Listed("z\\\"z", 3));
  Lose(100, {{"/", "another", 1}, {"/", "z\"z", 3}});
  Discover();
  for (int run = 0; run < 10; ++run) {
    EXPECT_EQ(Ready(Good(), "z\"z"), 3U) << run;
    clock_.Advance(seconds(10));
  }
}

TEST_F(RabbitmqVanished, ThoseThatWentLastAreZeroInEachRunWhereNoPageTellsOfAReturn) {
  Lose(100, {{"/", "another", 1}, {"/", "z\"z", 3}});
  Good();
  clock_.Advance(QueueBook::kPatience);
  const auto zeros = [this] {
    std::vector<std::string> names;
    for (const Queue& queue : Good().queues) {
      if (queue.ready == 0U) names.push_back(queue.name);
    }
    return names;
  };
  const std::vector<std::string> first = zeros();
  EXPECT_THAT(first, SizeIs(64));
  EXPECT_EQ(zeros(), first);
}

TEST_F(RabbitmqVanished, ADistantBrokerIsAskedForAShareOfTheRunOnly) {
  Lose(60, {{"/", "another", 1}});
  management_.Slow(milliseconds(20));
  Good(seconds(1));
  EXPECT_THAT(management_.TakeRequests(), SizeIs(Le(2 + 15)));
}

TEST_F(RabbitmqVanished, WhatIsConfirmedIsShownWhenTheShareIsUsedUp) {
  Lose(60, {{"/", "another", 1}});
  Good();
  clock_.Advance(QueueBook::kPatience);
  EXPECT_EQ(Zeros(Good()), 60);
  clock_.Advance(QueueBook::kTrust);
  management_.Slow(milliseconds(100));
  EXPECT_EQ(Zeros(Good(seconds(1))), 60);
}

}  // namespace
}  // namespace headroom::rabbitmq
