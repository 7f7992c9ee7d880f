#include "collectors/redis/group_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "collectors/redis/reply_errors.h"

namespace headroom::redis {
namespace {

void AddHashRead(const std::string& key, const std::vector<std::string>& fields, Batch& batch) {
  if (fields.size() == 1) {
    batch.Add({"HMGET", key, fields[0]});
  } else if (fields.size() == 2) {
    batch.Add({"HMGET", key, fields[0], fields[1]});
  } else {
    batch.Add({"HMGET", key, fields[0], fields[1], fields[2]});
  }
}

// Disengaged: not what HMGET answers.
std::optional<JsonFields::Values> HashValues(const Reply& reply, std::size_t fields) {
  if (reply.type != Reply::Type::kArray || reply.elements.size() != fields) return std::nullopt;
  JsonFields::Values values;
  for (const Reply& element : reply.elements) {
    if (element.type == Reply::Type::kString) {
      values.emplace_back(element.text);
    } else if (element.type == Reply::Type::kNil) {
      values.emplace_back(std::nullopt);
    } else {
      return std::nullopt;
    }
  }
  return values;
}

bool AllMissing(const JsonFields::Values& values) {
  return std::none_of(values.begin(), values.end(), [](const auto& v) { return v.has_value(); });
}

constexpr std::int64_t kNoSuchKey = -2;
constexpr std::int64_t kNoTimeToLive = -1;
// Milliseconds, 31 years: longer makes no difference, and would not fit into a Duration.
constexpr std::int64_t kLongTimeToLive = 1'000'000'000'000;

}  // namespace

GroupReader::GroupReader(const WorkerOptions& options, KnownKeys& keys, WallTime now,
                         JsonFields& json)
    : options_(options),
      fields_(options.Fields()),
      keys_(keys),
      now_(now),
      json_(json),
      tally_(options),
      members_wanted_(!options.members.empty()) {
  if (members_wanted_) return;
  questions_.reserve(keys_.size());
  for (auto& [key, known] : keys_) questions_.push_back(Question{&key, &known, false});
}

std::size_t GroupReader::AddCommands(Batch& batch) {
  const std::size_t before = batch.size();
  asked_ = std::exchange(questions_, {});
  if (error_) return 0;
  if (members_wanted_) batch.Add({"SMEMBERS", options_.members});
  for (const Question& question : asked_) AddQuestion(question, batch);
  return batch.size() - before;
}

// A hash whose fields are all missing may be no key at all: the second attempt asks for the time to
// live too, which tells the two apart.
bool GroupReader::AsksTimeToLive(const Question& question) const {
  return options_.heartbeat_ttl || question.again;
}

void GroupReader::AddQuestion(const Question& question, Batch& batch) const {
  if (question.known->kind == RecordKind::kHash) {
    AddHashRead(*question.key, fields_, batch);
  } else {
    batch.Add({"GET", *question.key});
  }
  if (AsksTimeToLive(question)) batch.Add({"PTTL", *question.key});
}

Status GroupReader::Take(std::span<const Reply> replies) {
  for (const Reply& reply : replies) {
    if (reply.IsError() && ConcernsServer(reply)) return ToError(reply);
  }
  if (members_wanted_) {
    members_wanted_ = false;
    TakeMembers(replies.front());
    return Ok{};
  }
  std::size_t next = 0;
  for (const Question& question : asked_) {
    const std::size_t count = AsksTimeToLive(question) ? 2 : 1;
    TakeAnswer(question, replies.subspan(next, count));
    next += count;
  }
  return Ok{};
}

void GroupReader::TakeMembers(const Reply& reply) {
  const std::string context = "SMEMBERS " + options_.members;
  if (IsWrongType(reply)) {
    return Fail(Error{ErrorKind::kUnsupported, context + ": the key is not a set"});
  }
  if (reply.IsError()) return Fail(ToError(reply).Within(context));
  if (reply.type != Reply::Type::kArray) {
    return Fail(Error{ErrorKind::kProtocol, context + ": expected a list of names"});
  }
  if (reply.elements.size() > kMaxKeys) {
    return Fail(
        Error{ErrorKind::kProtocol, fmt::format("{}: more than {} members", context, kMaxKeys)});
  }
  KnownKeys now;  // keeps the kind of each key that is still a member
  for (const Reply& element : reply.elements) {
    auto node = keys_.extract(element.text);
    if (node) {
      now.insert(std::move(node));
    } else {
      now.try_emplace(element.text);
    }
  }
  keys_ = std::move(now);
  for (auto& [key, known] : keys_) questions_.push_back(Question{&key, &known, false});
}

void GroupReader::TakeAnswer(const Question& question, std::span<const Reply> replies) {
  TimeToLive ttl;
  bool exists = true;
  if (AsksTimeToLive(question)) {
    const Reply& reply = replies[1];
    if (reply.IsError()) return Fail(ToError(reply).Within("PTTL " + *question.key));
    if (reply.type != Reply::Type::kInteger || reply.integer < kNoSuchKey) {
      return Fail(Error{ErrorKind::kProtocol, "PTTL " + *question.key + ": expected a number"});
    }
    exists = reply.integer != kNoSuchKey;
    if (reply.integer > kNoTimeToLive) {
      ttl.left = std::chrono::milliseconds(std::min(reply.integer, kLongTimeToLive));
    }
    if (OutlivesItsHeartbeat(options_, ttl)) {
      return Fail(Error{
          ErrorKind::kUnsupported,
          fmt::format("{}: lives for {} more, which is over heartbeat_ttl, {}: give what workers "
                      "set",
                      *question.key, FormatDuration(*ttl.left),
                      FormatDuration(*options_.heartbeat_ttl))});
    }
  }
  question.known->gone = !exists;
  if (exists) TakeRecord(question, replies[0], ttl);
}

void GroupReader::TakeRecord(const Question& question, const Reply& reply, const TimeToLive& ttl) {
  const bool hash = question.known->kind == RecordKind::kHash;
  const std::string command = (hash ? "HMGET " : "GET ") + *question.key;
  if (IsWrongType(reply)) return OtherKind(question);
  if (reply.IsError()) return Fail(ToError(reply).Within(command));
  std::optional<JsonFields::Values> values;
  if (hash) {
    values = HashValues(reply, fields_.size());
    if (!values) return Fail(Error{ErrorKind::kProtocol, command + ": unexpected reply"});
    if (AllMissing(*values) && !question.again) return AskAgain(question);
  } else if (reply.type == Reply::Type::kNil) {
    question.known->gone = true;
    return;
  } else if (reply.type == Reply::Type::kString) {
    values = json_.Read(reply.text, fields_);
    // A worker that cannot be read is a worker all the same: of no known state or heartbeat.
    if (!values) values.emplace(fields_.size());
  } else {
    return Fail(Error{ErrorKind::kProtocol, command + ": unexpected reply"});
  }
  tally_.Add(Judge(options_, MakeRecord(options_, std::move(*values)), ttl, now_));
}

void GroupReader::OtherKind(const Question& question) {
  const bool hash = question.known->kind == RecordKind::kHash;
  question.known->kind = hash ? RecordKind::kString : RecordKind::kHash;
  if (!question.again) return AskAgain(question);
  // After two refusals it is a list or the like. A pattern may well match such a key, which is no
  // worker's record then; a set of members says that it is one, and we cannot read it.
  if (options_.members.empty()) return;
  Fail(Error{ErrorKind::kUnsupported, "member " + *question.key + ": neither a hash nor a string"});
}

void GroupReader::AskAgain(const Question& question) {
  questions_.push_back(Question{question.key, question.known, true});
}

void GroupReader::Fail(Error error) {
  if (!error_) error_ = std::move(error);
}

Result<WorkerGroup> GroupReader::Finish() {
  if (error_) return *error_;
  return tally_.Finish();
}

}  // namespace headroom::redis
