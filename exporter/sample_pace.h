// SamplePace: how often a sampled target is asked, and how far apart two samples may be that say
// something about the time between them. Pure.
#pragma once

#include <algorithm>
#include <chrono>

#include "collectors/clock.h"

namespace headroom {

// The shortest time from the start of a run that costs `cost` to that of the next, if runs may take
// the share `max_duty` of time. Precondition: max_duty > 0.
inline Duration SpreadOver(Duration cost, double max_duty) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::nano>(cost) /
                                              max_duty);
}

// Precondition: interval > 0.
struct SamplePace {
  Duration interval{};  // sample_interval, as configured
  double max_duty = 1;
  Duration cost{};  // of a run, as a rule

  // Ticks are on a grid; the one after a run is never before its end.
  Duration Every() const {
    return std::max((cost / interval + 1) * interval, SpreadOver(cost, max_duty));
  }
  // Judged against the pace that the worker itself has chosen: a target that is always slow would
  // else never be observed. Up to what is short for somebody who waits, all the same.
  Duration LongestGap() const {
    return std::max(3 * interval, std::min<Duration>(3 * Every(), std::chrono::seconds(2)));
  }
  // At this pace no two samples are close enough.
  bool Blind() const { return Every() > LongestGap(); }
};

}  // namespace headroom
