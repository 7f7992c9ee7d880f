#include "exporter/workload/gather_inputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "exporter/pool_room.h"
#include "exporter/workload/gather_cap.h"
#include "exporter/workload/why_unknown.h"

namespace headroom {
namespace {

bool IsQueue(const Queue& queue, const WorkloadQueue& wanted) {
  return queue.name == wanted.queue && queue.vhost == wanted.vhost &&
         queue.consumer_group.empty() && (wanted.db.empty() || queue.db == wanted.db);
}

// What of it the run does not say, of what its kind has.
const char* Missing(const QueueInput& input) {
  if (!input.ready) return "the last run does not say how many messages it has";
  if (input.has_in_flight && !input.in_flight) {
    return "the last run does not say how many messages are in flight";
  }
  if (input.has_consumers && !input.consumers) {
    return "the last run does not say how many consumers it has";
  }
  return nullptr;
}

QueueInput GatherQueue(const WorkloadQueue& wanted, std::span<const TargetView> targets) {
  QueueInput input;
  const TargetView* view = FindTarget(targets, wanted.target);
  if (view == nullptr || !view->run) {
    input.why = WhyNoRun(view, wanted.target);
    return input;
  }
  const std::vector<Queue>& queues = view->run->reading.queues;
  const auto found = std::find_if(queues.begin(), queues.end(),
                                  [&](const Queue& queue) { return IsQueue(queue, wanted); });
  if (found == queues.end()) {
    input.why = WhyNotInRun(*view, wanted, "the target's last run does not have it");
    return input;
  }
  input.ready = found->ready;
  input.has_in_flight = found->has_in_flight;
  input.in_flight = found->in_flight;
  input.has_consumers = found->has_consumers;
  input.consumers = found->consumers;
  if (const char* missing = Missing(input)) {
    input.why = WhyNotInRun(*view, wanted, missing);
  }
  return input;
}

GroupInput CountWorkers(const WorkloadGroup& wanted, const WorkerGroup& group) {
  std::uint64_t live = 0;
  std::uint64_t stale = 0;
  for (const WorkerState& state : group.states) {
    live = SaturatingAdd(live, state.live);
    stale = SaturatingAdd(stale, state.stale.value_or(0));
  }
  std::uint64_t busy = 0;
  for (const std::string& name : wanted.busy_states) {
    const auto state =
        std::find_if(group.states.begin(), group.states.end(),
                     [&name](const WorkerState& candidate) { return candidate.state == name; });
    if (state == group.states.end()) {
      return {live, std::nullopt, fmt::format("it has no state \"{}\"", name), stale};
    }
    busy = SaturatingAdd(busy, state->live);
  }
  return {live, busy, {}, stale};
}

GroupInput GatherGroup(const WorkloadGroup& wanted, std::span<const TargetView> targets) {
  const TargetView* view = FindTarget(targets, wanted.target);
  if (view == nullptr || !view->run) return {{}, {}, WhyNoRun(view, wanted.target), 0};
  for (const WorkerGroup& group : view->run->reading.worker_groups) {
    if (group.group == wanted.group) return CountWorkers(wanted, group);
  }
  return {{}, {}, WhyNotInRun(*view, wanted, "the target's last run does not have it"), 0};
}

}  // namespace

WorkloadInputs GatherInputs(const WorkloadOptions& options, std::span<const TargetView> targets,
                            FloorState floor) {
  WorkloadInputs inputs;
  for (const WorkloadQueue& queue : options.queues) {
    inputs.queues.push_back(GatherQueue(queue, targets));
  }
  if (options.worker_group) inputs.group = GatherGroup(*options.worker_group, targets);
  inputs.cap = GatherCap(options.pools, targets);
  inputs.floor = floor;
  return inputs;
}

}  // namespace headroom
