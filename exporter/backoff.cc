#include "exporter/backoff.h"

#include <algorithm>

namespace headroom {

Backoff::Backoff(std::uint64_t seed) : random_(static_cast<std::minstd_rand::result_type>(seed)) {}

void Backoff::OnSuccess() { failures_ = 0; }

void Backoff::OnFailure(SteadyTime now) {
  ++failures_;
  if (!active()) return;
  const int doublings = std::min(failures_ - kFirstFailure, 5);
  const Duration delay = std::min(kMaxDelay, kFirstDelay * (1 << doublings));
  const double keep = std::uniform_real_distribution<double>(0.8, 1.0)(random_);
  retry_at_ = now + std::chrono::duration_cast<Duration>(delay * keep);
}

}  // namespace headroom
