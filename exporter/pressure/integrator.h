// Integrator: from what successive runs of one target saw to what happened between them.
//
// The method is the trapezoid between two good runs that follow each other, on the monotonic time
// at which their replies were there. What nobody watched is not guessed: a gap that is longer than
// the caller says, and the time around a failed run, add nothing, to the observed time neither.
// Method and limits, with measured errors: docs/pressure.md.
//
// Pure: the time comes in with the runs. Threads: one instance belongs to one thread.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "collectors/clock.h"
#include "exporter/pressure/area.h"
#include "exporter/pressure/area_table.h"

namespace headroom {

class Integrator {
 public:
  struct Areas {
    std::vector<AreaSeconds> queues;  // in the order of the run
    std::vector<AreaSeconds> pools;
  };
  // A good run, of which the reply was there at `at`; not before that of the run before it. If it
  // was there more than `longest_gap` before, nothing is known of the time between.
  Areas OnRun(SteadyTime at, Duration longest_gap, std::span<const Observation> queues,
              std::span<const Observation> pools);
  void OnFailure() { last_.reset(); }
  // Time between runs that was counted.
  double ObservedSeconds() const { return observed_.Seconds(); }

 private:
  std::optional<SteadyTime> last_;  // the last good run, unless one has failed since
  Area observed_;
  AreaTable queues_;
  AreaTable pools_;
};

}  // namespace headroom
