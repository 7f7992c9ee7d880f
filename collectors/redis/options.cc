#include "collectors/redis/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "collectors/net/url.h"
#include "collectors/options.h"
#include "collectors/suggest.h"
#include "collectors/tls_options.h"

namespace headroom::redis {
namespace {

using Kind = QueueOptions::Kind;
using InFlightKind = QueueOptions::InFlightKind;

std::string RequiredName(OptionsReader& in, std::string_view key) {
  in.Require(key);
  return in.Name(key);
}

void ReadServer(OptionsReader& in, ClientOptions& client) {
  in.Require("url");
  auto text = in.ExpandedString("url");
  client.password = in.SecretFrom("password");
  if (!text) return;
  auto url = ParseRedisUrl(*text);
  if (!url.ok()) {
    in.Error("url", url.error().message);
    return;
  }
  client.endpoint = url->endpoint;
  client.user = url->user;
  client.db = url->db;
  if (url->password.empty()) return;
  if (!in.MayHoldPassword("url", client.password)) return;
  client.password.from = SecretSource::From::kLiteral;
  client.password.literal = url->password;
}

void ReadQueueKeys(OptionsReader& in, QueueOptions& queue) {
  const std::string key = in.Name("key");
  queue.keys = in.Strings("keys");
  if (in.Has("key") == in.Has("keys")) {
    in.Error("key", "expected either key = \"...\" or keys = [\"...\"], which are added up");
  } else if (in.Has("key")) {
    queue.keys = {key};
  } else if (queue.keys.empty()) {
    in.Error("keys", "must name at least one key");
  }
}

QueueOptions ReadQueue(OptionsReader& in) {
  QueueOptions queue;
  queue.name = RequiredName(in, "name");
  ReadQueueKeys(in, queue);
  if (in.OneOf("kind", {"list", "zset"}) == "zset") queue.kind = Kind::kSortedSet;
  const bool list = queue.kind == Kind::kList;
  const auto unit = in.OneOf("score_unit", {"s", "ms", "none"});
  queue.score_in_milliseconds = unit == "ms";
  if (list && in.Has("score_unit")) {
    in.Error("score_unit", "is only used with kind = \"zset\": a list has no scores");
  }
  if (!list && unit == "none") queue.kind = Kind::kPriorities;
  queue.in_flight_key = in.Name("in_flight_key");
  const auto in_flight = in.OneOf("in_flight_kind", {"list", "zset", "hash"});
  if (in_flight == "zset") queue.in_flight_kind = InFlightKind::kSortedSet;
  if (in_flight == "hash") queue.in_flight_kind = InFlightKind::kHash;
  if (in_flight && !in.Has("in_flight_key")) {
    in.Error("in_flight_kind", "is only used with in_flight_key");
  }
  queue.age_field = in.Name("age_field");
  const auto oldest = in.OneOf("oldest", {"tail", "head"});
  queue.oldest_at_tail = oldest != "head";
  if (queue.kind == Kind::kPriorities && in.Has("age_field")) {
    in.Error("age_field",
             "cannot be used with score_unit = \"none\": nothing tells which is oldest");
  }
  if (oldest && !in.Has("age_field")) in.Error("oldest", "is only used with age_field");
  if (oldest && !list) in.Error("oldest", "is only used with lists: a zset is in order of score");
  in.Finish();
  return queue;
}

// The queue that counts a key. A key of two queues would count its messages in both.
struct KeyOwner {
  std::string queue;
  bool in_flight = false;
};
using KeyOwners = std::map<std::string, KeyOwner, std::less<>>;

std::string Describe(const KeyOwner& owner) {
  return fmt::format("{} of the queue {}", owner.in_flight ? "the in_flight_key" : "a key",
                     Quoted(owner.queue));
}

void Claim(OptionsReader& in, std::string_view at, const std::string& key, KeyOwner owner,
           KeyOwners& owners) {
  const auto [entry, first] = owners.emplace(key, std::move(owner));
  if (first) return;
  in.Error(at, fmt::format("{} is {} already: its messages would count twice", Quoted(key),
                           Describe(entry->second)));
}

void ClaimKeys(OptionsReader& in, const QueueOptions& queue, KeyOwners& owners) {
  for (const std::string& key : queue.keys) {
    Claim(in, in.Has("keys") ? "keys" : "key", key, {queue.name, false}, owners);
  }
  if (queue.in_flight_key.empty()) return;
  Claim(in, "in_flight_key", queue.in_flight_key, {queue.name, true}, owners);
}

void ReadLists(OptionsReader& in, std::vector<std::string> lists,
               const std::set<std::string>& names, const KeyOwners& owners, RedisOptions& options) {
  for (std::string& list : lists) {
    const auto owner = owners.find(list);
    if (owner != owners.end()) {
      in.Error("lists", fmt::format("{} is {} under [[redis.queues]] too: its messages would "
                                    "count twice; keep one of them",
                                    Quoted(list), Describe(owner->second)));
    } else if (names.contains(list)) {
      in.Error("lists", fmt::format("a queue under [[redis.queues]] is called {} too; keep one of "
                                    "them",
                                    Quoted(list)));
    } else {
      QueueOptions queue;
      queue.name = list;
      queue.keys = {std::move(list)};
      options.queues.push_back(std::move(queue));
    }
  }
}

void ReadQueues(OptionsReader& in, std::vector<std::string> lists, RedisOptions& options) {
  std::set<std::string> names;
  KeyOwners owners;
  for (OptionsReader& table : in.Tables("queues")) {
    QueueOptions queue = ReadQueue(table);
    if (!queue.name.empty() && !names.insert(queue.name).second) {
      table.Error("name", fmt::format("another queue of this target is called \"{}\"", queue.name));
    }
    ClaimKeys(table, queue, owners);
    options.queues.push_back(std::move(queue));
  }
  ReadLists(in, std::move(lists), names, owners, options);
}

void ReadStaleness(OptionsReader& in, WorkerOptions& worker) {
  worker.heartbeat_field = in.Name("heartbeat_field");
  worker.heartbeat_ttl = in.DurationAtLeast("heartbeat_ttl", std::chrono::milliseconds(1));
  const auto stale_after = in.DurationAtLeast("stale_after", std::chrono::milliseconds(1));
  if (stale_after) worker.stale_after = *stale_after;
  const bool field = in.Has("heartbeat_field");
  const bool ttl = in.Has("heartbeat_ttl");
  if (field && ttl) {
    in.Error("heartbeat_ttl", "cannot be used with heartbeat_field; keep one of them");
  } else if (!field && !ttl && in.Has("stale_after")) {
    in.Error("stale_after",
             "needs heartbeat_field or heartbeat_ttl: without them nobody can tell "
             "how long a worker has been silent");
  } else if (!field && !ttl) {
    in.Warning("group",
               "has neither heartbeat_field nor heartbeat_ttl: a worker that died counts "
               "as live for as long as its key exists, there are no stale series, and no "
               "workload can use this group");
  } else if (worker.heartbeat_ttl && worker.stale_after >= *worker.heartbeat_ttl) {
    in.Warning(
        stale_after ? "stale_after" : "heartbeat_ttl",
        fmt::format("stale_after ({}) is not below heartbeat_ttl ({}): a key is gone before "
                    "its worker counts as stale",
                    FormatDuration(worker.stale_after), FormatDuration(*worker.heartbeat_ttl)));
  }
}

WorkerOptions ReadWorkers(OptionsReader& in) {
  WorkerOptions worker;
  worker.group = RequiredName(in, "group");
  worker.pattern = in.Name("keys");
  worker.members = in.Name("members");
  if (in.Has("keys") == in.Has("members")) {
    in.Error("keys", "expected either keys = \"pattern\" or members = \"a set of key names\"");
  }
  worker.state_field = RequiredName(in, "state_field");
  in.Require("states");
  worker.states = in.Strings("states");
  if (in.Has("states") && worker.states.empty()) in.Error("states", "must name at least one state");
  if (std::find(worker.states.begin(), worker.states.end(), "other") != worker.states.end()) {
    in.Error("states", "\"other\" is reserved for states that are not listed");
  }
  ReadStaleness(in, worker);
  worker.since_field = in.Name("since_field");
  in.Finish();
  return worker;
}

void ReadGroups(OptionsReader& in, RedisOptions& options) {
  std::set<std::string> names;
  for (OptionsReader& table : in.Tables("workers")) {
    WorkerOptions worker = ReadWorkers(table);
    if (!worker.group.empty() && !names.insert(worker.group).second) {
      table.Error("group",
                  fmt::format("another group of this target is called \"{}\"", worker.group));
    }
    options.workers.push_back(std::move(worker));
  }
}

}  // namespace

std::optional<RedisOptions> ParseOptions(OptionsReader& in) {
  RedisOptions options;
  ReadServer(in, options.client);
  options.list_patterns = in.Strings("list_patterns");
  const auto interval = in.DurationAtLeast("discovery_interval", std::chrono::milliseconds(100));
  if (interval) options.discovery_interval = *interval;
  options.discovery_interval_given = interval.has_value();
  const auto ttl = in.DurationAtLeast("pattern_ttl", Duration::zero());
  if (ttl) options.pattern_ttl = *ttl;
  // Keys that have been asked for are recognised when they stand in a sub-table by mistake, so the
  // sub-tables come last.
  std::vector<std::string> lists = in.Strings("lists");
  ReadTls(in, options.client.endpoint, "rediss://");
  ReadQueues(in, std::move(lists), options);
  ReadGroups(in, options);
  if (!in.ok()) return std::nullopt;
  return options;
}

}  // namespace headroom::redis
