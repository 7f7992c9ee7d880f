#include "exporter/target_metrics.h"

#include <array>
#include <string_view>

namespace headroom {
namespace {

constexpr std::array<std::string_view, 2> kLabels = {"target", "system"};
constexpr std::array<std::string_view, 3> kPartLabels = {"target", "system", "part"};

enum Index : std::size_t {
  kUp,
  kPartUp,
  kLastSuccess,
  kDataAge,
  kDiscoveryAge,
  kCollectDuration,
  kSeries,
  kDroppedSeries,
  kCount,
};

constexpr std::array<FamilyDesc, kCount> kFamilies = {{
    {"headroom_target_up", "1 when the target answered for this page, else 0.", MetricType::kGauge,
     kLabels},
    {"headroom_target_part_up",
     "1 when this part of the target answered; the series of a part that did not are absent.",
     MetricType::kGauge, kPartLabels},
    {"headroom_target_last_success_timestamp_seconds", "Unix time of the end of the last good run.",
     MetricType::kGauge, kLabels},
    {"headroom_target_data_age_seconds", "Time since the start of the last good run.",
     MetricType::kGauge, kLabels},
    {"headroom_target_discovery_age_seconds",
     "Time since the start of the last complete discovery pass.", MetricType::kGauge, kLabels},
    {"headroom_target_collect_duration_seconds", "How long the last finished run took.",
     MetricType::kGauge, kLabels},
    {"headroom_target_series", "Series that the target put on this page.", MetricType::kGauge,
     kLabels},
    {"headroom_target_dropped_series",
     "Series left out because of max_series; their queues are summed as queue _other.",
     MetricType::kGauge, kLabels},
}};

void Add(prometheus::MetricFamily& family, const TargetState& target, double value) {
  prometheus::ClientMetric& metric = family.metric.emplace_back();
  metric.label = {{"target", target.target}, {"system", target.system}};
  metric.gauge.value = value;
}

void Add(prometheus::MetricFamily& family, const TargetState& target,
         const std::optional<Duration>& value) {
  if (value) Add(family, target, Seconds(*value));
}

void Add(prometheus::MetricFamily& family, const TargetState& target,
         const std::optional<std::size_t>& value) {
  if (value) Add(family, target, static_cast<double>(*value));
}

void AddTarget(std::vector<prometheus::MetricFamily>& families, const TargetState& target) {
  Add(families[kUp], target, target.up ? 1.0 : 0.0);
  for (const auto& [part, up] : target.parts) {
    Add(families[kPartUp], target, up ? 1.0 : 0.0);
    families[kPartUp].metric.back().label.push_back({"part", part});
  }
  if (target.last_success) {
    Add(families[kLastSuccess], target, UnixSeconds(*target.last_success));
  }
  Add(families[kDataAge], target, target.data_age);
  Add(families[kDiscoveryAge], target, target.discovery_age);
  Add(families[kCollectDuration], target, target.collect_duration);
  Add(families[kSeries], target, target.series);
  Add(families[kDroppedSeries], target, target.dropped_series);
}

}  // namespace

std::vector<prometheus::MetricFamily> TargetMetrics(std::span<const TargetState> targets) {
  std::vector<prometheus::MetricFamily> families;
  families.reserve(kCount);
  for (const FamilyDesc& family : kFamilies) families.push_back(ModelOf(family));
  for (const TargetState& target : targets) AddTarget(families, target);
  return families;
}

std::span<const FamilyDesc> TargetFamilies() { return kFamilies; }

}  // namespace headroom
