#include "exporter/pressure/integrator.h"

namespace headroom {

Integrator::Areas Integrator::OnRun(SteadyTime at, Duration longest_gap,
                                    std::span<const Observation> queues,
                                    std::span<const Observation> pools) {
  std::optional<Duration> since_last;
  if (last_ && at - *last_ <= longest_gap) since_last = at - *last_;
  if (since_last) observed_.Add(1, 1, *since_last);
  last_ = at;
  return {queues_.Advance(queues, at, since_last), pools_.Advance(pools, at, since_last)};
}

}  // namespace headroom
