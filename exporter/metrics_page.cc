#include "exporter/metrics_page.h"

#include <prometheus/metric_family.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include "exporter/exposition/page.h"
#include "exporter/process_metrics.h"
#include "exporter/target_metrics.h"
#include "exporter/workload/workload_families.h"

namespace headroom {
namespace {

using Families = std::vector<prometheus::MetricFamily>;

TargetState StateOf(const TargetView& view, SteadyTime now) {
  const TargetStatus& status = view.status;
  TargetState state;
  state.target = view.target;
  state.system = view.system;
  state.up = view.run != nullptr;
  // Parts and ages are those of the data on this page: the target may have finished a newer run
  // meanwhile. Of a target that is down no part has answered this request.
  if (view.run) {
    for (const Part& part : view.run->reading.parts)
      state.parts.emplace_back(part.name, !part.error);
  } else {
    for (const std::string& part : status.parts) state.parts.emplace_back(part, false);
  }
  state.last_success = status.good_finished;
  const auto started = view.run ? std::optional(view.run->started) : status.good_started;
  const auto discovered = view.run ? view.run->reading.discovered_at : status.discovered_at;
  if (started) state.data_age = now - *started;
  if (discovered) state.discovery_age = now - *discovered;
  if (status.last) state.collect_duration = status.last->finished - status.last->started;
  if (view.run) {
    state.series = SeriesOf(view);
    state.dropped_series = view.run->dropped_series;
  }
  return state;
}

// Leaves of each family what belongs to the named targets; families without a target label go.
void KeepTargets(Families& families, const std::set<std::string>& names) {
  for (auto& family : families) {
    std::erase_if(family.metric, [&](const prometheus::ClientMetric& metric) {
      return std::none_of(metric.label.begin(), metric.label.end(), [&](const auto& label) {
        return label.name == "target" && names.contains(label.value);
      });
    });
  }
  std::erase_if(families, [](const auto& family) { return family.metric.empty(); });
}

}  // namespace

std::string RenderMetricsPage(const std::vector<TargetView>& targets, const SelfMetrics& self,
                              SteadyTime now, PageScope scope,
                              std::span<const WorkloadView> workloads) {
  std::vector<TargetState> states;
  std::set<std::string> names;
  for (const TargetView& view : targets) {
    states.push_back(StateOf(view, now));
    names.insert(view.target);
  }
  Families own = self.Collect();
  if (scope == PageScope::kNamedOnly) {
    KeepTargets(own, names);
  } else {
    auto process = ProcessMetrics("/proc", SystemUnits());
    std::move(process.begin(), process.end(), std::back_inserter(own));
  }
  auto of_targets = TargetMetrics(states);
  std::move(of_targets.begin(), of_targets.end(), std::back_inserter(own));
  const Blocks own_blocks = RenderFamilies(own);
  const Blocks workload_blocks = RenderWorkloads(workloads);

  std::vector<const Blocks*> sources = {&own_blocks, &workload_blocks};
  for (const TargetView& view : targets) {
    if (view.run) sources.push_back(&view.run->blocks);
    if (view.joined) sources.push_back(&view.joined->blocks);
    if (const Blocks* pressure = PressureOf(view)) sources.push_back(pressure);
  }
  return RenderPage(sources);
}

}  // namespace headroom
