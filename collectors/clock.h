// Clock: the only source of time. Nothing else in the program asks the system for the time or
// sleeps, so that every rule about freshness, back-off and deadlines can be tested by moving a
// clock.
//
// Threads: safe from any thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>

namespace headroom {

using Duration = std::chrono::nanoseconds;
using SteadyTime = std::chrono::time_point<std::chrono::steady_clock, Duration>;
using WallTime = std::chrono::time_point<std::chrono::system_clock, Duration>;

inline double Seconds(Duration d) { return std::chrono::duration<double>(d).count(); }
// Since 1970. Nanoseconds of today do not fit into a double's 53 bits; whole seconds do.
inline double UnixSeconds(WallTime t) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(t);
  return static_cast<double>(whole.time_since_epoch().count()) + Seconds(t - whole);
}

// The age, in seconds, of what somebody else gave the time `written`; 0 for one that is ahead, as
// clocks differ. Disengaged for what no clock has shown: a time before March 1973 (10^8 s) is a
// field that nobody set, or a number that is not seconds since 1970; and no clock is a day ahead.
inline std::optional<double> AgeSince(double written, WallTime now) {
  constexpr double kFirst = 1e8;
  constexpr double kMaxAhead = 86400;
  const double age = UnixSeconds(now) - written;
  if (written < kFirst || age < -kMaxAhead) return std::nullopt;
  return std::max(0.0, age);
}

class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  // Monotonic: ages, durations and deadlines.
  virtual SteadyTime Now() const = 0;
  // Calendar time: only to compare with times that others wrote down (heartbeats, schedules).
  virtual WallTime WallNow() const = 0;
  // Waits on `cv` until it is notified or Now() >= `until`. May wake early for no reason: callers
  // loop on their own condition. `lock` is held on entry and on return.
  virtual void WaitUntil(std::condition_variable& cv, std::unique_lock<std::mutex>& lock,
                         SteadyTime until) const = 0;
};

}  // namespace headroom
