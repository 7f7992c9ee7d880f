// The database of a rehearsal in the words of the exporter's cap (workload/pool_cap.h). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "exporter/simulate/scenario.h"
#include "exporter/workload/inputs.h"

namespace headroom {

// The connections that so many workers want to hold at the same time, rounded up.
std::uint64_t ConnectionsOf(const WorkloadOptions& workload, std::uint64_t workers);

// What the exporter would read while the workers hold `own` connections. That they hold more than
// there are makes no difference to the cap, which takes what is theirs off neither limit.
std::vector<CapScope> CapScopesOf(const DatabasePlan& plan, std::uint64_t own);

// Connections that there are for the workers at all: what the limits leave beside what others
// really hold. `reserve` and `server_reserve` are intentions, which stop nobody.
// Precondition, here and below: the scenario has a database.
std::uint64_t RoomOf(const Scenario& scenario);

// The same less what the workload is to leave to others: what the cap is made from.
std::uint64_t RoomBesideReserve(const Scenario& scenario);

}  // namespace headroom
