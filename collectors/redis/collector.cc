#include "collectors/redis/collector.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "collectors/redis/flags.h"
#include "collectors/redis/parts.h"
#include "collectors/redis/queues.h"
#include "collectors/redis/replica.h"
#include "collectors/redis/reply_errors.h"
#include "collectors/redis/server_facts.h"

namespace headroom::redis {
namespace {

constexpr std::array<std::string_view, 4> kParts = {kQueuesPart, kWorkersPart, kServerPart,
                                                    kDiscoveryPart};

Problem ProblemOf(const WorkerOptions& workers, Error error) {
  return {.object = workers.group, .error = std::move(error), .group = workers.group};
}

}  // namespace

// Collects what went wrong with the objects of one part. When not one of them may be read, it is
// the part that is unanswered, not its objects.
class RedisCollector::Refusals {
 public:
  void Answered() { ++answered_; }
  void Refused(const Error& error) {
    if (error.kind == ErrorKind::kPermission) {
      permission_ = error;
    } else {
      ++others_;
    }
  }
  std::optional<Error> OfAll() const {
    return answered_ == 0 && others_ == 0 ? permission_ : std::nullopt;
  }

 private:
  std::size_t answered_ = 0;
  std::size_t others_ = 0;  // refused for another reason
  std::optional<Error> permission_;
};

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

  Batch batch;
  batch.Add({"INFO"});
  for (const QueueOptions& queue : options_.queues) AddQueueCommands(queue, wall, batch);
  if (const KnownKeys* lists = discovery_.Lists()) {
    for (const auto& [key, known] : *lists) batch.Add({"LLEN", key});
  }
  const std::size_t before_groups = batch.size();
  auto groups = MakeGroupReaders(wall, now);
  std::vector<std::size_t> counts;
  counts.reserve(groups.size());
  for (auto& group : groups) counts.push_back(group ? group->AddCommands(batch) : 0);

  auto replies = client_.Run(batch, deadline);
  if (!replies.ok()) return replies.error();
  const std::span<const Reply> all(*replies);
  Reading reading;
  reading.discovered_at = discovery_.completed_at();
  const bool cut_off = ReadServer(all.front(), reading);
  // A part of which nothing could be asked yet is not in the Reading: it would seem to be answered.
  if (!options_.queues.empty() || discovery_.Lists() != nullptr) {
    ReadQueues(all.subspan(1, before_groups - 1), wall, now, reading);
  }
  if (std::any_of(groups.begin(), groups.end(), [](const auto& g) { return g.has_value(); })) {
    Status read = ReadGroups(groups, counts, all.subspan(before_groups), deadline, reading);
    if (!read.ok()) return read.error();
  }
  if (discovery_.HasWork()) ReadDiscovery(now, reading);
  if (cut_off) {
    TakeOutKeys(reading);
  } else if (cut_off_) {
    LookForGroupsAnew(now, reading);
  }
  cut_off_ = cut_off;
  return reading;
}

// What keys there are was found while the replica was cut off, or may have been.
void RedisCollector::LookForGroupsAnew(SteadyTime now, Reading& reading) {
  for (const WorkerOptions& group : options_.workers) {
    if (!group.members.empty()) continue;
    std::erase_if(reading.worker_groups,
                  [&group](const WorkerGroup& read) { return read.group == group.group; });
  }
  discovery_.ForgetGroups(now);
}

bool RedisCollector::ReadServer(const Reply& reply, Reading& reading) const {
  bool cut_off = false;
  Part part{std::string(kServerPart), !ReadsQueues() && options_.workers.empty(), std::nullopt};
  if (reply.IsError()) {
    part.error = ToError(reply).Within("INFO");
  } else if (reply.type != Reply::Type::kString) {
    part.error = Error{ErrorKind::kProtocol, "INFO: expected a text"};
  } else {
    const Info info(reply.text);
    reading.facts = ReadFacts(info);
    reading.pools.push_back(ReadPool(info));
    cut_off = HasLostItsPrimary(info);
  }
  reading.parts.push_back(std::move(part));
  return cut_off;
}

void RedisCollector::ReadQueues(std::span<const Reply> replies, WallTime wall, SteadyTime now,
                                Reading& reading) {
  Part part{std::string(kQueuesPart), true, std::nullopt};
  Refusals refusals;
  part.error = ReadDeclared(replies, wall, refusals, reading);
  if (!part.error) part.error = ReadDiscovered(replies, now, refusals, reading);
  if (!part.error) part.error = refusals.OfAll();
  if (part.error) {
    reading.queues.clear();
    reading.problems.clear();
  }
  reading.parts.push_back(std::move(part));
}

std::optional<Error> RedisCollector::ReadDeclared(std::span<const Reply>& replies, WallTime wall,
                                                  Refusals& refusals, Reading& reading) {
  std::optional<Error> failure;
  for (const QueueOptions& queue : options_.queues) {
    const std::size_t count = QueueCommandCount(queue);
    auto outcome = ReadQueue(queue, options_.client.db, wall, replies.first(count), json_);
    replies = replies.subspan(count);
    if (!outcome.ok()) {
      if (!failure) failure = outcome.error();
      continue;
    }
    if (outcome->queue) {
      refusals.Answered();
      reading.queues.push_back(std::move(*outcome->queue));
    } else {
      refusals.Refused(outcome->problems.front().error);
    }
    std::move(outcome->problems.begin(), outcome->problems.end(),
              std::back_inserter(reading.problems));
  }
  return failure;
}

