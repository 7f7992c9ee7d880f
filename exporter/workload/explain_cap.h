// The words of the pools' part of an explanation.
#pragma once

#include <string>
#include <vector>

#include "exporter/workload/evaluate.h"

namespace headroom {

// "pool app/decisions of pooler-a": what binds, of a cap that is limited.
std::string BindingText(const WorkloadInputs& inputs, const PoolCap& cap);

// The first unknown that keeps the cap from being known. Precondition: it is unknown.
std::string CapUnknownText(const WorkloadInputs& inputs, const PoolCap& cap);

// One line per scope with its arithmetic, and one with the workers that come of them.
std::vector<std::string> ExplainCap(const WorkloadOptions& options, const WorkloadInputs& inputs,
                                    const PoolCap& cap);

}  // namespace headroom
