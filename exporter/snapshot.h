// Snapshot: the immutable outcome of one run, shared by everybody who reads it.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "collectors/clock.h"
#include "collectors/reading.h"
#include "collectors/result.h"
#include "exporter/exposition/blocks.h"
#include "exporter/sample_pace.h"

namespace headroom {

struct Snapshot {
  SteadyTime started;
  SteadyTime replied;  // when the whole reply was there: the numbers are of [started, replied]
  SteadyTime finished;
  // Engaged: the run failed, and `reading` and `blocks` are empty.
  std::optional<Error> error;
  Reading reading;                 // as collected: nothing is cut, workloads see every queue
  Blocks blocks;                   // the reading's series, rendered once; empty when failed
  std::size_t dropped_series = 0;  // folded into queue="_other" (truth rule 7)
  // The target's pressure counters after this run, null if it is not sampled. A failed run shows
  // them as they were before it. (One whose reply was there and that ran out of memory afterwards
  // may have moved them: that time was observed, and shows with the next good run.)
  std::shared_ptr<const Blocks> pressure;
  // At which the target was sampled when this run was due; disengaged: not sampled, or failed.
  std::optional<SamplePace> pace;

  bool ok() const { return !error; }
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

}  // namespace headroom
