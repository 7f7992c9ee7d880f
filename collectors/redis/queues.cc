#include "collectors/redis/queues.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "collectors/redis/reply_errors.h"
#include "collectors/redis/timestamps.h"

namespace headroom::redis {
namespace {

using Kind = QueueOptions::Kind;
using InFlightKind = QueueOptions::InFlightKind;

// Every digit of the clock: Redis turns the text into the same double for both halves of the set,
// so that ready and delayed are disjoint and complete.
std::string FormatScore(WallTime now, bool milliseconds) {
  const std::int64_t unit = milliseconds ? 1'000'000 : 1'000'000'000;
  const std::int64_t nanos = now.time_since_epoch().count();
  return fmt::format("{}.{:0{}}", nanos / unit, nanos % unit, milliseconds ? 6 : 9);
}

std::string_view CountCommand(InFlightKind kind) {
  switch (kind) {
    case InFlightKind::kList:
      return "LLEN";
    case InFlightKind::kSortedSet:
      return "ZCARD";
    case InFlightKind::kHash:
      return "HLEN";
  }
  return "LLEN";
}

void AddKeyCommands(const QueueOptions& queue, const std::string& key, const std::string& score,
                    Batch& batch) {
  const bool age = !queue.age_field.empty();
  if (queue.kind == Kind::kList) {
    batch.Add({"LLEN", key});
    if (age) batch.Add({"LINDEX", key, queue.oldest_at_tail ? "-1" : "0"});
    return;
  }
  if (queue.kind == Kind::kPriorities) {
    batch.Add({"ZCARD", key});
    return;
  }
  batch.Add({"ZCOUNT", key, "-inf", score});
  batch.Add({"ZCOUNT", key, "(" + score, "+inf"});
  // Among what is due only: a job of yesterday that is planned for tomorrow does not wait. Not
  // ZRANGE ... BYSCORE, which Redis before 6.2 does not have.
  if (age) batch.Add({"ZRANGEBYSCORE", key, "-inf", score, "LIMIT", "0", "1"});
}

std::size_t CommandsPerKey(const QueueOptions& queue) {
  return (queue.kind == Kind::kSortedSet ? 2U : 1U) + (queue.age_field.empty() ? 0U : 1U);
}

std::string_view CountCommand(Kind kind) {
  switch (kind) {
    case Kind::kList:
      return "LLEN";
    case Kind::kSortedSet:
      return "ZCOUNT";
    case Kind::kPriorities:
      return "ZCARD";
  }
  return "LLEN";
}

std::string_view TypeOf(std::string_view command) {
  if (command == "LLEN") return "list";
  return command == "HLEN" ? "hash" : "sorted set";
}

// `kind`: the queue's key that says of which type `key` is.
Result<std::uint64_t> ReadCount(const Reply& reply, std::string_view command,
                                const std::string& key, std::string_view kind = "kind") {
  const std::string context = fmt::format("{} {}", command, key);
  if (IsWrongType(reply)) {
    return Error{ErrorKind::kUnsupported,
                 fmt::format("{}: the key holds another type than a {}; give the queue its {}",
                             context, TypeOf(command), kind)};
  }
  if (reply.IsError()) return ToError(reply).Within(context);
  if (reply.type != Reply::Type::kInteger || reply.integer < 0) {
    return Error{ErrorKind::kProtocol, context + ": expected a count"};
  }
  return static_cast<std::uint64_t>(reply.integer);
}

// The oldest message: LINDEX answers with it or nil, ZRANGEBYSCORE with a list of at most one.
Result<double> ReadAge(const Reply& reply, const QueueOptions& queue, const std::string& key,
                       WallTime now, JsonFields& json) {
  if (reply.IsError()) return ToError(reply).Within("oldest message of " + key);
  const Reply* element = &reply;
  if (reply.type == Reply::Type::kArray) {
    if (reply.elements.empty()) return 0.0;
    element = reply.elements.data();
  }
  if (element->type == Reply::Type::kNil) return 0.0;
  std::optional<double> age;
  if (element->type == Reply::Type::kString) {
    auto values = json.Read(element->text, {&queue.age_field, 1});
    if (values && values->front()) {
      const auto time = ParseTimestamp(*values->front());
      if (time) age = AgeSince(UnixSeconds(*time), now);
    }
  }
  if (!age) {
    return Error{
        ErrorKind::kProtocol,
        fmt::format("oldest message of {}: no time can be read from age_field \"{}\"; "
                    "expected a JSON object with epoch seconds, milliseconds or ISO 8601, from "
                    "1973 on and not of tomorrow",
                    key, queue.age_field)};
  }
  return *age;
}

// Adds up one declared queue over its keys.
class QueueReader {
 public:
  QueueReader(const QueueOptions& options, WallTime now, JsonFields& json)
      : options_(options), now_(now), json_(json) {
    if (options.kind == Kind::kSortedSet) queue_.delayed = 0;
    queue_.ready = 0;
    if (!options.age_field.empty()) queue_.oldest_message_age_seconds = 0;
  }

