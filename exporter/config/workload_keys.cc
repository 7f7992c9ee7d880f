#include "exporter/config/workload_keys.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "exporter/calendar/floor_options.h"

namespace headroom {
namespace {

constexpr double kFewestConnectionsPerWorker = 0.001;
constexpr double kMostConnectionsPerWorker = 10'000;
constexpr Duration kShortestTime = std::chrono::milliseconds(1);

}  // namespace

std::optional<std::uint64_t> ReadCount(OptionsReader& in, std::string_view key, std::int64_t min,
                                       std::int64_t max) {
  const auto value = in.Integer(key, min, max);
  if (!value) return std::nullopt;
  return static_cast<std::uint64_t>(*value);
}

void ReadCount(OptionsReader& in, std::string_view key, std::int64_t min, std::int64_t max,
               std::uint64_t& value) {
  if (const auto read = ReadCount(in, key, min, max)) value = *read;
}

void ReadWorkloadRate(OptionsReader& in, WorkloadOptions& workload) {
  workload.service_time = in.DurationAtLeast("service_time", kShortestTime);
  workload.finish_within = in.DurationAtLeast("finish_within", kShortestTime);
  workload.messages_per_worker = ReadCount(in, "messages_per_worker", 1, kMostMessages);
  ReadCount(in, "concurrency", 1, kMostWorkers, workload.concurrency);
  if (in.Has("finish_within") && in.Has("messages_per_worker")) {
    in.Error("messages_per_worker", "cannot be used with finish_within; keep one of them");
  }
  if (in.Has("finish_within") && !in.Has("service_time")) {
    in.Error("finish_within", "needs service_time: how long a worker takes for one message");
  }
  if (workload.finish_within && workload.service_time &&
      *workload.finish_within < *workload.service_time) {
    in.Error("finish_within",
             fmt::format("{} is below service_time, {}: no number of workers can keep that promise",
                         FormatDuration(*workload.finish_within),
                         FormatDuration(*workload.service_time)));
  }
}

void ReadWorkloadBounds(OptionsReader& in, WorkloadOptions& workload) {
  in.Require("max");
  ReadCount(in, "min", 0, kMostWorkers, workload.min);
  const auto max = ReadCount(in, "max", 1, kMostWorkers);
  if (!max) return;
  workload.max = *max;
  if (workload.min <= *max) return;
  in.Error(in.Has("min") ? "min" : "max",
           fmt::format("min, {}, is above max, {}", workload.min, *max));
}

void ReadWorkloadConnections(OptionsReader& in, WorkloadOptions& workload) {
  const auto per_worker =
      in.Number("connections_per_worker", kFewestConnectionsPerWorker, kMostConnectionsPerWorker);
  if (per_worker) {
    const auto ratio = RatioOf(*per_worker);
    if (ratio) {
      workload.connections_per_worker = *ratio;
    } else {
      in.Error("connections_per_worker", "has too many digits: at most 15 count");
    }
  }
  ReadCount(in, "reserve", 0, kMostConnections, workload.reserve);
  ReadCount(in, "server_reserve", 0, kMostConnections, workload.server_reserve);
}

void ReadWorkloadFloors(OptionsReader& in, WorkloadOptions& workload) {
  for (OptionsReader& table : in.Tables("floor")) {
    auto floor = ParseFloor(table);
    if (!floor) continue;
    if (in.ok() && static_cast<std::uint64_t>(floor->workers) > workload.max) {
      table.Warning("workers", fmt::format("{} is above max, {}: no more than that will ever be "
                                           "recommended",
                                           floor->workers, workload.max));
    }
    workload.floors.push_back(*std::move(floor));
  }
}

}  // namespace headroom
