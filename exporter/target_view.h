// TargetView: one target as one request sees it; what pages are made from.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/clock.h"
#include "exporter/joined_pools.h"
#include "exporter/snapshot.h"

namespace headroom {

// What is known of a target at one moment.
struct TargetStatus {
  SnapshotPtr last;  // the last finished run, good or not; null before the first
  std::optional<SteadyTime> good_started;   // start of the last good run
  std::optional<WallTime> good_finished;    // end of the last good run
  std::optional<SteadyTime> discovered_at;  // start of the last complete discovery pass
  std::vector<std::string> parts;           // what the last good run consisted of
  bool backing_off = false;
  std::shared_ptr<const Blocks> pressure;  // after the last run; null: not sampled
};

// Takes over what a finished run says. `wall_now`: the time at its end.
void Update(TargetStatus& status, const SnapshotPtr& run, WallTime wall_now);

struct TargetView {
  std::string target;
  std::string system;
  SnapshotPtr run;  // a good run, fresh enough for the request; null: unknown
  TargetStatus status;
  std::vector<std::string> links = {};  // other targets that its configuration names
  // What its pools come to together with those of other targets; null: nothing to join, or `run`
  // is null.
  std::shared_ptr<const JoinedPools> joined = nullptr;
};

// The pressure counters that belong on the page: those of its run, or of a target that is down the
// last ones. Null: not sampled.
const Blocks* PressureOf(const TargetView& view);

// Series that the target puts on the page; precondition: `run`.
std::size_t SeriesOf(const TargetView& view);

}  // namespace headroom
