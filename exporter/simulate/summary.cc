#include "exporter/simulate/summary.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "exporter/calendar/floor.h"
#include "exporter/workload/wide.h"

namespace headroom {
namespace {

// Nearest rank: the smallest that at least so many percent do not exceed.
Duration Percentile(const std::vector<Duration>& sorted, std::size_t percent) {
  const std::size_t rank = (sorted.size() * percent + 99) / 100;
  return sorted[rank - 1];
}

Waits WaitsOf(std::vector<Duration> waits) {
  if (waits.empty()) return {};
  std::sort(waits.begin(), waits.end());
  Wide sum = 0;
  for (const Duration wait : waits) sum += wait.count();
  const auto mean = static_cast<Duration::rep>(sum / static_cast<Wide>(waits.size()));
  return {waits.size(), Duration(mean), Percentile(waits, 50), Percentile(waits, 95), waits.back()};
}

Promise PromiseOf(const Fleet& fleet, Duration within, Duration end) {
  Promise promise;
  for (const Message& message : fleet.messages()) {
    const bool done = message.state == Message::State::kDone;
    const bool late = (done ? message.done : end) - message.arrives > within;
    ++(late ? promise.broken : done ? promise.kept : promise.open);
  }
  return promise;
}

std::optional<FirstFloor> FirstFloorOf(const Scenario& scenario) {
  if (!scenario.start) return std::nullopt;
  const auto& floors = scenario.workload.floors;
  const FloorState state = FloorsAt(floors, *scenario.start);
  if (state.workers > 0) return FirstFloor{Duration::zero(), Saturate(state.workers)};
  if (!state.next) return std::nullopt;
  const Duration at = state.next->start - floors[state.next->index].lead - *scenario.start;
  if (at > scenario.play) return std::nullopt;
  return FirstFloor{at, Saturate(state.next->workers)};
}

}  // namespace

void Summarize(const Scenario& scenario, const Fleet& fleet, Outcome& outcome) {
  const FleetCounts& counts = fleet.counts();
  outcome.messages = fleet.messages().size();
  outcome.done = counts.done;
  outcome.waiting = counts.waiting;
  outcome.in_flight = counts.in_flight;
  outcome.interrupted = counts.interrupted;
  outcome.first_arrival = fleet.messages().front().arrives;
  std::vector<Duration> until_start;
  std::vector<Duration> until_done;
  Duration last{};
  for (const Message& message : fleet.messages()) {
    const bool done = message.state == Message::State::kDone;
    if (!done && message.state != Message::State::kInFlight) continue;
    until_start.push_back(message.started - message.arrives);
    if (!done) continue;
    until_done.push_back(message.done - message.arrives);
    last = std::max(last, message.done);
  }
  if (counts.done == outcome.messages) outcome.drained = last;
  outcome.until_start = WaitsOf(std::move(until_start));
  outcome.until_done = WaitsOf(std::move(until_done));
  if (scenario.done_within) {
    outcome.promise = PromiseOf(fleet, *scenario.done_within, scenario.play);
  }
  outcome.first_floor = FirstFloorOf(scenario);
}

}  // namespace headroom
