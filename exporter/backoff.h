// Backoff: how long to leave a failing target alone. Pure; the caller brings the time.
//
// From the 3rd consecutive failure on, retries wait 1 s, then twice as long each time up to 30 s,
// less up to a fifth at random, so that many exporters do not come back in step. One success resets
// it.
#pragma once

#include <cstdint>
#include <random>

#include "collectors/clock.h"

namespace headroom {

class Backoff {
 public:
  static constexpr int kFirstFailure = 3;
  static constexpr Duration kFirstDelay = std::chrono::seconds(1);
  static constexpr Duration kMaxDelay = std::chrono::seconds(30);

  // `seed` differs between targets and between processes, or they would come back in step after
  // all.
  explicit Backoff(std::uint64_t seed);

  void OnSuccess();
  void OnFailure(SteadyTime now);
  // In back-off nobody waits for this target; it is retried at retry_at().
  bool active() const { return failures_ >= kFirstFailure; }
  SteadyTime retry_at() const { return retry_at_; }

 private:
  int failures_ = 0;
  SteadyTime retry_at_{};
  std::minstd_rand random_;
};

}  // namespace headroom
