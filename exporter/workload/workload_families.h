// The series of workloads: which numbers of a WorkloadResult make which.
#pragma once

#include <span>

#include "exporter/exposition/blocks.h"
#include "exporter/exposition/family.h"
#include "exporter/workload/workload_view.h"

namespace headroom {

// What is unknown makes no series. Precondition: sorted by name, no name twice.
Blocks RenderWorkloads(std::span<const WorkloadView> workloads);

// Every family that RenderWorkloads may return.
std::span<const FamilyDesc> WorkloadFamilies();

}  // namespace headroom
