#include "collectors/redis/workers.h"

#include <algorithm>
#include <utility>

#include "collectors/redis/timestamps.h"

namespace headroom::redis {
namespace {

std::optional<double> AgeOf(const std::optional<std::string>& text, WallTime now) {
  if (!text) return std::nullopt;
  auto time = ParseTimestamp(*text);
  return time ? AgeSince(UnixSeconds(*time), now) : std::nullopt;
}

std::optional<double> HeartbeatAge(const WorkerOptions& options, const WorkerRecord& record,
                                   const TimeToLive& ttl, WallTime now) {
  if (!options.heartbeat_ttl) return AgeOf(record.heartbeat, now);
  if (!ttl.left) return std::nullopt;
  return std::max(0.0, Seconds(*options.heartbeat_ttl - *ttl.left));
}

}  // namespace

bool OutlivesItsHeartbeat(const WorkerOptions& options, const TimeToLive& ttl) {
  constexpr Duration kRounding = std::chrono::seconds(1);
  return options.heartbeat_ttl && ttl.left && *ttl.left > *options.heartbeat_ttl + kRounding;
}

std::vector<std::string> WorkerOptions::Fields() const {
  std::vector<std::string> fields = {state_field};
  if (!heartbeat_field.empty()) fields.push_back(heartbeat_field);
  if (!since_field.empty()) fields.push_back(since_field);
  return fields;
}

WorkerRecord MakeRecord(const WorkerOptions& options, JsonFields::Values values) {
  WorkerRecord record;
  std::size_t next = 0;
  record.state = std::move(values[next++]);
  if (!options.heartbeat_field.empty()) record.heartbeat = std::move(values[next++]);
  if (!options.since_field.empty()) record.since = std::move(values[next++]);
  return record;
}

Worker Judge(const WorkerOptions& options, const WorkerRecord& record, const TimeToLive& ttl,
             WallTime now) {
  Worker worker;
  worker.state = options.states.size();
  if (record.state) {
    const auto found = std::find(options.states.begin(), options.states.end(), *record.state);
    worker.state = static_cast<std::size_t>(found - options.states.begin());
  }
  if (options.KnowsStaleness()) {
    worker.heartbeat_age_seconds = HeartbeatAge(options, record, ttl, now);
    worker.stale = !worker.heartbeat_age_seconds ||
                   *worker.heartbeat_age_seconds > Seconds(options.stale_after);
  }
  worker.in_state_seconds = AgeOf(record.since, now);
  return worker;
}

GroupTally::GroupTally(const WorkerOptions& options) {
  group_.group = options.group;
  group_.states.resize(options.states.size() + 1);
  for (std::size_t i = 0; i < group_.states.size(); ++i) {
    WorkerState& state = group_.states[i];
    state.state = i < options.states.size() ? options.states[i] : "other";
    if (options.KnowsStaleness()) state.stale = 0;
    if (!options.since_field.empty()) state.longest_in_state_seconds = 0;
  }
}

void GroupTally::Add(const Worker& worker) {
  WorkerState& state = group_.states[worker.state];
  if (worker.heartbeat_age_seconds) {
    auto& oldest = group_.oldest_heartbeat_age_seconds;
    oldest =
        oldest ? std::max(*oldest, *worker.heartbeat_age_seconds) : *worker.heartbeat_age_seconds;
  }
  if (worker.stale) {
    ++*state.stale;
    return;
  }
  ++state.live;
  auto& longest = state.longest_in_state_seconds;
  if (!worker.in_state_seconds) {
    longest.reset();  // the maximum over some of them would be a false number
  } else if (longest) {
    longest = std::max(*longest, *worker.in_state_seconds);
  }
}

WorkerGroup GroupTally::Finish() { return std::move(group_); }

}  // namespace headroom::redis
