// The arithmetic of a recommendation in words, with the numbers in it: for --once --explain and the
// page `/`.
#pragma once

#include <string>
#include <vector>

#include "collectors/clock.h"
#include "exporter/workload/evaluate.h"

namespace headroom {

// One sentence per number, plain text in one line each, no full stop at the end; the first line is
// the whole of it in short. `result` is Evaluate(options, inputs).
std::vector<std::string> Explain(const WorkloadOptions& options, const WorkloadInputs& inputs,
                                 const WorkloadResult& result, WallTime now);

}  // namespace headroom
