#include "exporter/simulate/hpa_options.h"

#include <fmt/format.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "exporter/config/workload_keys.h"

namespace headroom {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// Kubernetes takes whole seconds for these.
std::optional<Duration> WholeSeconds(OptionsReader& in, std::string_view key, Duration min,
                                     Duration max) {
  const auto value = in.DurationBetween(key, min, max);
  if (value && *value % seconds(1) != Duration::zero()) {
    in.Error(key, fmt::format("expected whole seconds, got {}", FormatDuration(*value)));
  }
  return value;
}

void ReadPolicies(OptionsReader& in, HpaRules& rules) {
  const bool given = in.Has("policies");
  auto tables = in.Tables("policies");
  if (!given) return;
  rules.policies.clear();
  for (OptionsReader& table : tables) {
    for (const std::string_view key : {"type", "value", "period"}) table.Require(key);
    HpaPolicy policy;
    if (table.OneOf("type", {"Pods", "Percent"}) == "Percent") {
      policy.type = HpaPolicy::Type::kPercent;
    }
    if (const auto value = table.Integer("value", 1, kMostWorkers)) policy.value = *value;
    if (const auto period = WholeSeconds(table, "period", seconds(1), minutes(30))) {
      policy.period = *period;
    }
    table.Finish();
    rules.policies.push_back(policy);
  }
  if (in.ok() && rules.policies.empty()) in.Error("policies", "must hold at least one policy");
}

// As in the HPA, what is not given keeps its default, key by key.
void ReadRules(OptionsReader& in, std::string_view key, HpaRules& rules) {
  auto table = in.Table(key);
  if (!table) return;
  if (const auto window = WholeSeconds(*table, "stabilization_window", seconds(0), hours(1))) {
    rules.stabilization_window = *window;
  }
  const auto select = table->OneOf("select_policy", {"Max", "Min", "Disabled"});
  if (select == "Min") rules.select = HpaRules::Select::kMin;
  if (select == "Disabled") rules.select = HpaRules::Select::kDisabled;
  ReadPolicies(*table, rules);
  table->Finish();
}

void ReadTolerance(OptionsReader& in, Tolerance& tolerance) {
  const auto value = in.Number("tolerance", 0, 1);
  if (!value) return;
  tolerance = RatioOf(*value);
  if (*value != 0 && !tolerance) in.Error("tolerance", "has too many digits: at most 15 count");
}

void ReadSignal(OptionsReader& in, ScalingPlan& plan) {
  const auto signal = in.OneOf("signal", {"recommended", "wanted", "backlog"});
  if (signal == "wanted") plan.signal = Signal::kWanted;
  if (signal == "backlog") plan.signal = Signal::kBacklog;
  if (in.OneOf("target_type", {"AverageValue", "Value"}) == "Value") {
    plan.target_type = HpaTarget::kValue;
  }
  ReadCount(in, "target", 1, kMostMessages, plan.target);
  if (plan.signal == Signal::kBacklog && !in.Has("target")) {
    in.Error("signal", "backlog needs a target: the messages that one pod is to have");
  }
}

}  // namespace

ScalingPlan ReadScaling(OptionsReader& hpa, const WorkloadOptions& workload) {
  ScalingPlan plan;
  ReadSignal(hpa, plan);
  if (const auto sync = hpa.DurationBetween("sync", seconds(1), hours(1))) plan.hpa.sync = *sync;
  if (const auto interval = hpa.DurationBetween("scrape_interval", seconds(1), hours(1))) {
    plan.scrape_interval = *interval;
  }
  ReadTolerance(hpa, plan.hpa.tolerance);
  ReadRules(hpa, "scale_up", plan.hpa.up);
  ReadRules(hpa, "scale_down", plan.hpa.down);
  hpa.Finish();
  plan.hpa.min = workload.min;
  plan.hpa.max = workload.max;
  return plan;
}

}  // namespace headroom
