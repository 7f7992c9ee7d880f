// The ticks of a TargetWorker that samples: when its runs start by themselves.
#include <gtest/gtest.h>

#include <chrono>

#include "exporter/target_worker.h"
#include "test/exporter/target_worker_fixture.h"

namespace headroom {
namespace {

using namespace std::chrono_literals;

TEST_F(TargetWorkerTest, ASampledTargetTicksByItself) {
  options_.sample_interval = 100ms;
  Start();
  SnapshotPtr run = WaitPublished(nullptr);
  for (int tick = 0; tick < 3; ++tick) {
    const SteadyTime previous = run->started;
    clock_.Advance(100ms);
    run = WaitPublished(run);
    EXPECT_EQ(run->started - previous, 100ms);
  }
}

TEST_F(TargetWorkerTest, ASampledTargetServesWhatItHasUpToTwoIntervals) {
  options_.max_age = 0s;
  options_.sample_interval = 5s;
  Start();
  WaitPublished(nullptr);
  clock_.Advance(4999ms);
  EXPECT_NE(AskAndWait(), nullptr);
  EXPECT_EQ(script_->started, 1);
}

TEST_F(TargetWorkerTest, MissedTicksAreNotMadeUpFor) {
  options_.sample_interval = 100ms;
  Start();
  const auto first = WaitPublished(nullptr);
  clock_.Advance(10s);
  const auto second = WaitPublished(first);
  clock_.Advance(99ms);
  AskAndWait();  // served from the second; the worker has looked at its ticks since
  worker_->Stop();
  EXPECT_EQ(script_->started, 2);
}

TEST_F(TargetWorkerTest, ADearRunTicksLessOften) {
  options_.timeout = 1h;
  options_.sample_interval = 100ms;
  script_->block = true;
  Start();
  script_->WaitStarted(1);
  clock_.Advance(50ms);
  script_->block = false;
  const auto first = WaitPublished(nullptr);
  clock_.Advance(400ms);  // 450 ms since its start: two ticks due, but 50 ms are a tenth of 500
  AskAndWait();
  EXPECT_EQ(script_->started, 1);
  clock_.Advance(50ms);
  EXPECT_EQ(WaitPublished(first)->started - first->started, 500ms);
}

TEST_F(TargetWorkerTest, ARunBetweenTwoTicksDoesNotMoveTheTicks) {
  options_.sample_interval = 100ms;
  FailFrom(ErrorKind::kConnect);
  Start();
  SnapshotPtr run = WaitPublished(nullptr);
  clock_.Advance(30ms);
  AskAndWait();  // nothing to serve: a run of its own
  script_->answer = [] { return Result<Reading>(Reading{}); };
  run = worker_->status().last;
  clock_.Advance(70ms);
  EXPECT_EQ(WaitPublished(run)->started - run->started, 70ms);
}

TEST_F(TargetWorkerTest, AStallDelaysTheTicksByItselfAndNoLonger) {
  options_.sample_interval = 100ms;
  Start();
  SnapshotPtr run = WaitPublished(nullptr);
  for (int i = 0; i < 3; ++i) run = RunThatTakes(0ms, 100ms, run);
  const auto stalled = RunThatTakes(1540ms, 100ms, run);
  run = RunThatTakes(0ms, 60ms, stalled);
  EXPECT_EQ(run->started - stalled->started, 1600ms);
  EXPECT_EQ(RunThatTakes(0ms, 100ms, run)->started - run->started, 100ms);
}

TEST_F(TargetWorkerTest, ASampledTargetDoesNotServeAStallForLong) {
  options_.sample_interval = 100ms;
  options_.max_age = 0s;
  Start();
  SnapshotPtr run = WaitPublished(nullptr);
  for (int i = 0; i < 3; ++i) run = RunThatTakes(0ms, 100ms, run);
  const auto stalled = RunThatTakes(1540ms, 100ms, run);
  EXPECT_NE(AskAndWait(), stalled);
}

}  // namespace
}  // namespace headroom
