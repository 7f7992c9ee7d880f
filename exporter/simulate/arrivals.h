// When messages arrive, and how long each takes: plain numbers from what a scenario says of them.
// Exact; the same on every machine.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "exporter/simulate/scenario.h"
#include "exporter/workload/wide.h"

namespace headroom {

// Message n of a ramp (from 0 on) arrives when the rate, added up over time, has reached n: the
// first when it begins. None after its end.
Wide CountOf(const Arrivals& piece);

// The instants of all pieces together, in order. Precondition: few enough for the memory.
std::vector<Duration> ArrivalTimes(std::span<const Arrivals> pieces);

// One per message. The numbers behind it are those of std::mt19937_64, whose sequence the standard
// fixes.
std::vector<Duration> DrawServiceTimes(const ServiceTimes& service, std::size_t messages);

}  // namespace headroom
