// From INFO to facts about the server and its pool of client connections. Pure.
//
// Names, types, units and labels are those of redis_exporter 1.88 (github.com/oliver006), so that
// existing queries go on working. A field that the server does not report, or that is not a number,
// removes its series; it never becomes 0.
#pragma once

#include <span>
#include <vector>

#include "collectors/reading.h"
#include "collectors/redis/info.h"

namespace headroom::redis {

// Every family that ReadFacts may use.
std::span<const FactDesc* const> FactTable();

std::vector<Fact> ReadFacts(const Info& info);

// The server's client connections. `maxclients` bounds normal clients, replicas and cluster bus
// connections together (networking.c, acceptCommonHandler), while INFO's connected_clients leaves
// the replicas out: the three are added up, and if one is unknown so is the sum.
Pool ReadPool(const Info& info);

}  // namespace headroom::redis
