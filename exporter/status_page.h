// The page at "/": what headroom sees, for a person. Every target with its state and the reason for
// it, the workloads and the reasons for their numbers, then queues, workers and pools with the
// numbers of this very moment.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "collectors/clock.h"
#include "exporter/status_workloads.h"
#include "exporter/target_view.h"

namespace headroom {

// A whole HTML document; needs no scripts and loads nothing. Pure.
std::string RenderStatusPage(const std::vector<TargetView>& targets, SteadyTime now,
                             std::string_view telemetry_path,
                             const StatusWorkloads& workloads = {});

}  // namespace headroom