  void TakeKey(const std::string& key, std::span<const Reply> replies) {
    AddTo(queue_.ready, ReadCount(replies[0], CountCommand(options_.kind), key));
    // The second half of a key that failed already would only say the same again.
    if (options_.kind == Kind::kSortedSet && known_)
      AddTo(queue_.delayed, ReadCount(replies[1], "ZCOUNT", key));
    if (!options_.age_field.empty() && known_) TakeAge(key, replies.back());
  }

  void TakeInFlight(const Reply& reply) {
    queue_.has_in_flight = true;
    auto count = ReadCount(reply, CountCommand(options_.in_flight_kind), options_.in_flight_key,
                           "in_flight_kind");
    if (count.ok()) {
      queue_.in_flight = *count;
    } else {
      problems_.push_back(ProblemOf(count.error()));
    }
  }

  Problem ProblemOf(Error error) const {
    return {.object = options_.name, .error = std::move(error), .queue = options_.name};
  }

  QueueOutcome Finish(int db) {
    if (!known_) return QueueOutcome{std::nullopt, std::move(problems_)};
    queue_.name = options_.name;
    queue_.db = std::to_string(db);
    queue_.kind = options_.kind == Kind::kList ? "list" : "zset";
    queue_.declared = true;
    return QueueOutcome{std::move(queue_), std::move(problems_)};
  }

 private:
  void AddTo(std::optional<std::uint64_t>& sum, Result<std::uint64_t> count) {
    if (count.ok()) {
      *sum += *count;
    } else {
      known_ = false;
      problems_.push_back(ProblemOf(count.error()));
    }
  }

  void TakeAge(const std::string& key, const Reply& reply) {
    auto age = ReadAge(reply, options_, key, now_, json_);
    auto& oldest = queue_.oldest_message_age_seconds;
    if (!age.ok()) {
      if (oldest) problems_.push_back(ProblemOf(age.error()));
      oldest.reset();
    } else if (oldest) {
      oldest = std::max(*oldest, *age);
    }
  }

  const QueueOptions& options_;
  WallTime now_;
  JsonFields& json_;
  Queue queue_;
  bool known_ = true;
  std::vector<Problem> problems_;
};

}  // namespace

void AddQueueCommands(const QueueOptions& queue, WallTime now, Batch& batch) {
  const std::string score = FormatScore(now, queue.score_in_milliseconds);
  for (const std::string& key : queue.keys) AddKeyCommands(queue, key, score, batch);
  if (!queue.in_flight_key.empty()) {
    batch.Add({CountCommand(queue.in_flight_kind), queue.in_flight_key});
  }
}

std::size_t QueueCommandCount(const QueueOptions& queue) {
  return queue.keys.size() * CommandsPerKey(queue) + (queue.in_flight_key.empty() ? 0 : 1);
}

Result<QueueOutcome> ReadQueue(const QueueOptions& queue, int db, WallTime now,
                               std::span<const Reply> replies, JsonFields& json) {
  for (const Reply& reply : replies) {
    if (reply.IsError() && ConcernsServer(reply)) return ToError(reply);
  }
  QueueReader reader(queue, now, json);
  const std::size_t per_key = CommandsPerKey(queue);
  for (std::size_t i = 0; i < queue.keys.size(); ++i) {
    reader.TakeKey(queue.keys[i], replies.subspan(i * per_key, per_key));
  }
  if (!queue.in_flight_key.empty()) reader.TakeInFlight(replies.back());
  return reader.Finish(db);
}

Result<std::optional<std::uint64_t>> ReadListLength(const Reply& reply, const std::string& key) {
  if (IsWrongType(reply)) return std::optional<std::uint64_t>();
  auto count = ReadCount(reply, "LLEN", key);
  if (!count.ok()) return count.error();
  return std::optional<std::uint64_t>(*count);
}

}  // namespace headroom::redis
