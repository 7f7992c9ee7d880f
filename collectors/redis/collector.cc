#include "collectors/redis/collector.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "collectors/redis/flags.h"
#include "collectors/redis/groups_part.h"
#include "collectors/redis/parts.h"
#include "collectors/redis/queues_part.h"
#include "collectors/redis/replica.h"
#include "collectors/redis/reply_errors.h"
#include "collectors/redis/server_facts.h"

namespace headroom::redis {
namespace {

constexpr std::array<std::string_view, 4> kParts = {kQueuesPart, kWorkersPart, kServerPart,
                                                    kDiscoveryPart};

}  // namespace

RedisCollector::RedisCollector(RedisOptions options, const Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      client_(options_.client),
      discovery_(options_, clock.Now()),
      members_(options_.workers.size()) {
  for (const QueueOptions& queue : options_.queues) declared_names_.insert(queue.name);
}

Status RedisCollector::Connect(const Deadline& deadline) {
  const std::uint64_t before = client_.connections();
  Status connected = client_.EnsureConnected(deadline);
  // A cursor means nothing to another server, and a new connection may lead to one.
  if (client_.connections() != before) {
    discovery_.RestartPass();
    fastest_slice_ = Duration::max();
  }
  return connected;
}

Result<Reading> RedisCollector::Collect(const Deadline& deadline) {
  if (Status connected = Connect(deadline); !connected.ok()) return connected.error();
  const WallTime wall = clock_.WallNow();
  const SteadyTime now = clock_.Now();

  QueuesPart queues(options_, declared_names_, discovery_.Lists(), {wall, now}, json_);
  GroupsPart groups(options_, discovery_, members_, wall, now, json_);
  Batch batch;
  batch.Add({"INFO"});
  queues.AddCommands(batch);
  const std::size_t before_groups = batch.size();
  groups.AddCommands(batch);

  auto replies = client_.Run(batch, deadline);
  if (!replies.ok()) return replies.error();
  const std::span<const Reply> all(*replies);
  Reading reading;
  reading.discovered_at = discovery_.completed_at();
  auto server = ReadServer(all.front(), reading);
  if (!server.ok()) return server.error();
  if (!queues.Empty()) queues.Read(all.subspan(1, before_groups - 1), reading);
  if (!groups.Empty()) {
    Status read = groups.Read(all.subspan(before_groups), client_, deadline, reading);
    if (!read.ok()) return read.error();
  }
  if (discovery_.HasWork()) ReadDiscovery(now, reading);
  if (server->cut_off) {
    TakeOutKeys(reading);
  } else if (cut_off_ || MayBeAnother(server->run_id)) {
    LookForGroupsAnew(now, reading);
  } else if (server->of_a_cluster) {
    TakeOutPartsOfAWhole(reading);
  }
  cut_off_ = server->cut_off;
  run_id_ = std::move(server->run_id);
  run_connection_ = client_.connections();
  return reading;
}

// The same name or address may lead to a server that was restarted or has taken over. One that does
// not tell its run_id is taken for another one with each connection.
bool RedisCollector::MayBeAnother(const std::string& run_id) const {
  if (!run_id.empty() && !run_id_.empty()) return run_id != run_id_;
  return client_.connections() > 1 && client_.connections() != run_connection_;
}

// What keys there are was found on another server, or while the replica was cut off, or may have
// been.
void RedisCollector::LookForGroupsAnew(SteadyTime now, Reading& reading) {
  TakeOutFoundGroups(reading);
  discovery_.ForgetGroups(now);
}

// SCAN shows the keys of one node, and no MOVED says that there are others.
void RedisCollector::TakeOutPartsOfAWhole(Reading& reading) const {
  TakeOutFoundGroups(reading);
  for (const WorkerOptions& group : options_.workers) {
    if (!group.members.empty()) continue;
    reading.problems.push_back(ProblemOf(
        group, {ErrorKind::kUnsupported,
                "the server is a node of a Redis Cluster, whose other nodes may hold more "
                "of its keys"}));
  }
}

void RedisCollector::TakeOutFoundGroups(Reading& reading) const {
  for (const WorkerOptions& group : options_.workers) {
    if (!group.members.empty()) continue;
    std::erase_if(reading.worker_groups,
                  [&group](const WorkerGroup& read) { return read.group == group.group; });
  }
}

Result<RedisCollector::ServerState> RedisCollector::ReadServer(const Reply& reply,
                                                               Reading& reading) const {
  ServerState server;
  const bool reads_keys = options_.ReadsQueues() || !options_.workers.empty();
  Part part{std::string(kServerPart), !reads_keys, std::nullopt};
  if (reply.IsError()) {
    part.error = ToError(reply).Within("INFO");
    // Before discovery has found a key nothing else is asked that such a server would refuse.
    if (ConcernsServer(reply)) return *part.error;
  } else if (reply.type != Reply::Type::kString) {
    part.error = Error{ErrorKind::kProtocol, "INFO: expected a text"};
  } else {
    const Info info(reply.text);
    reading.facts = ReadFacts(info);
    reading.pools.push_back(ReadPool(info));
    if (reads_keys && info.Number("loading").value_or(0) != 0) {
      return Error{ErrorKind::kConnect, "LOADING: INFO says that the server is loading its data"};
    }
    server.cut_off = HasLostItsPrimary(info);
    server.of_a_cluster = info.Number("cluster_enabled").value_or(0) != 0;
    server.run_id = info.Text("run_id").value_or("");
  }
  reading.parts.push_back(std::move(part));
  return server;
}

void RedisCollector::ReadDiscovery(SteadyTime now, Reading& reading) const {
  for (std::size_t i = 0; i < options_.workers.size(); ++i) {
    if (auto outdated = discovery_.Outdated(i, now)) {
      reading.problems.push_back(ProblemOf(options_.workers[i], std::move(*outdated)));
    }
  }
  reading.parts.push_back(Part{std::string(kDiscoveryPart), false, discovery_.error()});
}

std::optional<SteadyTime> RedisCollector::NextDiscovery() const {
  if (!discovery_.HasWork()) return std::nullopt;
  return discovery_.Next();
}

Status RedisCollector::DiscoverSlice(const Deadline& deadline) {
  if (Status connected = Connect(deadline); !connected.ok()) {
    discovery_.Fail(connected.error(), clock_.Now());
    return connected;
  }
  Batch batch;
  discovery_.AddCommand(batch);
  const SteadyTime started = clock_.Now();
  auto replies = client_.Run(batch, deadline);
  if (!replies.ok()) {
    discovery_.Fail(replies.error(), clock_.Now());
    return replies.error().Within("SCAN");
  }
  // The round trip was measured once: if it was a slow one, a slice that came back sooner says so.
  const Duration took = clock_.Now() - started;
  fastest_slice_ = std::min(fastest_slice_, took);
  const Duration cost = took - std::min(client_.round_trip(), fastest_slice_);
  return discovery_.Take(replies->front(), started, cost);
}

namespace {

ParsedTarget ParseTarget(OptionsReader& reader) {
  auto options = ParseOptions(reader);
  if (!options) return {};
  ParsedTarget target;
  for (const WorkerOptions& worker : options->workers) {
    target.groups.push_back({worker.group, worker.states, worker.KnowsStaleness()});
  }
  const auto parsed = std::make_shared<RedisOptions>(std::move(*options));
  target.make = [parsed](const Clock& clock) {
    return std::make_unique<RedisCollector>(*parsed, clock);
  };
  target.declare = [parsed](const QueueName& queue) { return Declare(queue, *parsed); };
  target.use_group = [parsed](std::string_view group) { return UseGroup(group, *parsed); };
  return target;
}

}  // namespace

CollectorType RedisCollectorType() {
  return CollectorType{
      "redis", &ParseTarget, FactTable(), kParts, std::chrono::milliseconds(50), kFlags,
  };
}

}  // namespace headroom::redis
