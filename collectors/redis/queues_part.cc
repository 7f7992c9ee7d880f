#include "collectors/redis/queues_part.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "collectors/redis/parts.h"
#include "collectors/redis/queues.h"
#include "collectors/redis/reply_errors.h"

namespace headroom::redis {

QueuesPart::QueuesPart(const RedisOptions& options, const QueueNames& declared, KnownKeys* lists,
                       Times times, JsonFields& json)
    : options_(options), declared_(declared), lists_(lists), times_(times), json_(json) {}

void QueuesPart::AddCommands(Batch& batch) const {
  for (const QueueOptions& queue : options_.queues) AddQueueCommands(queue, times_.wall, batch);
  if (lists_ == nullptr) return;
  for (const auto& [key, known] : *lists_) batch.Add({"LLEN", key});
}

void QueuesPart::Read(std::span<const Reply> replies, Reading& reading) {
  Part part{std::string(kQueuesPart), true, std::nullopt};
  part.error = ReadDeclared(replies, reading);
  if (!part.error) part.error = ReadDiscovered(replies, reading);
  if (!part.error) part.error = refusals_.OfAll();
  if (part.error) {
    reading.queues.clear();
    reading.problems.clear();
  }
  reading.parts.push_back(std::move(part));
}

std::optional<Error> QueuesPart::ReadDeclared(std::span<const Reply>& replies, Reading& reading) {
  std::optional<Error> failure;
  for (const QueueOptions& queue : options_.queues) {
    const std::size_t count = QueueCommandCount(queue);
    auto outcome = ReadQueue(queue, options_.client.db, times_.wall, replies.first(count), json_);
    replies = replies.subspan(count);
    if (!outcome.ok()) {
      if (!failure) failure = outcome.error();
      continue;
    }
    if (outcome->queue) {
      refusals_.Answered();
      reading.queues.push_back(std::move(*outcome->queue));
    } else {
      refusals_.Refused(outcome->problems.front().error);
    }
    std::move(outcome->problems.begin(), outcome->problems.end(),
              std::back_inserter(reading.problems));
  }
  return failure;
}

std::optional<Error> QueuesPart::ReadDiscovered(std::span<const Reply> replies, Reading& reading) {
  if (lists_ == nullptr) return std::nullopt;
  std::size_t refused = 0;
  std::optional<Problem> first;
  auto entry = lists_->begin();
  for (const Reply& reply : replies) {
    if (reply.IsError() && ConcernsServer(reply)) return ToError(reply);
    const std::string& key = entry->first;
    auto length = ReadListLength(reply, key);
    if (!length.ok()) {
      refusals_.Refused(length.error());
      if (refused++ == 0) first = Problem{key, length.error()};
      ++entry;
      continue;
    }
    refusals_.Answered();
    entry =
        TakeList(key, entry->second, *length, reading) ? std::next(entry) : lists_->erase(entry);
  }
  // One line for all of them: there may be thousands, all for the same reason.
  if (refused > 1) first->error.message += fmt::format(" (and {} more lists)", refused - 1);
  if (first) reading.problems.push_back(std::move(*first));
  return std::nullopt;
}

bool QueuesPart::TakeList(const std::string& key, KnownKey& known,
                          std::optional<std::uint64_t> length, Reading& reading) const {
  if (length && *length > 0) known.last_seen = times_.now;
  if (!length || times_.now - known.last_seen > options_.pattern_ttl) return false;
  if (declared_.contains(key)) {
    reading.problems.push_back(Problem{
        key, Error{ErrorKind::kUnsupported,
                   "a declared queue of another key has the name of this list: rename it"}});
    return true;
  }
  Queue queue;
  queue.name = key;
  queue.db = std::to_string(options_.client.db);
  queue.kind = "list";
  queue.ready = *length;
  reading.queues.push_back(std::move(queue));
  return true;
}

}  // namespace headroom::redis
