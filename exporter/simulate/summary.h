// The part of an Outcome that is known only when all has been played.
#pragma once

#include "exporter/simulate/fleet.h"
#include "exporter/simulate/outcome.h"
#include "exporter/simulate/scenario.h"

namespace headroom {

// Counts, waits, the promise, the first floor. `fleet` as it stands at the end.
void Summarize(const Scenario& scenario, const Fleet& fleet, Outcome& outcome);

}  // namespace headroom
