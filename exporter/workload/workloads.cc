#include "exporter/workload/workloads.h"

#include <algorithm>

#include "exporter/unknown_name.h"

namespace headroom {

std::shared_ptr<const WorkloadOptions> FindWorkload(const Workloads& workloads,
                                                    std::string_view name) {
  const auto found = std::find_if(workloads.begin(), workloads.end(),
                                  [name](const auto& workload) { return workload->name == name; });
  return found == workloads.end() ? nullptr : *found;
}

std::string UnknownWorkload(const Workloads& workloads, std::string_view name) {
  std::vector<std::string> names;
  for (const auto& workload : workloads) names.push_back(workload->name);
  return UnknownName("workload", name, names);
}

std::set<std::string> TargetsOf(const WorkloadOptions& workload) {
  std::set<std::string> targets;
  for (const WorkloadQueue& queue : workload.queues) targets.insert(queue.target);
  if (workload.worker_group) targets.insert(workload.worker_group->target);
  for (const WorkloadPool& pool : workload.pools) targets.insert(pool.target);
  return targets;
}

}  // namespace headroom
