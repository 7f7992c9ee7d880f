// [workers.hpa] of a rehearsal: how the HPA is set up.
#pragma once

#include "collectors/options.h"
#include "exporter/simulate/scenario.h"

namespace headroom {

// The keys of the HPA and of what it is fed with; `hpa` is finished. Mistakes go to its
// diagnostics.
ScalingPlan ReadScaling(OptionsReader& hpa, const WorkloadOptions& workload);

}  // namespace headroom
