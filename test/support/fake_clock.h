// FakeClock: a clock that tests move. Starts at an arbitrary but fixed moment.
#pragma once

#include <atomic>
#include <chrono>

#include "collectors/clock.h"

namespace headroom::test {

class FakeClock final : public Clock {
 public:
  // 2026-01-01T00:00:00Z
  static constexpr std::int64_t kEpochSeconds = 1'767'225'600;

  SteadyTime Now() const override { return SteadyTime(std::chrono::hours(1) + Elapsed()); }
  WallTime WallNow() const override {
    return WallTime(std::chrono::seconds(kEpochSeconds) + Elapsed());
  }
  // Wakes at least every millisecond of real time and lets the caller look at its condition: what
  // the test sees depends on the fake time alone, however long the real wait.
  void WaitUntil(std::condition_variable& cv, std::unique_lock<std::mutex>& lock,
                 SteadyTime until) const override {
    if (Now() < until) cv.wait_for(lock, std::chrono::milliseconds(1));
  }

  void Advance(Duration by) { elapsed_ += by.count(); }

 private:
  Duration Elapsed() const { return Duration(elapsed_.load()); }
  std::atomic<Duration::rep> elapsed_{0};
};

}  // namespace headroom::test
