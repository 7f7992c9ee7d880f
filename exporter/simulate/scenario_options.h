// The file of a rehearsal -> Scenario.
#pragma once

#include <cstdint>
#include <optional>

#include "collectors/options.h"
#include "exporter/simulate/scenario.h"

namespace headroom {

// What one rehearsal may take: beyond this it would no longer answer at once.
inline constexpr Duration kLongestPlay = std::chrono::hours(24 * 7);
inline constexpr std::int64_t kMostArrivals = 1'000'000;  // messages, of all pieces together

// Reads `root` (a table) completely and reports every mistake, sorted by place. Disengaged after an
// error. Reads zone files.
std::optional<Scenario> ReadScenario(const Value& root, Diagnostics& diagnostics);

}  // namespace headroom
