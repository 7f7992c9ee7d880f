// Failed runs of a TargetWorker, and its back-off.
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "exporter/target_worker.h"
#include "test/exporter/target_worker_fixture.h"

namespace headroom {
namespace {

using namespace std::chrono_literals;

TEST_F(TargetWorkerTest, AFailedRunIsUnknownAndNotServedAgain) {
  FailFrom(ErrorKind::kConnect);
  Start();
  EXPECT_EQ(AskAndWait(), nullptr);
  EXPECT_EQ(AskAndWait(), nullptr);
  EXPECT_EQ(script_->started, 2);
  ASSERT_NE(worker_->status().last, nullptr);
  EXPECT_EQ(worker_->status().last->error->kind, ErrorKind::kConnect);
}

TEST_F(TargetWorkerTest, AGoodRunIsNotServedOnceALaterOneFailed) {
  Start();
  AskAndWait();
  clock_.Advance(2s);
  FailFrom(ErrorKind::kConnect);
  EXPECT_EQ(AskAndWait(), nullptr);
  EXPECT_EQ(AskAndWait(), nullptr);
  EXPECT_TRUE(worker_->status().good_started.has_value());
}

TEST_F(TargetWorkerTest, AfterThreeFailuresNobodyWaits) {
  FailFrom(ErrorKind::kTimeout);
  Start();
  for (int i = 0; i < 3; ++i) AskAndWait();
  script_->block = true;
  auto at_once = Ask();
  EXPECT_TRUE(Answered(at_once));
  EXPECT_EQ(at_once.get(), nullptr);
  EXPECT_TRUE(worker_->status().backing_off);
  EXPECT_EQ(script_->started, 3);
}

TEST_F(TargetWorkerTest, BackOffRetriesOnItsOwnAndASuccessEndsIt) {
  FailFrom(ErrorKind::kConnect);
  Start();
  for (int i = 0; i < 3; ++i) AskAndWait();
  script_->block = true;
  clock_.Advance(1s);
  script_->WaitStarted(4);  // nobody asked
  script_->answer = [] { return Result<Reading>(Reading{}); };
  auto during_retry = Ask();
  EXPECT_TRUE(Answered(during_retry));
  script_->block = false;
  while (worker_->status().backing_off) std::this_thread::yield();
  EXPECT_NE(AskAndWait(), nullptr);
}

TEST_F(TargetWorkerTest, WhoeverWaitsWhenBackOffStartsIsAnswered) {
  FailFrom(ErrorKind::kConnect);
  Start();
  AskAndWait();
  AskAndWait();
  script_->block = true;
  auto joined = Ask();
  script_->WaitStarted(3);
  clock_.Advance(1500ms);
  auto too_late_to_join = Ask();
  script_->block = false;
  EXPECT_EQ(joined.get(), nullptr);
  EXPECT_EQ(too_late_to_join.get(), nullptr);
  EXPECT_EQ(script_->started, 3);
}

TEST_F(TargetWorkerTest, ASliceThatThrowsIsAFailedRunAndLeadsToBackOff) {
  script_->discovery = clock_.Now();
  script_->slice_throws = true;
  Start();
  script_->WaitSlices(3);
  while (!worker_->status().backing_off) std::this_thread::yield();
  EXPECT_EQ(worker_->status().last->error,
            (headroom::Error{ErrorKind::kInternal, "discovery: exception: slice"}));
  AskAndWait();
  worker_->Stop();
  EXPECT_EQ(script_->slices, 3);  // and no more: it does not spin
}

TEST_F(TargetWorkerTest, InBackOffDiscoveryRestsToo) {
  FailFrom(ErrorKind::kConnect);
  Start();
  for (int i = 0; i < 2; ++i) AskAndWait();
  script_->answer = [this] {
    script_->discovery = clock_.Now();
    return Result<Reading>(headroom::Error{ErrorKind::kConnect, "scripted"});
  };
  AskAndWait();
  clock_.Advance(500ms);
  AskAndWait();
  worker_->Stop();
  EXPECT_EQ(script_->slices, 0);
}

}  // namespace
}  // namespace headroom
