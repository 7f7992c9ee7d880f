// A rehearsal as a plot in one SVG file, which needs nothing else and can be read on light and dark
// backgrounds.
#pragma once

#include <string>

#include "exporter/simulate/outcome.h"
#include "exporter/simulate/scenario.h"

namespace headroom {

std::string PlotSvg(const Scenario& scenario, const Outcome& outcome);

}  // namespace headroom
