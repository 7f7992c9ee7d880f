// --simulate: reads a scenario, plays it, prints what came of it.
#pragma once

#include <string>

namespace headroom {

// `svg_file` empty: no plot in a file. The report goes to standard output, mistakes to standard
// error. The exit code: 0; 1 when something could not be written or the scenario is too large; 2
// when it is wrong.
int Simulate(const std::string& scenario_file, const std::string& svg_file);

}  // namespace headroom
