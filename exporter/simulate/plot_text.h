// A rehearsal as a small plot of plain characters.
#pragma once

#include <string>

#include "exporter/simulate/outcome.h"

namespace headroom {

// Messages over time and, below it, workers; 80 columns wide. Lines end with a newline.
std::string PlotText(const Outcome& outcome);

}  // namespace headroom
