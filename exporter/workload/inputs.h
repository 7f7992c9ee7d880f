// WorkloadInputs: all that the formulas take from the readings, the calendar included, as plain
// data. Made by GatherInputs (gather_inputs.h), or by a simulation.
//
// Unknown is a disengaged optional, and then `why` says so for people ("target main is down").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "collectors/reading.h"
#include "exporter/calendar/floor.h"

namespace headroom {

// By default nothing is known of it, its kind included.
struct QueueInput {
  std::optional<std::uint64_t> ready;
  bool has_in_flight = true;  // false: the kind has no such state, and `in_flight` is not used
  std::optional<std::uint64_t> in_flight;
  bool has_consumers = true;  // false: the kind has none, and `consumers` is not used
  std::optional<std::uint64_t> consumers;
  std::string why;  // not empty when one of them is unknown
};

// Of the worker group; only used when the options name one.
struct GroupInput {
  std::optional<std::uint64_t> live;  // in whatever state
  std::optional<std::uint64_t> busy;  // those of them in busy_states
  std::string why;                    // not empty when one of them is unknown
  std::uint64_t stale = 0;            // those known to be, in whatever state; for the words only
};

// What one member of a scope may have: one pool, one database or user of one pooler, one server,
// one database or role of one server.
struct CapMember {
  enum class Limit { kUnknown, kUnlimited, kLimited };
  std::string name;  // for people: "app/decisions of pooler-a"
  Limit limit = Limit::kUnknown;
  // Of kLimited only. Scope pool uses `max` alone.
  std::uint64_t max = 0;
  std::uint64_t reserved = 0;  // scope server: what ordinary clients never get
  std::uint64_t current = 0;   // connections now, whoever has them, headroom's own included
  std::uint64_t own = 0;       // those of the workload's pools among them
  std::string why;
  std::string note;  // for people: what else there is to say of it
};

// One scope with its distinct members; at least one.
struct CapScope {
  // From the workers to the database: three of the pooler, three of the server. Without a pooler
  // kServerDatabase or kServerRole is there only where the workload names one.
  enum class Kind { kPool, kDatabase, kUser, kServer, kServerDatabase, kServerRole };
  Kind scope = Kind::kPool;
  std::vector<CapMember> members;
};

struct WorkloadInputs {
  std::vector<QueueInput> queues;  // those of WorkloadOptions::queues, in their order
  GroupInput group;
  std::vector<CapScope> cap;  // empty: the options name no pools
  FloorState floor;           // what the calendar says now
};

}  // namespace headroom
