// Where the objects of a workload are looked for, and why one is not there, in words.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "exporter/target_view.h"
#include "exporter/workload/options.h"

namespace headroom {

// Null: not among them.
const TargetView* FindTarget(std::span<const TargetView> targets, std::string_view name);

// Why nothing is known of a target (null or without a run): "target main is down: ...".
std::string WhyNoRun(const TargetView* view, std::string_view name);

// Why a run does not have a queue or a worker group, or not all of it: what the run says of it or
// of a part that failed; else `otherwise`. Precondition: view.run.
std::string WhyNotInRun(const TargetView& view, const WorkloadQueue& queue,
                        std::string_view otherwise);
std::string WhyNotInRun(const TargetView& view, const WorkloadGroup& group,
                        std::string_view otherwise);

}  // namespace headroom
