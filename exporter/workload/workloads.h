// The workloads of a configuration: an immutable list that pages under way share with the targets.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/workload/options.h"

namespace headroom {

// In collect[]: what follows is the name of a workload.
inline constexpr std::string_view kWorkloadPrefix = "workload:";

// Never null; sorted by name, no name twice.
using Workloads = std::vector<std::shared_ptr<const WorkloadOptions>>;

// Null when there is none of that name.
std::shared_ptr<const WorkloadOptions> FindWorkload(const Workloads& workloads,
                                                    std::string_view name);

// "there is no workload "x" in the configuration", with the name that may have been meant, or those
// that there are.
std::string UnknownWorkload(const Workloads& workloads, std::string_view name);

// The targets that a workload names. The servers behind its poolers are theirs to name.
std::set<std::string> TargetsOf(const WorkloadOptions& workload);

}  // namespace headroom
