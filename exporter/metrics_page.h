// The page at /metrics: every target's series, the workloads', what is known of the targets, and
// the exporter itself.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "collectors/clock.h"
#include "exporter/self_metrics.h"
#include "exporter/target_view.h"
#include "exporter/workload/workload_view.h"

namespace headroom {

enum class PageScope {
  kEverything,
  kNamedOnly,  // collect[]: what is named, without the exporter's own process
};

// `targets` and `workloads` sorted by name; no name twice.
std::string RenderMetricsPage(const std::vector<TargetView>& targets, const SelfMetrics& self,
                              SteadyTime now, PageScope scope,
                              std::span<const WorkloadView> workloads = {});

}  // namespace headroom
