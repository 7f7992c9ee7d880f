// Declared and discovered queues: which commands a run sends for one, and what the replies mean.
// Pure; commands and replies correspond one to one.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "collectors/reading.h"
#include "collectors/redis/client.h"
#include "collectors/redis/json_fields.h"
#include "collectors/redis/options.h"

namespace headroom::redis {

// What one run says about one queue. No queue: it is unknown, and a problem says why.
struct QueueOutcome {
  std::optional<Queue> queue;
  std::vector<Problem> problems;
};

// Appends the commands of one declared queue. `now` splits a sorted set into ready and delayed.
void AddQueueCommands(const QueueOptions& queue, WallTime now, Batch& batch);
std::size_t QueueCommandCount(const QueueOptions& queue);

// `replies` are those of the commands that AddQueueCommands added with the same `now`. An Error:
// the server as a whole does not serve us. One unknown key makes the queue unknown; an unknown
// in-flight key makes only in_flight unknown; an unreadable age only the age.
Result<QueueOutcome> ReadQueue(const QueueOptions& queue, int db, WallTime now,
                               std::span<const Reply> replies, JsonFields& json);

// LLEN's answer for a discovered list. A disengaged result: no list (any more).
Result<std::optional<std::uint64_t>> ReadListLength(const Reply& reply, const std::string& key);

}  // namespace headroom::redis
