#include "collectors/redis/discovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <utility>

#include "collectors/redis/group_reader.h"
#include "collectors/redis/reply_errors.h"

namespace headroom::redis {
namespace {

using std::chrono::milliseconds;

// SCAN's COUNT. A slot costs Redis well under a microsecond (1,000 of them 0.7 ms, redis-server 7.0
// on the development machine), so the first slice is far below the aim and the rest follow what was
// measured. Never smaller: what is measured holds the jitter of the network and the wait behind
// other clients too, which a smaller slice does not cure.
constexpr std::uint64_t kFirstCount = 1000;
constexpr std::uint64_t kMinCount = kFirstCount;
constexpr std::uint64_t kMaxCount = 5000;
// What a slice may cost Redis: aimed at, well below the 5 ms that are to be the most.
constexpr Duration kTargetCost = milliseconds(2);
// The pause after a slice, in slices: Redis is busy with us a sixth of the time.
constexpr int kPauseFactor = 5;
constexpr Duration kMinPause = milliseconds(1);
constexpr Duration kMaxPause = milliseconds(20);
constexpr Duration kFirstRetry = std::chrono::seconds(1);
constexpr Duration kMaxRetry = std::chrono::seconds(30);
// How long a group is believed while passes fail: so many intervals, or passes where they take
// longer, and at least this time.
constexpr int kBelievedPasses = 3;
constexpr Duration kMinBelieved = std::chrono::minutes(1);

bool IsCursor(const Reply& reply) {
  return reply.type == Reply::Type::kString && !reply.text.empty() &&
         reply.text.find_first_not_of("0123456789") == std::string::npos;
}

bool IsScanReply(const Reply& reply) {
  if (reply.type != Reply::Type::kArray || reply.elements.size() != 2) return false;
  const Reply& keys = reply.elements[1];
  return IsCursor(reply.elements[0]) && keys.type == Reply::Type::kArray &&
         std::all_of(keys.elements.begin(), keys.elements.end(),
                     [](const Reply& key) { return key.type == Reply::Type::kString; });
}

std::size_t NameBytes(const KnownKeys& keys) {
  return std::accumulate(
      keys.begin(), keys.end(), std::size_t{0},
      [](std::size_t sum, const auto& entry) { return sum + entry.first.size(); });
}

// Redis before 6.0 does not know SCAN ... TYPE.
bool IsSyntaxError(const Reply& reply) {
  return reply.IsError() && reply.text.starts_with("ERR syntax error");
}

}  // namespace

Discovery::Discovery(const RedisOptions& options, SteadyTime now)
    : sets_(1 + options.workers.size()),
      interval_(options.discovery_interval),
      next_(now),
      count_(kFirstCount),
      retry_after_(kFirstRetry) {
  for (const std::string& pattern : options.list_patterns) walks_.push_back({pattern, 0, true});
  for (std::size_t i = 0; i < options.workers.size(); ++i) {
    const std::string& pattern = options.workers[i].pattern;
    if (!pattern.empty()) walks_.push_back({pattern, 1 + i, false});
  }
  for (const QueueOptions& queue : options.queues) {
    declared_.insert(queue.keys.begin(), queue.keys.end());
    if (!queue.in_flight_key.empty()) declared_.insert(queue.in_flight_key);
  }
}

void Discovery::AddCommand(Batch& batch) const {
  const Walk& walk = walks_[walk_];
  const std::string count = std::to_string(count_);
  if (walk.lists_only && type_filter_) {
    batch.Add({"SCAN", cursor_, "MATCH", walk.pattern, "COUNT", count, "TYPE", "list"});
  } else {
    batch.Add({"SCAN", cursor_, "MATCH", walk.pattern, "COUNT", count});
  }
}

Status Discovery::Take(const Reply& reply, SteadyTime started, Duration cost) {
  if (!running_) Begin(started);
  const SteadyTime now = started + cost;
  if (IsSyntaxError(reply) && type_filter_) {
    // From now on what is no list is dropped when a run finds out.
    type_filter_ = false;
    next_ = now;
    return Ok{};
  }
  if (!IsScanReply(reply)) {
    const Error error = reply.IsError()
                            ? ToError(reply).Within("SCAN")
                            : Error{ErrorKind::kProtocol, "SCAN: expected a cursor and keys"};
    Fail(error, now);
    return error;
  }
  Adapt(cost);
  next_ = now + std::clamp(cost * kPauseFactor, kMinPause, kMaxPause);
  cursor_ = reply.elements[0].text;
  if (!Add(reply.elements[1], now)) {
    EndWalkAtCap();
  } else if (cursor_ == "0") {
    EndWalk();
  }
  if (walk_ == walks_.size()) EndPass(now);
  return Ok{};
}

void Discovery::Begin(SteadyTime now) {
  running_ = true;
  pass_began_ = now;
  ++pass_;
  for (KeySet& set : sets_) {
    if (!set.walked) set.keys.clear();  // what a pass left behind that did not end
    set.name_bytes = NameBytes(set.keys);
  }
}

bool Discovery::Add(const Reply& keys, SteadyTime now) {
  const Walk& walk = walks_[walk_];
  KeySet& set = sets_[walk.set];
  for (const Reply& key : keys.elements) {
    if (walk.lists_only && declared_.contains(key.text)) continue;
    auto found = set.keys.find(key.text);
    if (found == set.keys.end()) {
      if (!HasRoom(set, key.text.size())) DropGone(set);
      if (!HasRoom(set, key.text.size())) return false;
      found = set.keys.try_emplace(key.text).first;
      set.name_bytes += key.text.size();
    }
    found->second.last_seen = now;
    found->second.last_pass = pass_;
  }
  return true;
}

bool Discovery::HasRoom(const KeySet& set, std::size_t name_bytes) {
  return set.keys.size() < kMaxKeys && set.name_bytes + name_bytes <= kMaxNameBytes;
}

// Keys that a run found gone and this pass did not see. (Lists are never marked as gone: they stay
// for pattern_ttl.)
void Discovery::DropGone(KeySet& set) const {
  std::erase_if(set.keys, [this](const auto& entry) {
    return entry.second.gone && entry.second.last_pass != pass_;
  });
  set.name_bytes = NameBytes(set.keys);
}

void Discovery::EndWalk() {
  const std::size_t index = walks_[walk_].set;
  ++walk_;
  if (walk_ < walks_.size() && walks_[walk_].set == index) return;
  KeySet& set = sets_[index];
  set.walked = pass_began_;
  set.over_cap = false;
  DropGone(set);
}

// The other walks into the same set would only be over the cap as well.
void Discovery::EndWalkAtCap() {
  const Walk& walk = walks_[walk_];
  KeySet& set = sets_[walk.set];
  set.over_cap = true;
  if (!walk.lists_only) {
    set.keys.clear();
    set.walked.reset();
  }
  error_ = Error{ErrorKind::kProtocol,
                 fmt::format("more than {} keys, or {} bytes of names, match \"{}\": make the "
                             "pattern narrower",
                             kMaxKeys, kMaxNameBytes, walk.pattern)};
  cursor_ = "0";
  while (walk_ < walks_.size() && &sets_[walks_[walk_].set] == &set) ++walk_;
}

void Discovery::EndPass(SteadyTime now) {
  running_ = false;
  walk_ = 0;
  broken_off_ = false;
  pass_took_ = now - pass_began_;
  retry_after_ = kFirstRetry;
  next_ = std::max(now, pass_began_ + interval_);
  if (std::any_of(sets_.begin(), sets_.end(), [](const KeySet& set) { return set.over_cap; })) {
    return;
  }
  completed_at_ = pass_began_;
  error_.reset();
}

void Discovery::Adapt(Duration cost) {
  if (cost > kTargetCost) {
    count_ = std::max(kMinCount, count_ / 2);
  } else if (cost < kTargetCost / 2) {
    count_ = std::min(kMaxCount, count_ + count_ / 4);
  }
}

void Discovery::Fail(const Error& error, SteadyTime now) {
  RestartPass();
  broken_off_ = true;
  error_ = error;
  next_ = now + std::min(std::max(interval_, kFirstRetry), retry_after_);
  retry_after_ = std::min(retry_after_ * 2, kMaxRetry);
}

void Discovery::RestartPass() {
  // Also between two passes: while the server was away none has begun.
  broken_off_ = true;
  running_ = false;
  walk_ = 0;
  cursor_ = "0";
  count_ = kFirstCount;
}

void Discovery::ForgetGroups(SteadyTime now) {
  RestartPass();
  broken_off_ = false;
  for (std::size_t i = 1; i < sets_.size(); ++i) {
    sets_[i].keys.clear();
    sets_[i].walked.reset();
  }
  next_ = now;
}

std::optional<Error> Discovery::Outdated(std::size_t index, SteadyTime now) const {
  const KeySet& set = sets_[1 + index];
  if (!broken_off_ || !set.walked) return std::nullopt;
  const Duration age = now - *set.walked;
  const Duration believed = std::max(interval_, pass_took_) * kBelievedPasses;
  if (age <= std::max(believed, kMinBelieved)) return std::nullopt;
  const Error why = error_ ? *error_ : Error{ErrorKind::kConnect, "the connection was lost"};
  return why.Within(fmt::format("no whole discovery pass for {:.0f} s", Seconds(age)));
}

bool Discovery::Complete() const {
  return std::all_of(walks_.begin(), walks_.end(), [this](const Walk& walk) {
    const KeySet& set = sets_[walk.set];
    return set.walked || set.over_cap;
  });
}

KnownKeys* Discovery::Set(std::size_t index) {
  return sets_[index].walked ? &sets_[index].keys : nullptr;
}

}  // namespace headroom::redis
