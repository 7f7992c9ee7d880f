// What the tests of TargetWorker share: a worker with a scripted collector and a clock that stands
// still.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "exporter/target_worker.h"
#include "test/support/fake_clock.h"
#include "test/support/fake_collector.h"

namespace headroom {

class TargetWorkerTest : public testing::Test {
 protected:
  void Start() {
    worker_ = std::make_unique<TargetWorker>(options_, test::FakeCollector::Factory(script_),
                                             clock_, [this](const Snapshot&) { ++observed_; });
  }
  std::future<SnapshotPtr> Ask() {
    auto promise = std::make_shared<std::promise<SnapshotPtr>>();
    worker_->Request(clock_.Now(), [promise](SnapshotPtr s) { promise->set_value(std::move(s)); });
    return promise->get_future();
  }
  SnapshotPtr AskAndWait() { return Ask().get(); }
  // Waits until a run later than `previous` is published, tick and all.
  SnapshotPtr WaitPublished(const SnapshotPtr& previous) {
    for (;;) {
      SnapshotPtr last = worker_->status().last;
      if (last != previous) return last;
      std::this_thread::yield();
    }
  }
  // The run that is due `after` from now, and is answered only `takes` after it has started.
  SnapshotPtr RunThatTakes(Duration takes, Duration after, const SnapshotPtr& previous) {
    const int runs = script_->started;
    script_->block = true;
    clock_.Advance(after);
    script_->WaitStarted(runs + 1);
    clock_.Advance(takes);
    script_->block = false;
    return WaitPublished(previous);
  }
  static bool Answered(std::future<SnapshotPtr>& f) {
    return f.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }
  void FailFrom(ErrorKind kind) {
    script_->answer = [kind] { return Result<Reading>(headroom::Error{kind, "scripted"}); };
  }

  test::FakeClock clock_;
  std::shared_ptr<test::Script> script_ = std::make_shared<test::Script>();
  WorkerOptions options_{
      "main", "redis", std::chrono::seconds(2), std::chrono::seconds(1), std::nullopt, 0.1, 1000};
  std::atomic<int> observed_{0};
  std::unique_ptr<TargetWorker> worker_;  // last: its thread uses the rest
};

}  // namespace headroom
