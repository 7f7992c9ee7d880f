// WorkloadView: one workload as one request sees it; what pages and explanations are made from.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "collectors/clock.h"
#include "exporter/target_view.h"
#include "exporter/workload/evaluate.h"
#include "exporter/workload/inputs.h"
#include "exporter/workload/workloads.h"

namespace headroom {

struct WorkloadView {
  std::shared_ptr<const WorkloadOptions> options;
  WorkloadInputs inputs;
  WorkloadResult result;
};

// In the order of `workloads`. `targets`: all that the request asked, before the joined view drops
// any; what is not among them is unknown. Pure.
std::vector<WorkloadView> EvaluateWorkloads(const Workloads& workloads,
                                            std::span<const TargetView> targets, WallTime now);

// Explain() of a view that was made at `now`.
std::vector<std::string> ExplainView(const WorkloadView& view, WallTime now);

}  // namespace headroom
