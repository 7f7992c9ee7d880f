// The words of the backlog's part of an explanation.
#pragma once

#include <string>
#include <vector>

#include "exporter/workload/evaluate.h"

namespace headroom {

// "132 waiting / 11 per worker = 12", in short; or the first thing that is unknown.
std::string BacklogText(const WorkloadOptions& options, const WorkloadInputs& inputs,
                        const WorkloadResult& result);

// A line per queue, and those with what comes of all of them.
std::vector<std::string> ExplainBacklog(const WorkloadOptions& options,
                                        const WorkloadInputs& inputs, const WorkloadResult& result);

}  // namespace headroom
