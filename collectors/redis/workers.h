// Workers: from a record that a worker keeps about itself to counts of live and stale workers by
// state. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "collectors/reading.h"
#include "collectors/redis/json_fields.h"
#include "collectors/redis/options.h"

namespace headroom::redis {

// The texts of a record's fields. Disengaged: the record lacks it.
struct WorkerRecord {
  std::optional<std::string> state;
  std::optional<std::string> heartbeat;
  std::optional<std::string> since;
};

// `values` in the order of WorkerOptions::Fields().
WorkerRecord MakeRecord(const WorkerOptions& options, JsonFields::Values values);

// What PTTL answers for a key that exists.
struct TimeToLive {
  std::optional<Duration> left;  // disengaged: the key has none
};

// One worker as judged at one moment.
struct Worker {
  std::size_t state = 0;  // index into the configured states; one past them: "other"
  bool stale = false;
  std::optional<double> heartbeat_age_seconds;
  std::optional<double> in_state_seconds;
};

// Is more left than heartbeat_ttl gives a key at once? Then that is not what workers set, and no
// age follows from what is left.
bool OutlivesItsHeartbeat(const WorkerOptions& options, const TimeToLive& ttl);

// A worker without a readable heartbeat, or without a time to live under heartbeat_ttl, is stale. A
// time in the future counts as now. `ttl` is used with heartbeat_ttl only.
Worker Judge(const WorkerOptions& options, const WorkerRecord& record, const TimeToLive& ttl,
             WallTime now);

// Counts one group.
class GroupTally {
 public:
  explicit GroupTally(const WorkerOptions& options);
  void Add(const Worker& worker);
  WorkerGroup Finish();

 private:
  WorkerGroup group_;
};

}  // namespace headroom::redis
