// FakeCollector: a collector whose answers, delays and exceptions a test decides.
//
// The test holds the Script, the worker's thread holds the collector. A run that is told to block
// does so in Deadline::Poll, as a real one would, and ends when the test releases it, when its
// deadline passes on the test's clock, or when it is cancelled.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>

#include "collectors/collector.h"

namespace headroom::test {

class Script {
 public:
  // What each run answers; called on the worker's thread.
  std::function<Result<Reading>()> answer = [] { return Result<Reading>(Reading{}); };
  std::atomic<bool> block{false};
  std::atomic<int> started{0};
  std::atomic<int> slices{0};
  std::atomic<int> made{0};
  // Discovery is due from this moment on; disengaged: none.
  std::optional<SteadyTime> discovery;
  std::atomic<bool> slice_throws{false};

  void WaitStarted(int runs) { Wait(started, runs); }
  void WaitSlices(int n) { Wait(slices, n); }
  void Count(std::atomic<int>& counter) {
    const std::lock_guard lock(mutex_);
    ++counter;
    changed_.notify_all();
  }

 private:
  void Wait(const std::atomic<int>& counter, int at_least) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return counter >= at_least; });
  }
  std::mutex mutex_;
  std::condition_variable changed_;
};

class FakeCollector final : public Collector {
 public:
  explicit FakeCollector(std::shared_ptr<Script> script) : script_(std::move(script)) {}

  Result<Reading> Collect(const Deadline& deadline) override {
    script_->Count(script_->started);
    return Answer(deadline);
  }
  std::optional<SteadyTime> NextDiscovery() const override { return script_->discovery; }
  Status DiscoverSlice(const Deadline&) override {
    script_->Count(script_->slices);
    if (script_->slice_throws) throw std::runtime_error("slice");
    script_->discovery.reset();
    return Ok{};
  }

  static CollectorFactory Factory(std::shared_ptr<Script> script) {
    return [script](const Clock&) {
      script->Count(script->made);
      return std::make_unique<FakeCollector>(script);
    };
  }

 private:
  Result<Reading> Answer(const Deadline& deadline) {
    while (script_->block) {
      if (deadline.Expired()) return headroom::Error{ErrorKind::kTimeout, "deadline exceeded"};
      // A millisecond of real time at a go: the fake clock does not wake a poll.
      const auto waited = Deadline(real_, real_.Now() + std::chrono::milliseconds(1)).Poll(-1, 0);
      static_cast<void>(waited.ok());
    }
    return script_->answer();
  }

  class RealClock final : public Clock {
   public:
    SteadyTime Now() const override { return std::chrono::steady_clock::now(); }
    WallTime WallNow() const override { return std::chrono::system_clock::now(); }
    void WaitUntil(std::condition_variable&, std::unique_lock<std::mutex>&,
                   SteadyTime) const override {}
  };
  RealClock real_;
  std::shared_ptr<Script> script_;
};

}  // namespace headroom::test
