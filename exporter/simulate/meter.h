// Meter: what a rehearsal adds up over time.
#pragma once

#include <cstdint>
#include <optional>

#include "exporter/simulate/fleet.h"
#include "exporter/simulate/outcome.h"
#include "exporter/simulate/scenario.h"

namespace headroom {

class Meter {
 public:
  // `scenario` must outlive the meter.
  explicit Meter(const Scenario& scenario);

  // That was so from one instant until another. What does not last is not counted.
  void Hold(const FleetCounts& counts, Duration from, Duration until);
  // The largest backlog since this was asked last.
  std::uint64_t TakeMostBacklog();
  // Puts peaks, sums and the database's part into `outcome`.
  void Report(Outcome& outcome) const;

 private:
  const Scenario* scenario_;
  Peak backlog_;
  Peak waiting_;
  Peak workers_;
  Peak pods_;
  Wide pod_nanoseconds_ = 0;
  std::uint64_t most_backlog_ = 0;
  std::optional<DatabaseOutcome> database_;
};

}  // namespace headroom
