#include "exporter/workload/explain_backlog.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "collectors/options.h"
#include "exporter/workload/explain_words.h"
#include "exporter/workload/wide.h"

namespace headroom {
namespace {

std::string UnknownText(const WorkloadQueue& queue, const QueueInput& input) {
  return fmt::format("{} is unknown: {}", NameOf(queue), input.why);
}

std::string UnknownText(const WorkloadGroup& group, const GroupInput& input) {
  return fmt::format("worker group {} of target {} is unknown: {}", group.group, group.target,
                     input.why);
}

// Where the messages per worker come from.
std::string PerWorkerText(const WorkloadOptions& options, const WorkloadQueue& queue,
                          std::uint64_t per_worker) {
  const bool given = queue.messages_per_worker || options.messages_per_worker;
  if (given || !options.finish_within || !options.service_time) {
    return fmt::format("{} per worker", per_worker);
  }
  return fmt::format("{} per worker ({} at once x {} in {} of {})", per_worker,
                     Count(options.concurrency, "slot", "slots"),
                     Count(per_worker / options.concurrency, "round", "rounds"),
                     FormatDuration(*options.finish_within), FormatDuration(*options.service_time));
}

std::string ConsumersText(const WorkloadOptions& options, const QueueInput& input,
                          std::uint64_t busy) {
  return fmt::format(
      "; busy: the smaller of {} in flight / {} and {} / {} per worker, rounded up = {}",
      *input.in_flight, Count(options.concurrency, "slot", "slots"),
      Count(*input.consumers, "consumer", "consumers"), options.consumers_per_worker, busy);
}

// Its messages in flight and its consumers say how many workers are at work.
bool SaysWhoIsBusy(const QueueInput& input) { return input.has_in_flight && input.has_consumers; }

std::string QueueText(const WorkloadOptions& options, const WorkloadQueue& queue,
                      const QueueInput& input, const QueueShare& share) {
  if (!share.counted) return UnknownText(queue, input);
  std::string text = fmt::format("{}: {} ready", NameOf(queue), *input.ready);
  if (input.has_in_flight) {
    text += fmt::format(" + {} in flight = {}", *input.in_flight, *share.counted);
  }
  text += ", " + PerWorkerText(options, queue, share.messages_per_worker);
  if (!share.busy) return fmt::format("{}; busy is unknown: {}", text, input.why);
  const bool by_consumers = !options.worker_group && SaysWhoIsBusy(input);
  return by_consumers ? text + ConsumersText(options, input, *share.busy) : text;
}

// "420 waiting / 50 per worker + 90 messages / 20 per worker": of a broker's, some are in hand.
std::string SumText(const WorkloadInputs& inputs, const WorkloadResult& result) {
  std::string text;
  for (std::size_t i = 0; i < result.queues.size(); ++i) {
    const QueueShare& share = result.queues[i];
    if (!text.empty()) text += " + ";
    text += fmt::format("{} {} / {} per worker", *share.counted,
                        inputs.queues[i].has_in_flight ? "messages" : "waiting",
                        share.messages_per_worker);
  }
  return text.empty() ? "no queues" : text;
}

// 0 of a queue that cannot say it is not 0 that was seen.
std::string BusyByQueuesLine(const WorkloadOptions& options, const WorkloadInputs& inputs,
                             const WorkloadResult& result) {
  if (!result.busy_workers) return "busy workers: unknown";
  std::vector<std::string> silent;
  for (std::size_t i = 0; i < inputs.queues.size(); ++i) {
    if (!SaysWhoIsBusy(inputs.queues[i])) silent.push_back(NameOf(options.queues[i]));
  }
  if (silent.empty()) return fmt::format("busy workers: {} by the queues", *result.busy_workers);
  if (silent.size() == inputs.queues.size()) {
    return "busy workers: not known for queues of this kind without a worker_group, counted as 0";
  }
  return fmt::format(
      "busy workers: {} by the queues; not known without a worker_group for {}, counted as 0",
      *result.busy_workers, fmt::join(silent, ", "));
}

std::string BusyLine(const WorkloadOptions& options, const WorkloadInputs& inputs,
                     const WorkloadResult& result) {
  if (!options.worker_group) return BusyByQueuesLine(options, inputs, result);
  const WorkloadGroup& group = *options.worker_group;
  if (!result.busy_workers) return UnknownText(group, inputs.group);
  std::string text = fmt::format("busy workers: {} live in {} in worker group {} of target {}",
                                 *result.busy_workers, fmt::join(group.busy_states, ", "),
                                 group.group, group.target);
  if (result.live_workers) text += fmt::format(", which has {} live", *result.live_workers);
  if (inputs.group.stale > 0) {
    text += fmt::format(" and {} stale (without a recent heartbeat), which are not counted",
                        inputs.group.stale);
  }
  return text;
}

}  // namespace

std::string BacklogText(const WorkloadOptions& options, const WorkloadInputs& inputs,
                        const WorkloadResult& result) {
  for (std::size_t i = 0; i < result.queues.size(); ++i) {
    const QueueShare& share = result.queues[i];
    if (!share.counted || !share.busy) return UnknownText(options.queues[i], inputs.queues[i]);
  }
  if (!result.busy_workers) return UnknownText(*options.worker_group, inputs.group);
  const bool exact = std::all_of(result.queues.begin(), result.queues.end(), [](const auto& queue) {
    return *queue.counted % queue.messages_per_worker == 0;
  });
  std::string text = fmt::format("{}{} = {}", SumText(inputs, result), exact ? "" : ", rounded up",
                                 *result.queue_workers);
  if (*result.busy_workers > *result.queue_workers) {
    text += fmt::format("; {} busy", *result.busy_workers);
  }
  return text;
}

std::vector<std::string> ExplainBacklog(const WorkloadOptions& options,
                                        const WorkloadInputs& inputs,
                                        const WorkloadResult& result) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < result.queues.size(); ++i) {
    lines.push_back(QueueText(options, options.queues[i], inputs.queues[i], result.queues[i]));
  }
  if (result.queue_workers) {
    lines.push_back(fmt::format("messages: {}, rounded up = {}", SumText(inputs, result),
                                WorkersText(*result.queue_workers)));
  }
  lines.push_back(BusyLine(options, inputs, result));
  lines.push_back(result.backlog_workers
                      ? fmt::format("backlog: the larger of {} for the messages and {} busy = {}",
                                    *result.queue_workers, *result.busy_workers,
                                    WorkersText(*result.backlog_workers))
                      : "backlog: unknown");
  return lines;
}

}  // namespace headroom
