// What a [[redis]] table says, as types. docs/collectors/redis.md describes every key.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/collector.h"
#include "collectors/redis/client.h"

namespace headroom::redis {

// A declared queue: one key, or several that are added up.
struct QueueOptions {
  // kPriorities: a sorted set whose scores are not times, so that everything in it is ready.
  enum class Kind { kList, kSortedSet, kPriorities };
  enum class InFlightKind { kList, kSortedSet, kHash };

  std::string name;
  std::vector<std::string> keys;
  Kind kind = Kind::kList;
  bool score_in_milliseconds = false;  // kSortedSet: the unit of the time that is the score
  std::string in_flight_key;           // empty: what is handed out is not kept anywhere
  InFlightKind in_flight_kind = InFlightKind::kList;
  std::string age_field;       // empty: the age of the oldest message is not read
  bool oldest_at_tail = true;  // kList: LPUSH + RPOP; false: RPUSH + LPOP
};

// A worker group. Exactly one of `pattern` and `members` is given, and at most one of
// `heartbeat_field` and `heartbeat_ttl`.
struct WorkerOptions {
  std::string group;
  std::string pattern;  // the group's keys, found by SCAN
  std::string members;  // a set that holds the names of the group's keys
  std::string state_field;
  std::vector<std::string> states;
  std::string heartbeat_field;
  std::optional<Duration> heartbeat_ttl;  // what the worker sets its key's time to live to
  std::string since_field;
  Duration stale_after = std::chrono::seconds(60);

  bool KnowsStaleness() const { return !heartbeat_field.empty() || heartbeat_ttl.has_value(); }
  // The fields to ask for: state, then heartbeat and since where configured.
  std::vector<std::string> Fields() const;
};

struct RedisOptions {
  ClientOptions client;
  std::vector<QueueOptions> queues;
  std::vector<std::string> list_patterns;
  Duration discovery_interval = std::chrono::seconds(30);
  bool discovery_interval_given = false;
  Duration pattern_ttl = std::chrono::hours(1);
  std::vector<WorkerOptions> workers;

  // Whether the target has a part "queues", without which nothing of it is known.
  bool ReadsQueues() const { return !queues.empty() || !list_patterns.empty(); }
};

// Reads the target's own keys; mistakes go to the reader's diagnostics and disengage the result.
std::optional<RedisOptions> ParseOptions(OptionsReader& options);

// Declares the queue that a workload names; one that the options do not declare is a list. An Error
// where it cannot be this target's.
Result<DeclaredQueue> Declare(const QueueName& queue, RedisOptions& options);

// A workload counts the busy workers of this group: one that is found by a pattern is looked for
// every 5 s, unless the target says how often.
UsedGroup UseGroup(std::string_view group, RedisOptions& options);

}  // namespace headroom::redis
