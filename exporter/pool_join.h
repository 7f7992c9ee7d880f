// The joined view: what poolers and the servers behind them say about each other's pools, for one
// request. The numbers are pool_room.h's; here they are put together from the targets' runs.
//
// It is made per request and not per run: a pooler's run knows nothing of its server's, and what is
// unknown in this request must be unknown on this page, whatever an earlier run said.
#pragma once

#include <string>
#include <vector>

#include "exporter/target_view.h"

namespace headroom {

// Fills `joined` of the targets in `names` (none: of all), then drops the others, which were asked
// for the sake of these. `targets` holds all that the named ones name, and all that name one of
// them. Pure.
//
// available: for each pool of scope pool that has a route. budget: on the pool of scope server of a
// target that others name, the sum over those; disengaged when one of them has no run. A target
// without a run has neither.
void JoinPools(std::vector<TargetView>& targets, const std::vector<std::string>& names);

}  // namespace headroom
