#include "exporter/gather.h"

#include <gtest/gtest.h>

#include <future>

#include "test/support/fake_clock.h"
#include "test/support/fake_collector.h"

namespace headroom {
namespace {

using namespace std::chrono_literals;
using test::FakeCollector;
using test::Script;

class GatherTest : public testing::Test {
 protected:
  std::shared_ptr<Script> Add(const std::string& name, Duration timeout) {
    auto script = std::make_shared<Script>();
    workers_.push_back(std::make_shared<TargetWorker>(
        WorkerOptions{name, "fake", timeout, 1s, std::nullopt, 0.1, 1000},
        FakeCollector::Factory(script), clock_, [](const Snapshot&) {}));
    return script;
  }
  std::future<std::vector<TargetView>> Ask(Duration budget,
                                           const std::vector<std::string>& awaited = {}) {
    auto promise = std::make_shared<std::promise<std::vector<TargetView>>>();
    Gather(loop_, workers_, clock_.Now(), clock_.Now() + budget, awaited,
           [promise](std::vector<TargetView> all) { promise->set_value(std::move(all)); });
    return promise->get_future();
  }

  test::FakeClock clock_;
  EventLoop loop_{clock_, [](std::string_view text) { ADD_FAILURE() << text; }};
  Workers workers_;
};

TEST_F(GatherTest, NoTargetsAnswerAtOnce) { EXPECT_TRUE(Ask(10s).get().empty()); }

TEST_F(GatherTest, AnswersInTheOrderOfTheWorkers) {
  Add("a", 2s);
  Add("b", 2s);
  const auto all = Ask(10s).get();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].target, "a");
  EXPECT_EQ(all[1].target, "b");
  EXPECT_NE(all[0].run, nullptr);
  EXPECT_NE(all[1].run, nullptr);
}

TEST_F(GatherTest, ATargetThatNobodyAskedForIsWaitedForALittle) {
  Add("good", 60s);
  auto frozen = Add("frozen", 30s);
  frozen->block = true;
  auto asked = Ask(60s, {"good"});
  Duration waited{};
  while (asked.wait_for(5ms) == std::future_status::timeout && waited < 20s) {
    clock_.Advance(10ms);
    waited += 10ms;
  }
  EXPECT_GE(waited, kJoinGrace);
  ASSERT_LT(waited, 20s);
  const auto all = asked.get();
  EXPECT_NE(all[0].run, nullptr);
  EXPECT_EQ(all[1].run, nullptr);
}

TEST_F(GatherTest, ATargetThatHangsCostsItsOwnTimeoutAndHarmsNoOther) {
  Add("good", 30s);  // its own time is not up when that of the other is
  auto hanging = Add("hanging", 2s);
  hanging->block = true;
  auto asked = Ask(10s);
  hanging->WaitStarted(1);
  EXPECT_EQ(asked.wait_for(0s), std::future_status::timeout);
  clock_.Advance(2s);
  const auto all = asked.get();
  EXPECT_NE(all[0].run, nullptr);
  EXPECT_EQ(all[1].run, nullptr);
}

TEST_F(GatherTest, TheScrapesDeadlineCutsAndTheRunServesTheNext) {
  auto slow = Add("slow", 30s);
  slow->block = true;
  auto first = Ask(500ms);
  slow->WaitStarted(1);
  clock_.Advance(500ms);
  EXPECT_EQ(first.get()[0].run, nullptr);
  auto second = Ask(10s);
  slow->block = false;
  EXPECT_NE(second.get()[0].run, nullptr);
  EXPECT_EQ(slow->started, 1);
}

TEST_F(GatherTest, TwoAtOnceShareOneRun) {
  auto script = Add("a", 2s);
  auto first = Ask(10s);
  auto second = Ask(10s);
  EXPECT_NE(first.get()[0].run, nullptr);
  EXPECT_NE(second.get()[0].run, nullptr);
  EXPECT_EQ(script->started, 1);
}

}  // namespace
}  // namespace headroom
