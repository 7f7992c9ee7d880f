#include "exporter/simulate/meter.h"

#include <algorithm>
#include <utility>

#include "exporter/simulate/database.h"

namespace headroom {
namespace {

void Raise(Peak& peak, std::uint64_t number, Duration at) {
  if (number > peak.number) peak = {number, at};
}

void Add(Excess& excess, std::uint64_t wanted, std::uint64_t room, Duration from, Duration until) {
  if (wanted <= room) return;
  if (excess.total == Duration::zero()) excess.first = from;
  excess.total += until - from;
  excess.most = std::max(excess.most, wanted - room);
}

}  // namespace

Meter::Meter(const Scenario& scenario) : scenario_(&scenario) {
  if (!scenario.database) return;
  database_.emplace();
  database_->room = RoomOf(scenario);
  database_->room_beside_reserve = RoomBesideReserve(scenario);
  database_->cap_workers =
      DivideDown(database_->room_beside_reserve, scenario.workload.connections_per_worker);
}

void Meter::Hold(const FleetCounts& counts, Duration from, Duration until) {
  if (until <= from) return;
  const std::uint64_t backlog = counts.waiting + counts.in_flight;
  const std::uint64_t pods = counts.starting + counts.working + counts.stopping;
  Raise(backlog_, backlog, from);
  Raise(waiting_, counts.waiting, from);
  Raise(workers_, counts.working, from);
  Raise(pods_, pods, from);
  most_backlog_ = std::max(most_backlog_, backlog);
  pod_nanoseconds_ += static_cast<Wide>(pods) * (until - from).count();
  if (!database_) return;
  const std::uint64_t wanted = ConnectionsOf(scenario_->workload, counts.working + counts.stopping);
  database_->most_wanted = std::max(database_->most_wanted, wanted);
  Add(database_->exhausted, wanted, database_->room, from, until);
  Add(database_->into_reserve, wanted, database_->room_beside_reserve, from, until);
}

std::uint64_t Meter::TakeMostBacklog() { return std::exchange(most_backlog_, 0); }

void Meter::Report(Outcome& outcome) const {
  outcome.backlog = backlog_;
  outcome.waiting_peak = waiting_;
  outcome.workers = workers_;
  outcome.pods = pods_;
  outcome.pod_nanoseconds = pod_nanoseconds_;
  outcome.database = database_;
}

}  // namespace headroom
