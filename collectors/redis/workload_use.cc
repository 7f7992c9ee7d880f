// What a target does for the workloads that name its queues and worker groups.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "collectors/options.h"
#include "collectors/redis/options.h"
#include "collectors/suggest.h"

namespace headroom::redis {
namespace {

// How often to look for workers that count as busy: until they are found, the messages that they
// took are neither in the queue nor in anybody's hands.
constexpr Duration kIntervalOfUsedGroups = std::chrono::seconds(5);
constexpr Duration kLongestUnseen = std::chrono::seconds(10);

}  // namespace

Result<DeclaredQueue> Declare(const QueueName& queue, RedisOptions& options) {
  const auto refuse = [](std::string why) {
    return Error{ErrorKind::kUnsupported, std::move(why)};
  };
  const std::string db = std::to_string(options.client.db);
  if (queue.vhost) return refuse("Redis has no virtual hosts; leave vhost out");
  if (queue.db && *queue.db != db) {
    return refuse(fmt::format("the target reads database {}, not {}", db, Printable(*queue.db)));
  }
  for (const QueueOptions& known : options.queues) {
    if (known.name == queue.name) return DeclaredQueue{.db = db};
    if (std::find(known.keys.begin(), known.keys.end(), queue.name) != known.keys.end()) {
      return refuse(fmt::format("{} is a key of the queue {}; name that queue", Quoted(queue.name),
                                Quoted(known.name)));
    }
    if (known.in_flight_key == queue.name) {
      return refuse(
          fmt::format("{} is the in_flight_key of the queue {}, which counts its messages "
                      "already; name that queue",
                      Quoted(queue.name), Quoted(known.name)));
    }
  }
  std::vector<std::string> names;
  for (const QueueOptions& known : options.queues) names.push_back(known.name);
  QueueOptions list;
  list.name = queue.name;
  list.keys = {queue.name};
  options.queues.push_back(std::move(list));
  return DeclaredQueue{.db = db, .added = true, .similar = Suggest(queue.name, names).value_or("")};
}

UsedGroup UseGroup(std::string_view group, RedisOptions& options) {
  const auto used =
      std::find_if(options.workers.begin(), options.workers.end(),
                   [group](const WorkerOptions& worker) { return worker.group == group; });
  if (used == options.workers.end() || used->pattern.empty()) return {};
  if (!options.discovery_interval_given) {
    options.discovery_interval = kIntervalOfUsedGroups;
    return {.changed = true, .warning = {}};
  }
  if (options.discovery_interval <= kLongestUnseen) return {};
  return {
      .changed = false,
      .warning = fmt::format(
          "{} is found by a pattern, and the discovery_interval of its target is {}: for so long a "
          "worker that has just come and taken a message is not seen, its message is not counted, "
          "and fewer workers are recommended than are busy. Name the group's keys by a set "
          "(members), which is read in each run, or leave discovery_interval out (then {})",
          Quoted(group), FormatDuration(options.discovery_interval),
          FormatDuration(kIntervalOfUsedGroups))};
}

}  // namespace headroom::redis
