// Round numbers for the rows of a table and the ticks of an axis.
#pragma once

#include <cstdint>

#include "collectors/clock.h"

namespace headroom {

// The smallest round duration (1, 2, 5, 10, 15 or 30 seconds or minutes, hours, days, ...) of which
// at most `most` make `whole`, or nearly: never below 100 ms, never above a day.
Duration RoundStep(Duration whole, int most);

// The smallest of 1, 2, 5, 10, 20, 50, ... of which at most `most` make `whole`.
std::uint64_t RoundStep(std::uint64_t whole, std::uint64_t most);

}  // namespace headroom
