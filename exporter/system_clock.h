// SystemClock: the real Clock.
#pragma once

#include "collectors/clock.h"

namespace headroom {

class SystemClock final : public Clock {
 public:
  SteadyTime Now() const override;
  WallTime WallNow() const override;
  void WaitUntil(std::condition_variable& cv, std::unique_lock<std::mutex>& lock,
                 SteadyTime until) const override;
};

}  // namespace headroom
