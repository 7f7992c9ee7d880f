// TypicalCost: what a run of one target takes as a rule, whatever one of them took.
//
// The median: a stall (a fork, a slow command of somebody else) says nothing about what the next
// run costs the target, and half of the runs must be slow before it moves.
// Threads: one at a time.
#pragma once

#include <array>
#include <cstddef>

#include "collectors/clock.h"

namespace headroom {

class TypicalCost {
 public:
  static constexpr std::size_t kRuns = 8;

  void Add(Duration run);
  // The median of the last kRuns, of an even number the smaller of the two in the middle: at least
  // half of them took no longer. 0 before the first.
  Duration Median() const;

 private:
  std::array<Duration, kRuns> runs_{};  // a ring, once it is full
  std::size_t added_ = 0;
};

}  // namespace headroom
