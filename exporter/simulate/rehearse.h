// Plays a scenario, event by event, through the functions that the exporter itself uses: Evaluate()
// of the workload, FloorsAt() of the calendar, CapOf() of the pools. Pure: no clock, no I/O.
//
// Of several things in one instant messages are done first, then pods end or become ready, the HPA
// syncs, the exporter is scraped, and messages arrive. So a sync never sees what happened less than
// a scrape ago: of all ways in which the two may be shifted against each other, the slowest.
#pragma once

#include <cstdint>

#include "collectors/result.h"
#include "exporter/simulate/outcome.h"
#include "exporter/simulate/scenario.h"

namespace headroom {

inline constexpr std::uint64_t kMostEvents = 5'000'000;
inline constexpr int kMostRows = 24;      // of the table, the start and the end beside them
inline constexpr int kCurvePoints = 180;  // after the start

// An Error of kind kLimit: the scenario makes more than `most_events` (arrivals, ends of messages,
// pods, scrapes, syncs).
Result<Outcome> Rehearse(const Scenario& scenario, std::uint64_t most_events = kMostEvents);

}  // namespace headroom
