#include "exporter/target_worker.h"

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <utility>

#include "test/exporter/target_worker_fixture.h"

namespace headroom {
namespace {

using namespace std::chrono_literals;

TEST_F(TargetWorkerTest, DoesNothingUntilAsked) {
  Start();
  worker_->Stop();
  EXPECT_EQ(script_->started, 0);
}

TEST_F(TargetWorkerTest, ARequestGetsARun) {
  Start();
  const auto run = AskAndWait();
  ASSERT_NE(run, nullptr);
  EXPECT_TRUE(run->ok());
  EXPECT_EQ(run->started, clock_.Now());
}

TEST_F(TargetWorkerTest, RequestsWithinMaxAgeShareARun) {
  Start();
  AskAndWait();
  clock_.Advance(1s);
  AskAndWait();
  EXPECT_EQ(script_->started, 1);
  clock_.Advance(1ns);
  AskAndWait();
  EXPECT_EQ(script_->started, 2);
}

TEST_F(TargetWorkerTest, ARunInFlightThatQualifiesIsJoined) {
  script_->block = true;
  Start();
  auto first = Ask();
  script_->WaitStarted(1);
  clock_.Advance(1s);
  auto second = Ask();
  script_->block = false;
  EXPECT_NE(first.get(), nullptr);
  EXPECT_NE(second.get(), nullptr);
  EXPECT_EQ(script_->started, 1);
}

TEST_F(TargetWorkerTest, ARunInFlightThatStartedTooEarlyIsNotJoined) {
  script_->block = true;
  Start();
  auto first = Ask();
  script_->WaitStarted(1);
  clock_.Advance(1001ms);
  auto second = Ask();
  script_->block = false;
  EXPECT_NE(second.get(), first.get());
  EXPECT_EQ(script_->started, 2);
}

TEST_F(TargetWorkerTest, AgeIsJudgedAtArrivalSoASlowRunStillCounts) {
  options_.timeout = 1h;
  script_->block = true;
  Start();
  auto slow = Ask();
  script_->WaitStarted(1);
  clock_.Advance(30s);  // far beyond max_age
  script_->block = false;
  EXPECT_NE(slow.get(), nullptr);
}

TEST_F(TargetWorkerTest, ADearRunIsServedForItsShareOfTime) {
  options_.timeout = 1h;
  script_->block = true;
  Start();
  auto slow = Ask();
  script_->WaitStarted(1);
  clock_.Advance(3s);
  script_->block = false;
  slow.get();
  clock_.Advance(27s);  // 30 s after its start: a tenth of the time at most
  AskAndWait();
  EXPECT_EQ(script_->started, 1);
  clock_.Advance(1ms);
  AskAndWait();
  EXPECT_EQ(script_->started, 2);
}

TEST_F(TargetWorkerTest, ARunEndsAtTheTargetsTimeout) {
  script_->block = true;
  Start();
  auto asked = Ask();
  script_->WaitStarted(1);
  clock_.Advance(2s);
  EXPECT_EQ(asked.get(), nullptr);
  EXPECT_EQ(worker_->status().last->error->kind, ErrorKind::kTimeout);
}

TEST_F(TargetWorkerTest, StopEndsARunInFlightAndSaysNothingAboutTheTarget) {
  script_->block = true;
  Start();
  auto asked = Ask();
  script_->WaitStarted(1);
  worker_->Stop();  // the clock stands still: only the cancellation can end the run
  EXPECT_EQ(asked.get(), nullptr);
  EXPECT_EQ(observed_, 0);
  EXPECT_EQ(AskAndWait(), nullptr);
}

TEST_F(TargetWorkerTest, AnExceptionIsAnInternalErrorAndTheCollectorIsMadeAnew) {
  script_->answer = []() -> Result<Reading> { throw std::runtime_error("boom"); };
  Start();
  EXPECT_EQ(AskAndWait(), nullptr);
  EXPECT_EQ(worker_->status().last->error,
            (headroom::Error{ErrorKind::kInternal, "exception: boom"}));
  EXPECT_EQ(script_->made, 2);
  script_->answer = [] { return Result<Reading>(Reading{}); };
  EXPECT_NE(AskAndWait(), nullptr);
}

TEST_F(TargetWorkerTest, AFailedRequiredPartFailsTheRunAndKeepsNothing) {
  script_->answer = [] {
    Reading reading;
    reading.queues.push_back(Queue{.name = "q", .ready = 3});
    reading.parts = {{"queues", true, headroom::Error{ErrorKind::kPermission, "no"}}};
    return Result<Reading>(std::move(reading));
  };
  Start();
  EXPECT_EQ(AskAndWait(), nullptr);
  const auto last = worker_->status().last;
  EXPECT_EQ(last->error, (headroom::Error{ErrorKind::kPermission, "queues: no"}));
  EXPECT_TRUE(last->reading.queues.empty());
  EXPECT_EQ(last->blocks.series, 0u);
}

TEST_F(TargetWorkerTest, AFailedOptionalPartLeavesTheRestStanding) {
  script_->answer = [] {
    Reading reading;
    reading.queues.push_back(Queue{.name = "q", .ready = 3});
    reading.parts = {{"server", false, headroom::Error{ErrorKind::kPermission, "no"}}};
    return Result<Reading>(std::move(reading));
  };
  Start();
  const auto run = AskAndWait();
  ASSERT_NE(run, nullptr);
  EXPECT_EQ(run->reading.queues.size(), 1u);
}

TEST_F(TargetWorkerTest, DiscoveryRunsBetweenRuns) {
  script_->discovery = clock_.Now();
  Start();
  script_->WaitSlices(1);
  EXPECT_NE(AskAndWait(), nullptr);
  EXPECT_EQ(script_->slices, 1);
}

}  // namespace
}  // namespace headroom
