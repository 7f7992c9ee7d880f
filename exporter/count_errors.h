// What a run adds to headroom_target_errors_total: one for a run that failed, else one for each
// part and each object that is unknown in it. Once per run, never per scrape (truth rule 10).
#pragma once

#include "exporter/self_metrics.h"
#include "exporter/snapshot.h"

namespace headroom {

void CountErrors(const Snapshot& run, TargetErrors& errors);

}  // namespace headroom
