#include "exporter/workload/workload_families.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/exposition/labels.h"
#include "exporter/exposition/text_writer.h"

namespace headroom {
namespace {

constexpr std::array<std::string_view, 1> kLabels = {"workload"};
constexpr std::array<std::string_view, 2> kLimitedLabels = {"workload", "by"};

// One series of a workload: its `by`, where it has one, and its value.
struct Series {
  std::string_view by;
  Number value;
};
using AllSeries = std::vector<Series>;

template <class T>
void Add(AllSeries& out, const std::optional<T>& value) {
  if (value) out.push_back({{}, Number(*value)});
}

// Both or none: 0 means that the limit did not bind.
void AddLimited(const WorkloadResult& r, AllSeries& out) {
  if (!r.limited) return;
  out.push_back({"max", Number(std::uint64_t{r.limited->max ? 1U : 0U})});
  out.push_back({"pool", Number(std::uint64_t{r.limited->pool ? 1U : 0U})});
}

// In the order of the families below, which is that of their names.
using Fill = void (*)(const WorkloadResult& result, AllSeries& out);

constexpr std::array<FamilyDesc, 14> kFamilies = {{
    {"headroom_workload_backlog_messages", "Messages of all its queues, ready and in flight.",
     MetricType::kGauge, kLabels},
    {"headroom_workload_backlog_workers",
     "Workers that the backlog asks for; never fewer than are busy.", MetricType::kGauge, kLabels},
    {"headroom_workload_busy_workers", "Workers that are at work.", MetricType::kGauge, kLabels},
    {"headroom_workload_expected_drain_seconds",
     "How long the recommended workers take for what is counted now.", MetricType::kGauge, kLabels},
    {"headroom_workload_finish_within_seconds",
     "The configured time from the arrival of a message to its end.", MetricType::kGauge, kLabels},
    {"headroom_workload_floor_workers",
     "Workers that the calendar asks for now, 0 when no event is on.", MetricType::kGauge, kLabels},
    {"headroom_workload_limited",
     "1 when the wanted workers exceed this limit; both or none are there.", MetricType::kGauge,
     kLimitedLabels},
    {"headroom_workload_live_workers",
     "Live workers of the worker group, busy or not; absent without one.", MetricType::kGauge,
     kLabels},
    {"headroom_workload_minimum_workers",
     "Workers that calendar and limits ask for whatever the backlog is; always there.",
     MetricType::kGauge, kLabels},
    {"headroom_workload_next_floor_timestamp_seconds",
     "Unix time at which the next event of the calendar starts, its lead not subtracted.",
     MetricType::kGauge, kLabels},
    {"headroom_workload_next_floor_workers",
     "Workers that the next event of the calendar will ask for.", MetricType::kGauge, kLabels},
    {"headroom_workload_pool_cap_workers",
     "Workers that the pools bear at most; absent when unknown or when nothing limits them.",
     MetricType::kGauge, kLabels},
    {"headroom_workload_recommended_workers",
     "How many workers there should be; absent when something it needs is unknown.",
     MetricType::kGauge, kLabels},
    {"headroom_workload_wanted_workers",
     "Workers that backlog, calendar and min ask for, before max and pools limit them.",
     MetricType::kGauge, kLabels},
}};

constexpr std::array<Fill, kFamilies.size()> kFills = {
    [](const WorkloadResult& r, AllSeries& out) { Add(out, r.backlog_messages); },
    [](const WorkloadResult& r, AllSeries& out) { Add(out, r.backlog_workers); },
    [](const WorkloadResult& r, AllSeries& out) { Add(out, r.busy_workers); },
    [](const WorkloadResult& r, AllSeries& out) { Add(out, r.expected_drain_seconds); },
    [](const WorkloadResult& r, AllSeries& out) { Add(out, r.finish_within_seconds); },
    [](const WorkloadResult& r, AllSeries& out) { Add(out, std::optional(r.floor_workers)); },
    AddLimited,
    [](const WorkloadResult& r, AllSeries& out) { Add(out, r.live_workers); },
    [](const WorkloadResult& r, AllSeries& out) { Add(out, std::optional(r.minimum_workers)); },
    [](const WorkloadResult& r, AllSeries& out) {
      if (r.next_floor) out.push_back({{}, Number(UnixSeconds(r.next_floor->start))});
    },
    [](const WorkloadResult& r, AllSeries& out) {
      if (r.next_floor) {
        out.push_back({{}, Number(static_cast<std::uint64_t>(r.next_floor->workers))});
      }
    },
    [](const WorkloadResult& r, AllSeries& out) { Add(out, r.pool_cap_workers); },
    [](const WorkloadResult& r, AllSeries& out) { Add(out, r.recommended_workers); },
    [](const WorkloadResult& r, AllSeries& out) { Add(out, r.wanted_workers); },
};

}  // namespace

Blocks RenderWorkloads(std::span<const WorkloadView> workloads) {
  std::vector<std::string> labels;
  for (const WorkloadView& view : workloads) {
    AppendLabel(labels.emplace_back(), kLabels.front(), CleanLabelValue(view.options->name));
  }
  BlockBuilder blocks;
  AllSeries all;
  for (std::size_t family = 0; family < kFamilies.size(); ++family) {
    blocks.Begin(kFamilies[family]);
    for (std::size_t i = 0; i < workloads.size(); ++i) {
      all.clear();
      kFills[family](workloads[i].result, all);
      for (const Series& series : all) {
        const ExtraLabel by{series.by.empty() ? "" : kLimitedLabels.back(), series.by};
        blocks.Add(labels[i], {&by, 1}, series.value);
      }
    }
    blocks.End();
  }
  return std::move(blocks).Take();
}

std::span<const FamilyDesc> WorkloadFamilies() { return kFamilies; }

}  // namespace headroom
