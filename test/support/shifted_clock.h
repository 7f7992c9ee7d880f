// ShiftedClock: the system's clock, moved ahead by as much as a test says. For tests with real
// sockets.
#pragma once

#include "exporter/system_clock.h"

namespace headroom::test {

class ShiftedClock final : public Clock {
 public:
  SteadyTime Now() const override { return system_.Now() + shift_; }
  WallTime WallNow() const override { return system_.WallNow() + shift_; }
  void WaitUntil(std::condition_variable& cv, std::unique_lock<std::mutex>& lock,
                 SteadyTime until) const override {
    system_.WaitUntil(cv, lock, until - shift_);
  }
  void Advance(Duration by) { shift_ += by; }

 private:
  SystemClock system_;
  Duration shift_{};
};

}  // namespace headroom::test
