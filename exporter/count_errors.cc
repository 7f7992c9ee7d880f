#include "exporter/count_errors.h"

namespace headroom {

void CountErrors(const Snapshot& run, TargetErrors& errors) {
  if (run.error) errors.Count(run.error->kind);
  for (const Part& part : run.reading.parts) {
    if (part.error) errors.Count(part.error->kind);
  }
  for (const Problem& problem : run.reading.problems) errors.Count(problem.error.kind);
}

}  // namespace headroom
