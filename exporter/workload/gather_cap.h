// What the pools of a workload, and all that stands around and behind them, may have and have.
// Pure.
#pragma once

#include <span>
#include <vector>

#include "exporter/target_view.h"
#include "exporter/workload/inputs.h"
#include "exporter/workload/options.h"

namespace headroom {

// The scopes of those that the pools have: of a server's pools only the server's own. Members are
// distinct: pools; (pooler, database); (pooler, user); servers; (server, database); (server, role).
//
// A pooler's pool that its run does not have is unknown; one without clients is there, because the
// workload has declared it (ParsedTarget::declare_pool). One whose pooler names no server has an
// unlimited member in each of the server's scopes. A role or database that a server lists has no
// connections where it lists none; one that it does not list is unknown.
std::vector<CapScope> GatherCap(std::span<const WorkloadPool> pools,
                                std::span<const TargetView> targets);

}  // namespace headroom
