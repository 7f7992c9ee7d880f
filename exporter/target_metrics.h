// What the exporter says about each of its targets, built when a page is rendered: ages are those
// of that moment.
#pragma once

#include <prometheus/metric_family.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "collectors/clock.h"
#include "exporter/exposition/family.h"

namespace headroom {

// Disengaged is unknown and becomes an absent series.
struct TargetState {
  std::string target;
  std::string system;
  bool up = false;
  std::vector<std::pair<std::string, bool>> parts;  // name, answered
  std::optional<WallTime> last_success;             // end of the last good run
  std::optional<Duration> data_age;                 // since the start of the last good run
  std::optional<Duration> discovery_age;            // since the start of the last complete pass
  std::optional<Duration> collect_duration;         // of the last finished run
  std::optional<std::size_t> series;                // that the run put on the page
  std::optional<std::size_t> dropped_series;        // that max_series kept from it
};

std::vector<prometheus::MetricFamily> TargetMetrics(std::span<const TargetState> targets);

// Every family that TargetMetrics may return.
std::span<const FamilyDesc> TargetFamilies();

}  // namespace headroom
