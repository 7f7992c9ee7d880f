// Scenario: what a rehearsal plays, as its file says it. docs/rehearsal.md has the keys.
//
// Times count from the start of the rehearsal.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "collectors/clock.h"
#include "exporter/calendar/time_zone.h"
#include "exporter/simulate/hpa.h"
#include "exporter/workload/options.h"

namespace headroom {

// So many messages, spread evenly over `over`: the first at `at`. All at once when that is 0.
struct Burst {
  Duration at{};
  Duration over{};
  std::uint64_t messages = 0;  // >= 1
};

// Messages at a rate that goes evenly from one to the other; not both 0.
struct Ramp {
  Duration at{};
  Duration over{};  // > 0
  std::uint64_t from_per_minute = 0;
  std::uint64_t to_per_minute = 0;
};

using Arrivals = std::variant<Burst, Ramp>;

// How long each message really takes.
struct ServiceTimes {
  // Each is as likely as the others; not empty, all > 0. Engaged `spread`: any time from the only
  // one of them less `spread` to it plus `spread`.
  std::vector<Duration> times;
  std::optional<Duration> spread;
  std::uint64_t seed = 1;
};

// What the HPA is given of the exporter's series.
enum class Signal {
  kRecommended,  // recommended_workers, and minimum_workers as a second metric
  kWanted,       // wanted_workers: as if there were no max and no database
  kBacklog,      // backlog_messages: what autoscaling on queue depth alone does
};

struct ScalingPlan {
  Signal signal = Signal::kRecommended;
  HpaTarget target_type = HpaTarget::kAverageValue;
  std::uint64_t target = 1;
  Duration scrape_interval = std::chrono::seconds(15);
  Duration startup{};                         // from a pod's creation until it works
  Duration grace = std::chrono::seconds(30);  // terminationGracePeriodSeconds
  HpaOptions hpa;                             // min and max are the workload's
};

struct WorkersPlan {
  std::uint64_t initial = 0;           // working when the rehearsal starts
  std::optional<ScalingPlan> scaling;  // disengaged: as many to the end
};

// One limit between the workers and the database, and who else uses of it.
struct Limit {
  std::optional<std::uint64_t> max;  // disengaged: unlimited
  std::uint64_t others = 0;          // connections that others hold all the time
};

struct DatabasePlan {
  Limit pool;  // `others` is 0
  Limit database;
  Limit user;
  Limit server;
  std::uint64_t server_reserved = 0;  // superuser_reserved_connections and reserved_connections
};

struct Scenario {
  // One queue without a target. A worker group when the queue does not count what is in flight.
  WorkloadOptions workload;
  bool counts_in_flight = true;
  std::optional<WallTime> start;  // engaged when there are floors
  std::optional<TimeZone> zone;   // that times of day are told in; disengaged: UTC
  Duration play{};
  // What is promised, from arrival to done; disengaged: nothing is. What the workers are computed
  // from is the workload's finish_within.
  std::optional<Duration> done_within;
  std::vector<Arrivals> arrivals;  // at least one
  ServiceTimes service;
  WorkersPlan workers;
  std::optional<DatabasePlan> database;
};

}  // namespace headroom
