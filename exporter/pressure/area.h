// Area: the integral over time of a level, which is a count of messages or clients, or 0 and 1.
#pragma once

#include <cstdint>

#include "collectors/clock.h"

namespace headroom {

// Exact: a sum of whole numbers (twice the area, in nanoseconds), so nothing is lost however many
// small pieces are added for however long. 2^64 messages at all times fit into it for 292 years.
class Area {
 public:
  // The trapezoid under a straight line from `from` to `to`. Precondition: `during` >= 0.
  void Add(std::uint64_t from, std::uint64_t to, Duration during) {
    twice_nanos_ += (Wide{from} + to) * static_cast<Wide>(during.count());
  }
  // Level x seconds; the nearest doubles of a sum that grows never go backwards.
  double Seconds() const { return static_cast<double>(twice_nanos_) / 2e9; }

 private:
  __extension__ using Wide = unsigned __int128;
  Wide twice_nanos_ = 0;
};

}  // namespace headroom
