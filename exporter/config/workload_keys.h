// The keys of a workload that name nothing of the targets: those of [[workload]] in the
// configuration and of [workload] in a rehearsal alike.
//
// Every mistake goes to the reader's diagnostics; a key that is absent or wrong leaves its default.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "collectors/options.h"
#include "exporter/workload/options.h"

namespace headroom {

// Bounds that no real workload comes near; docs/configuration.md lists them.
inline constexpr std::int64_t kMostWorkers = 1'000'000;
inline constexpr std::int64_t kMostMessages = 1'000'000'000;
inline constexpr std::int64_t kMostConnections = 1'000'000;

// Precondition: min >= 0.
std::optional<std::uint64_t> ReadCount(OptionsReader& in, std::string_view key, std::int64_t min,
                                       std::int64_t max);
// The same into `value`, which stays when there is none.
void ReadCount(OptionsReader& in, std::string_view key, std::int64_t min, std::int64_t max,
               std::uint64_t& value);

// How many messages are for one worker: service_time, finish_within, messages_per_worker,
// concurrency.
void ReadWorkloadRate(OptionsReader& in, WorkloadOptions& workload);

// min and max.
void ReadWorkloadBounds(OptionsReader& in, WorkloadOptions& workload);

// What a worker takes of the pools, and what is kept for others: connections_per_worker, reserve,
// server_reserve.
void ReadWorkloadConnections(OptionsReader& in, WorkloadOptions& workload);

// Each [[floor]], after the bounds. Reads zone files.
void ReadWorkloadFloors(OptionsReader& in, WorkloadOptions& workload);

}  // namespace headroom
