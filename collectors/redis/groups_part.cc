#include "collectors/redis/groups_part.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "collectors/redis/parts.h"
#include "collectors/redis/refusals.h"

namespace headroom::redis {

Problem ProblemOf(const WorkerOptions& group, Error error) {
  return {.object = group.group, .error = std::move(error), .group = group.group};
}

GroupsPart::GroupsPart(const RedisOptions& options, Discovery& discovery,
                       std::vector<KnownKeys>& members, WallTime wall, SteadyTime now,
                       JsonFields& json)
    : options_(options), readers_(options.workers.size()), wanted_(options.workers.size()) {
  for (std::size_t i = 0; i < readers_.size(); ++i) {
    const WorkerOptions& group = options_.workers[i];
    KnownKeys* keys = group.members.empty() ? discovery.Group(i) : &members[i];
    // Before the first whole pass, or long after the last, nobody knows who belongs to the group.
    if (keys == nullptr || discovery.Outdated(i, now)) continue;
    readers_[i].emplace(group, *keys, wall, json);
  }
}

bool GroupsPart::Empty() const {
  return std::none_of(readers_.begin(), readers_.end(),
                      [](const auto& reader) { return reader.has_value(); });
}

void GroupsPart::AddCommands(Batch& batch) {
  for (std::size_t i = 0; i < readers_.size(); ++i) {
    wanted_[i] = readers_[i] ? readers_[i]->AddCommands(batch) : 0;
  }
}

Status GroupsPart::Take(std::span<const Reply> replies) {
  for (std::size_t i = 0; i < readers_.size(); ++i) {
    if (wanted_[i] == 0) continue;
    if (Status taken = readers_[i]->Take(replies.first(wanted_[i])); !taken.ok()) return taken;
    replies = replies.subspan(wanted_[i]);
  }
  return Ok{};
}

Status GroupsPart::Read(std::span<const Reply> replies, Client& client, const Deadline& deadline,
                        Reading& reading) {
  Part part{std::string(kWorkersPart), !options_.ReadsQueues(), std::nullopt};
  std::vector<Reply> more;
  while (!replies.empty()) {
    if (Status taken = Take(replies); !taken.ok()) {
      part.error = taken.error();
      break;
    }
    Batch batch;
    AddCommands(batch);
    if (batch.size() == 0) break;
    auto next = client.Run(batch, deadline);
    if (!next.ok()) return next.error();
    more = std::move(*next);
    replies = more;
  }
  if (!part.error) Finish(part, reading);
  reading.parts.push_back(std::move(part));
  return Ok{};
}

void GroupsPart::Finish(Part& part, Reading& reading) {
  Refusals refusals;
  std::vector<Problem> problems;
  for (std::size_t i = 0; i < readers_.size(); ++i) {
    if (!readers_[i]) continue;
    auto group = readers_[i]->Finish();
    if (group.ok()) {
      refusals.Answered();
      reading.worker_groups.push_back(std::move(*group));
    } else {
      refusals.Refused(group.error());
      problems.push_back(ProblemOf(options_.workers[i], group.error()));
    }
  }
  part.error = refusals.OfAll();
  if (part.error) return;
  std::move(problems.begin(), problems.end(), std::back_inserter(reading.problems));
}

}  // namespace headroom::redis
