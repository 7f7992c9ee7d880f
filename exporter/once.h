// --once, with and without --explain: one page and an exit code, for people, scripts and probes.
#pragma once

#include <memory>
#include <string>

#include "collectors/clock.h"
#include "exporter/config/config.h"
#include "exporter/self_metrics.h"

namespace headroom {

struct OncePage {
  std::string page;
  std::string complaints;  // lines for a person: what is down or unknown, and why; no secrets
  bool complete = false;   // every target is up, and its discovery is done
};

// Asks every target at the same time: a whole discovery first where there is one, and when the last
// one has ended, one run, each step with the target's own timeout. Blocks until the last has
// answered or given up.
OncePage CollectOnce(const Config& config, SelfMetrics& self, const Clock& clock);

// The same for the targets that one workload needs; the page is how its numbers come about, in
// sentences, one per line.
OncePage ExplainOnce(const Config& config, const std::shared_ptr<const WorkloadOptions>& workload,
                     const Clock& clock);

}  // namespace headroom
