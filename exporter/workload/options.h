// WorkloadOptions: what one [[workload]] of the configuration says.
//
// The configuration checks what is written here as preconditions; the formulas (evaluate.h) rely on
// it. Numbers are of messages, workers or connections.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "collectors/clock.h"
#include "exporter/calendar/floor.h"
#include "exporter/workload/ratio.h"

namespace headroom {

// A queue that the workload drains, by its identity in the target's Reading.
struct WorkloadQueue {
  std::string target;
  std::string queue;
  std::string
      vhost;       // of systems that have them; the configuration fills in RabbitMQ's default "/"
  std::string db;  // empty: whichever the target reads
  std::optional<std::uint64_t> messages_per_worker;  // >= 1; in place of the workload's
};

// Who drains them. Precondition: a group that can tell live workers from stale ones, and
// busy_states, distinct, are among its states.
struct WorkloadGroup {
  std::string target;
  std::string group;
  std::vector<std::string> busy_states;
};

// A pool that the workers take their connections from: a pooler's, by database and user; or a
// PostgreSQL target without a pooler, as a whole (both empty) or one role or one database of it
// (one of them given; no reading says how many connections a pair has).
struct WorkloadPool {
  std::string target;
  std::string database;
  std::string user;
};

enum class WhenPoolUnknown {
  kHold,    // no recommendation
  kIgnore,  // one without the cap
};

// Preconditions: service_time > 0. Per queue, messages_per_worker is given there, or for the
// workload, or finish_within is, not both of the latter; finish_within >= service_time, which it
// needs. concurrency and consumers_per_worker >= 1. min <= max (should max be smaller, min wins).
struct WorkloadOptions {
  std::string name;
  std::vector<WorkloadQueue> queues;
  std::optional<WorkloadGroup> worker_group;
  std::optional<Duration> service_time;   // mean per message and slot
  std::optional<Duration> finish_within;  // from arrival to done
  std::optional<std::uint64_t> messages_per_worker;
  std::uint64_t concurrency = 1;  // slots per worker
  std::uint64_t consumers_per_worker = 1;
  std::uint64_t min = 0;             // = the HPA's minReplicas
  std::uint64_t max = 0;             // = the HPA's maxReplicas
  std::vector<WorkloadPool> pools;   // all of poolers, or all of servers; none twice
  Ratio connections_per_worker;      // held at the same time
  std::uint64_t reserve = 0;         // connections for others, once per scope
  std::uint64_t server_reserve = 0;  // connections for others on each server, used or not
  WhenPoolUnknown pool_when_unknown = WhenPoolUnknown::kHold;
  std::vector<Floor> floors;  // not used by the formulas: they take what FloorsAt makes of it
};

}  // namespace headroom
