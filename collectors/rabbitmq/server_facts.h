// From /api/overview and /api/nodes to facts about the broker. Pure.
//
// Names, types and units are those of kbudde/rabbitmq_exporter 1.0, so that existing queries go on
// working; the label `cluster`, which it puts on all of them, and `self` are left out. Its
// rabbitmq_connections and rabbitmq_channels have other names here: the broker's own plugin exports
// those, of one node. A number that the broker does not say removes its series; it is never 0.
#pragma once

#include <span>
#include <vector>

#include "collectors/rabbitmq/management_reply.h"
#include "collectors/reading.h"

namespace headroom::rabbitmq {

// Every family that ReadFacts may use.
std::span<const FactDesc* const> FactTable();

std::vector<Fact> ReadFacts(const Overview& overview, const std::vector<Node>& nodes);

}  // namespace headroom::rabbitmq
