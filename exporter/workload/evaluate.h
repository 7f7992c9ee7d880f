// How many workers there should be: the formulas, as pure functions of options and inputs. No
// clock, no I/O, no floating point in anything that becomes a number of workers.
//
// docs/workloads.md has the formulas, and what holds in each combination of unknown inputs. Sums
// stop at the largest number instead of wrapping.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "exporter/workload/inputs.h"
#include "exporter/workload/options.h"

namespace headroom {

// One queue's part in the backlog.
struct QueueShare {
  std::uint64_t messages_per_worker = 1;
  std::optional<std::uint64_t> counted;  // ready + in flight
  // Workers that its in-flight messages and its consumers bear out. 0 when there is a worker group,
  // or the kind does not have both.
  std::optional<std::uint64_t> busy;
};

// What one scope leaves for the workload's connections, its own ones included.
struct ScopeRoom {
  CapScope::Kind scope = CapScope::Kind::kPool;
  CapMember::Limit limit = CapMember::Limit::kUnknown;
  std::uint64_t connections = 0;  // of kLimited; 0 also when others have more than there is
};

struct PoolCap {
  // kUnlimited: no pools are named, or none of the scopes binds.
  CapMember::Limit limit = CapMember::Limit::kUnlimited;
  std::uint64_t connections = 0;        // of kLimited: the least that a scope leaves
  std::uint64_t workers = 0;            // of kLimited
  std::vector<ScopeRoom> scopes;        // those of WorkloadInputs::cap, in their order
  std::vector<CapScope::Kind> binding;  // of kLimited: the scopes that leave just `connections`
};

// Which limits `wanted` exceeds; both may hold, and hold even where `min` beats them.
struct Limited {
  bool max = false;
  bool pool = false;

  friend bool operator==(const Limited&, const Limited&) = default;
};

struct WorkloadResult {
  std::optional<std::uint64_t> backlog_messages;
  std::optional<std::uint64_t> queue_workers;  // what the messages alone ask for
  std::optional<std::uint64_t> busy_workers;
  std::optional<std::uint64_t> backlog_workers;  // the larger of these two
  std::optional<std::uint64_t> live_workers;     // of the worker group; disengaged without one
  std::uint64_t floor_workers = 0;
  std::optional<std::uint64_t> pool_cap_workers;  // disengaged: unknown, or nothing binds
  std::optional<std::uint64_t> wanted_workers;
  std::optional<std::uint64_t> recommended_workers;
  std::uint64_t minimum_workers = 0;
  std::optional<Limited> limited;  // engaged exactly when recommended_workers is
  std::optional<double> expected_drain_seconds;
  std::optional<double> finish_within_seconds;
  std::optional<NextFloor> next_floor;

  std::vector<QueueShare> queues;  // those of WorkloadInputs::queues, in their order
  PoolCap cap;
};

// Messages that one worker is to have on its hands: the queue's messages_per_worker, or the
// workload's, or concurrency x max(1, floor(finish_within / service_time)). At least 1.
std::uint64_t MessagesPerWorker(const WorkloadOptions& options, const WorkloadQueue& queue);

// Precondition: inputs.queues has as many entries as options.queues.
WorkloadResult Evaluate(const WorkloadOptions& options, const WorkloadInputs& inputs);

}  // namespace headroom
