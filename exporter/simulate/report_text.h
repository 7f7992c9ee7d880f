// A rehearsal as text for a terminal.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "exporter/simulate/outcome.h"
#include "exporter/simulate/scenario.h"

namespace headroom {

// "100 messages in 1h10m; 10 workers, fixed".
std::string PlanText(const Scenario& scenario, const Outcome& outcome);

// What came of it, a name and a sentence each: "drained", "1h after the first message".
std::vector<std::pair<std::string, std::string>> SummaryLines(const Scenario& scenario,
                                                              const Outcome& outcome);

// The summary and the table over time; lines end with a newline.
std::string ReportText(const Scenario& scenario, const Outcome& outcome);

}  // namespace headroom
