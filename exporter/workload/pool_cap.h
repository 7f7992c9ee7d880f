// How many workers the pools bear. Pure.
#pragma once

#include <span>

#include "exporter/workload/evaluate.h"

namespace headroom {

// What the scopes leave together, and the workers that can hold their connections at the same time
// in it. What the workload's pools have now is theirs and not taken off.
//
// A scope is the sum over its members, less `reserve` once. Where one of them is unlimited so is
// the sum, whatever the others are; else where one is unknown so is the sum, and with it the cap.
PoolCap CapOf(const WorkloadOptions& options, std::span<const CapScope> scopes);

// The member's connections that others have, or on a server may have: server_reserve is kept for
// them also while they do not use it. Precondition: the member is limited.
std::uint64_t OthersOf(CapScope::Kind scope, const CapMember& member, std::uint64_t server_reserve);

}  // namespace headroom
