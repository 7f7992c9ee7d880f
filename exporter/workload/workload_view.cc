#include "exporter/workload/workload_view.h"

#include <utility>

#include "exporter/calendar/floor.h"
#include "exporter/workload/explain.h"
#include "exporter/workload/gather_inputs.h"

namespace headroom {

std::vector<WorkloadView> EvaluateWorkloads(const Workloads& workloads,
                                            std::span<const TargetView> targets, WallTime now) {
  std::vector<WorkloadView> views;
  views.reserve(workloads.size());
  for (const auto& options : workloads) {
    WorkloadInputs inputs = GatherInputs(*options, targets, FloorsAt(options->floors, now));
    WorkloadResult result = Evaluate(*options, inputs);
    views.push_back({options, std::move(inputs), std::move(result)});
  }
  return views;
}

std::vector<std::string> ExplainView(const WorkloadView& view, WallTime now) {
  return Explain(*view.options, view.inputs, view.result, now);
}

}  // namespace headroom
