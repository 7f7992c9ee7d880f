#include "exporter/system_clock.h"

namespace headroom {

SteadyTime SystemClock::Now() const { return std::chrono::steady_clock::now(); }

WallTime SystemClock::WallNow() const { return std::chrono::system_clock::now(); }

void SystemClock::WaitUntil(std::condition_variable& cv, std::unique_lock<std::mutex>& lock,
                            SteadyTime until) const {
  if (until == SteadyTime::max()) {
    cv.wait(lock);
  } else {
    cv.wait_until(lock, until);
  }
}

}  // namespace headroom
