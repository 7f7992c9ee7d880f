// [[workload]]: the keys of workloads. What they name of the targets is workload_targets.h's.
#pragma once

#include <span>

#include "collectors/options.h"
#include "exporter/config/config.h"
#include "exporter/workload/workloads.h"

namespace headroom {

// Reads each [[workload]] of `root` and checks it against `targets`, which have been read before:
// declares the queues to them. Mistakes go to `diagnostics`. Reads zone files.
Workloads ReadWorkloads(OptionsReader& root, std::span<TargetConfig> targets,
                        Diagnostics& diagnostics);

}  // namespace headroom