std::optional<Error> RedisCollector::ReadDiscovered(std::span<const Reply> replies, SteadyTime now,
                                                    Refusals& refusals, Reading& reading) {
  KnownKeys* lists = discovery_.Lists();
  if (lists == nullptr) return std::nullopt;
  std::size_t refused = 0;
  std::optional<Problem> first;
  auto entry = lists->begin();
  for (const Reply& reply : replies) {
    if (reply.IsError() && ConcernsServer(reply)) return ToError(reply);
    const std::string& key = entry->first;
    auto length = ReadListLength(reply, key);
    if (!length.ok()) {
      refusals.Refused(length.error());
      if (refused++ == 0) first = Problem{key, length.error()};
      ++entry;
      continue;
    }
    refusals.Answered();
    const bool no_list = !length->has_value();
    if (!no_list && **length > 0) entry->second.last_seen = now;
    if (no_list || now - entry->second.last_seen > options_.pattern_ttl) {
      entry = lists->erase(entry);
      continue;
    }
    if (declared_names_.contains(key)) {
      reading.problems.push_back(Problem{
          key, Error{ErrorKind::kUnsupported,
                     "a declared queue of another key has the name of this list: rename it"}});
      ++entry;
      continue;
    }
    Queue queue;
    queue.name = key;
    queue.db = std::to_string(options_.client.db);
    queue.kind = "list";
    queue.ready = **length;
    reading.queues.push_back(std::move(queue));
    ++entry;
  }
  // One line for all of them: there may be thousands, all for the same reason.
  if (refused > 1) first->error.message += fmt::format(" (and {} more lists)", refused - 1);
  if (first) reading.problems.push_back(std::move(*first));
  return std::nullopt;
}

void RedisCollector::ReadDiscovery(SteadyTime now, Reading& reading) const {
  for (std::size_t i = 0; i < options_.workers.size(); ++i) {
    if (auto outdated = discovery_.Outdated(i, now)) {
      reading.problems.push_back(ProblemOf(options_.workers[i], std::move(*outdated)));
    }
  }
  reading.parts.push_back(Part{std::string(kDiscoveryPart), false, discovery_.error()});
}

std::vector<std::optional<GroupReader>> RedisCollector::MakeGroupReaders(WallTime wall,
                                                                         SteadyTime now) {
  std::vector<std::optional<GroupReader>> groups(options_.workers.size());
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const WorkerOptions& options = options_.workers[i];
    KnownKeys* keys = options.members.empty() ? discovery_.Group(i) : &members_[i];
    // Before the first whole pass, or long after the last, nobody knows who belongs to the group.
    if (keys == nullptr || discovery_.Outdated(i, now)) continue;
    groups[i].emplace(options, *keys, wall, json_);
  }
  return groups;
}

Status RedisCollector::ReadGroups(std::vector<std::optional<GroupReader>>& groups,
                                  const std::vector<std::size_t>& counts,
                                  std::span<const Reply> first, const Deadline& deadline,
                                  Reading& reading) {
  Part part{std::string(kWorkersPart), !ReadsQueues(), std::nullopt};
  std::vector<std::size_t> wanted = counts;
  std::vector<Reply> more;
  std::span<const Reply> replies = first;
  while (!replies.empty() && !part.error) {
    for (std::size_t i = 0; i < groups.size() && !part.error; ++i) {
      if (wanted[i] == 0) continue;
      Status taken = groups[i]->Take(replies.first(wanted[i]));
      replies = replies.subspan(wanted[i]);
      if (!taken.ok()) part.error = taken.error();
    }
    Batch batch;
    for (std::size_t i = 0; i < groups.size() && !part.error; ++i) {
      wanted[i] = groups[i] ? groups[i]->AddCommands(batch) : 0;
    }
    if (batch.size() == 0 || part.error) break;
    auto next = client_.Run(batch, deadline);
    if (!next.ok()) return next.error();
    more = std::move(*next);
    replies = more;
  }

  Refusals refusals;
  std::vector<Problem> problems;
  for (std::size_t i = 0; i < groups.size() && !part.error; ++i) {
    if (!groups[i]) continue;
    auto group = groups[i]->Finish();
    if (group.ok()) {
      refusals.Answered();
      reading.worker_groups.push_back(std::move(*group));
    } else {
      refusals.Refused(group.error());
      problems.push_back(ProblemOf(options_.workers[i], group.error()));
    }
  }
  if (!part.error) part.error = refusals.OfAll();
  if (!part.error) {
    std::move(problems.begin(), problems.end(), std::back_inserter(reading.problems));
  }
  reading.parts.push_back(std::move(part));
  return Ok{};
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
