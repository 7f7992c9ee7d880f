// Outcome: what came of a rehearsal. Times count from its start.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "collectors/clock.h"
#include "exporter/workload/evaluate.h"
#include "exporter/workload/wide.h"

namespace headroom {

// Over the messages that there was one for; all 0 without any. Percentiles are by nearest rank.
struct Waits {
  std::uint64_t count = 0;
  Duration mean{};
  Duration p50{};
  Duration p95{};
  Duration max{};
};

struct Peak {
  std::uint64_t number = 0;
  Duration at{};  // when it was first that high
};

// Whether each message was done within Scenario::done_within.
struct Promise {
  std::uint64_t kept = 0;
  std::uint64_t broken = 0;  // done too late, or not done and too late already
  std::uint64_t open = 0;    // neither, when the rehearsal ended
};

// For how long more connections were wanted than there are, in all.
struct Excess {
  Duration first{};  // when it began; of no meaning when `total` is 0
  Duration total{};
  std::uint64_t most = 0;  // connections too many
};

struct DatabaseOutcome {
  std::uint64_t room = 0;                 // connections that there are for the workers
  std::uint64_t room_beside_reserve = 0;  // less what is kept for others
  std::uint64_t cap_workers = 0;
  std::uint64_t most_wanted = 0;
  Excess exhausted;     // over `room`
  Excess into_reserve;  // over `room_beside_reserve`, exhausted or not
};

// How things stand after all that happens at that instant.
struct Moment {
  Duration at{};
  std::uint64_t arrived = 0;
  std::uint64_t done = 0;
  std::uint64_t waiting = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t starting = 0;  // pods that do not work yet
  std::uint64_t working = 0;   // ready workers, busy or not
  std::uint64_t stopping = 0;  // pods that finish what they have
  std::uint64_t connections = 0;
  // Waiting and in flight, the most since the moment before this one.
  std::uint64_t most_backlog = 0;
  WorkloadResult says;  // what the exporter would say of it
};

struct FirstFloor {
  Duration at{};  // when its workers were first asked for, its lead included
  std::uint64_t workers = 0;
};

struct Outcome {
  std::uint64_t messages = 0;
  std::uint64_t done = 0;
  std::uint64_t waiting = 0;      // at the end
  std::uint64_t in_flight = 0;    // at the end
  std::uint64_t interrupted = 0;  // times that a message was begun in vain: its worker was killed
  Duration first_arrival{};
  std::optional<Duration> drained;  // when the last message was done; disengaged: not by the end
  Peak backlog;
  Peak waiting_peak;
  Peak workers;              // ready ones
  Peak pods;                 // all that exist
  Wide pod_nanoseconds = 0;  // added up over the pods, from creation to their end
  Waits until_start;         // of the attempt that was finished, or is under way
  Waits until_done;
  std::optional<Promise> promise;  // with done_within
  std::optional<FirstFloor> first_floor;
  std::optional<DatabaseOutcome> database;
  std::vector<Moment> table;  // at even steps, the start and the end included
  std::vector<Moment> curve;  // the same, closer together
};

}  // namespace headroom
