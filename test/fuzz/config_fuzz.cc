// Bytes -> TOML -> Config: no input may crash, hang or be accepted in part.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <set>
#include <string>
#include <string_view>

#include "collectors/options.h"
#include "exporter/config/config.h"
#include "exporter/config/toml_value.h"
#include "test/support/fake_types.h"

namespace {

void Demand(bool holds, const char* what) {
  if (holds) return;
  std::cerr << "broken: " << what << "\n";
  std::abort();
}

void CheckTargets(const headroom::Config& config) {
  Demand(!config.targets.empty(), "a config watches something");
  std::set<std::string_view> names;
  for (const headroom::TargetConfig& target : config.targets) {
    Demand(!target.name.empty(), "a target has a name");
    Demand(names.insert(target.name).second, "target names are unique");
    Demand(target.make != nullptr, "a target can be made");
    Demand(target.timeout >= headroom::kMinTimeout && target.timeout <= headroom::kMaxTimeout,
           "the timeout is within its bounds");
    Demand(target.max_duty > 0 && target.max_duty <= 1, "the duty is within its bounds");
    Demand(!target.sample_interval || *target.sample_interval >= target.type->min_sample_interval,
           "the sample interval is within its bounds");
    Demand(target.SameAs(target), "a target is the same as itself");
  }
  for (const headroom::TargetConfig& target : config.targets) {
    for (const headroom::TargetLink& link : target.links) {
      Demand(names.contains(link.target), "what a target names exists");
    }
  }
}

void CheckWorkloads(const headroom::Config& config) {
  std::set<std::string_view> targets;
  for (const headroom::TargetConfig& target : config.targets) targets.insert(target.name);
  std::set<std::string_view> names;
  for (const auto& workload : config.workloads) {
    Demand(!workload->name.empty(), "a workload has a name");
    Demand(names.insert(workload->name).second, "workload names are unique");
    Demand(workload->min <= workload->max, "min is not above max");
    Demand(!workload->queues.empty(), "a workload has queues");
    Demand(workload->concurrency > 0 && workload->consumers_per_worker > 0, "divisors are not 0");
    Demand(!workload->finish_within || (workload->service_time && !workload->messages_per_worker &&
                                        *workload->finish_within >= *workload->service_time),
           "a promise can be kept");
    for (const headroom::WorkloadQueue& queue : workload->queues) {
      Demand(queue.messages_per_worker || workload->messages_per_worker || workload->finish_within,
             "each queue says what one worker is to do");
    }
    for (const std::string& target : headroom::TargetsOf(*workload)) {
      Demand(targets.contains(target), "what a workload names exists");
    }
  }
}

void CheckDiagnostics(const headroom::Diagnostics& diagnostics) {
  for (const headroom::Diagnostic& diagnostic : diagnostics.all()) {
    Demand(diagnostic.position.line > 0 && diagnostic.position.column > 0, "errors have a place");
    Demand(!diagnostic.message.empty(), "errors have a text");
    Demand(diagnostic.ToString().find('\n') == std::string::npos, "errors are one line");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  headroom::Diagnostics diagnostics;
  const auto root = headroom::ParseToml(text, "f.toml", diagnostics);
  Demand(root.has_value() == diagnostics.ok(), "a document or an error");
  if (root) {
    const auto config = headroom::ParseConfig(*root, headroom::test::FakeTypes(), diagnostics);
    Demand(config.has_value() == diagnostics.ok(), "a config or an error");
    if (config) {
      CheckTargets(*config);
      CheckWorkloads(*config);
    }
  }
  CheckDiagnostics(diagnostics);
  return 0;
}
