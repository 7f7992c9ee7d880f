// From what a request got of the targets to what the formulas need. Pure.
#pragma once

#include <span>

#include "exporter/target_view.h"
#include "exporter/workload/inputs.h"
#include "exporter/workload/options.h"

namespace headroom {

// `targets`: one view per target at least of those that the options name, and of those that the
// poolers among them name. What is not there is unknown: a target that was not asked, one without a
// run, an object that its run does not have. `floor`: what the calendar says now (FloorsAt).
WorkloadInputs GatherInputs(const WorkloadOptions& options, std::span<const TargetView> targets,
                            FloorState floor);

}  // namespace headroom
