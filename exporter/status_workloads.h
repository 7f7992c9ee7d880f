// The workloads on the page at "/": how many workers there should be, and why.
#pragma once

#include <span>

#include "collectors/clock.h"
#include "exporter/html.h"
#include "exporter/workload/workload_view.h"

namespace headroom {

// Workloads as of one moment of the calendar.
struct StatusWorkloads {
  std::span<const WorkloadView> views;
  WallTime now;
};

// Nothing when there are none.
void AppendWorkloads(Html& html, const StatusWorkloads& workloads);

}  // namespace headroom
