#include "exporter/workload/evaluate.h"

#include <algorithm>
#include <cstddef>
#include <initializer_list>

#include "exporter/pool_room.h"
#include "exporter/workload/fraction_sum.h"
#include "exporter/workload/pool_cap.h"
#include "exporter/workload/wide.h"

namespace headroom {
namespace {

constexpr double kNanosecondsPerSecond = 1e9;

std::optional<std::uint64_t> CountedOf(const QueueInput& input) {
  if (!input.has_in_flight) return input.ready;
  if (!input.ready || !input.in_flight) return std::nullopt;
  return SaturatingAdd(*input.ready, *input.in_flight);
}

// Messages in flight alone would be too many where consumers prefetch, consumers alone where some
// of them wait: as many workers are busy as both bear out.
std::optional<std::uint64_t> BusyOf(const WorkloadOptions& options, const QueueInput& input) {
  if (options.worker_group || !input.has_in_flight || !input.has_consumers) return 0;
  if (!input.in_flight || !input.consumers) return std::nullopt;
  return Saturate(std::min(DivideUp(*input.in_flight, options.concurrency),
                           DivideUp(*input.consumers, options.consumers_per_worker)));
}

void EvaluateBacklog(const WorkloadOptions& options, const WorkloadInputs& inputs,
                     WorkloadResult& result) {
  std::optional<std::uint64_t> messages = 0;
  std::optional<std::uint64_t> busy = 0;
  FractionSum workers;
  for (std::size_t i = 0; i < inputs.queues.size(); ++i) {
    const QueueShare& share = result.queues.emplace_back(
        QueueShare{MessagesPerWorker(options, options.queues[i]), CountedOf(inputs.queues[i]),
                   BusyOf(options, inputs.queues[i])});
    messages = messages && share.counted ? std::optional(SaturatingAdd(*messages, *share.counted))
                                         : std::nullopt;
    busy = busy && share.busy ? std::optional(SaturatingAdd(*busy, *share.busy)) : std::nullopt;
    if (share.counted) workers.Add(*share.counted, share.messages_per_worker);
  }
  result.backlog_messages = messages;
  if (messages) result.queue_workers = workers.Ceiling();
  result.busy_workers = options.worker_group ? inputs.group.busy : busy;
  if (options.worker_group) result.live_workers = inputs.group.live;
  if (result.queue_workers && result.busy_workers) {
    result.backlog_workers = std::max(*result.queue_workers, *result.busy_workers);
  }
}

// `min` beats the limits: they are there against growth, not against pods that work.
std::uint64_t Bounded(std::uint64_t workers, const WorkloadOptions& options, const PoolCap& cap) {
  workers = std::min(workers, options.max);
  if (cap.limit == CapMember::Limit::kLimited) workers = std::min(workers, cap.workers);
  return std::max(workers, options.min);
}

void EvaluateWorkers(const WorkloadOptions& options, WorkloadResult& result) {
  const PoolCap& cap = result.cap;
  const bool capped = cap.limit == CapMember::Limit::kLimited;
  if (capped) result.pool_cap_workers = cap.workers;
  result.minimum_workers = Bounded(result.floor_workers, options, cap);
  if (!result.backlog_workers) return;
  const std::uint64_t wanted =
      std::max({*result.backlog_workers, result.floor_workers, options.min});
  result.wanted_workers = wanted;
  if (cap.limit == CapMember::Limit::kUnknown &&
      options.pool_when_unknown == WhenPoolUnknown::kHold) {
    return;
  }
  result.recommended_workers = Bounded(wanted, options, cap);
  result.limited = Limited{wanted > options.max, capped && wanted > cap.workers};
}

// The same time is the same number wherever it comes from, so that two of them can be compared.
double ToSeconds(Wide nanoseconds) {
  return static_cast<double>(nanoseconds) / kNanosecondsPerSecond;
}

// In rounds: each slot takes one message after the other.
std::optional<double> DrainSeconds(const WorkloadOptions& options, const WorkloadResult& result) {
  if (!options.service_time || !result.backlog_messages) return std::nullopt;
  if (*result.backlog_messages == 0) return 0;
  if (!result.recommended_workers || *result.recommended_workers == 0) return std::nullopt;
  const Wide slots = static_cast<Wide>(options.concurrency) * *result.recommended_workers;
  return ToSeconds(DivideUp(*result.backlog_messages, slots) * options.service_time->count());
}

}  // namespace

std::uint64_t MessagesPerWorker(const WorkloadOptions& options, const WorkloadQueue& queue) {
  if (queue.messages_per_worker) return *queue.messages_per_worker;
  if (options.messages_per_worker) return *options.messages_per_worker;
  if (!options.finish_within || !options.service_time) return options.concurrency;
  const auto rounds = std::max<Duration::rep>(1, *options.finish_within / *options.service_time);
  return Saturate(static_cast<Wide>(options.concurrency) * rounds);
}

WorkloadResult Evaluate(const WorkloadOptions& options, const WorkloadInputs& inputs) {
  WorkloadResult result;
  EvaluateBacklog(options, inputs, result);
  result.floor_workers = Saturate(inputs.floor.workers);
  result.cap = CapOf(options, inputs.cap);
  EvaluateWorkers(options, result);
  result.expected_drain_seconds = DrainSeconds(options, result);
  if (options.finish_within)
    result.finish_within_seconds = ToSeconds(options.finish_within->count());
  result.next_floor = inputs.floor.next;
  return result;
}

}  // namespace headroom
