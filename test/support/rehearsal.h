// Shorthands for tests of rehearsals.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exporter/simulate/rehearse.h"
#include "exporter/simulate/report_text.h"
#include "exporter/simulate/scenario_options.h"
#include "test/support/toml.h"

namespace headroom::test {

// Precondition: a good one.
inline Scenario ScenarioOf(std::string_view text) {
  Diagnostics diagnostics;
  return ReadScenario(Toml(text), diagnostics).value();
}

// Precondition: valid TOML. Empty when the scenario is good.
inline std::vector<std::string> MistakesOf(std::string_view text) {
  Diagnostics diagnostics;
  ReadScenario(Toml(text), diagnostics);
  return Messages(diagnostics);
}

inline Outcome Played(const Scenario& scenario) { return Rehearse(scenario).value(); }
inline Outcome Played(std::string_view text) { return Played(ScenarioOf(text)); }

}  // namespace headroom::test
