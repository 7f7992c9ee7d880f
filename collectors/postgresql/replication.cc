#include "collectors/postgresql/replication.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "collectors/postgresql/columns.h"
#include "collectors/postgresql/statements.h"

namespace headroom::postgresql {
namespace {

using Seconds = std::chrono::duration<double>;

// When no walreceiver timeout is set there are no signs of life to ask for.
constexpr double kSilenceWithoutTimeout = 30;
constexpr double kAnswerTime = 5;

// A position that was read a moment after the one it is compared with may be ahead of it.
std::optional<double> NotNegative(const std::optional<double>& value) {
  if (!value) return std::nullopt;
  return std::max(*value, 0.0);
}

Lag LagOf(const std::optional<double>& bytes, const std::optional<double>& seconds) {
  Lag lag{NotNegative(bytes), Elapsed(seconds)};
  if (!lag.seconds && lag.bytes == 0) lag.seconds = 0;
  return lag;
}

std::string TextOrEmpty(std::optional<std::string> text) {
  return text ? std::move(*text) : std::string();
}

void DropKept(const Lag& before, Lag& now) {
  const bool behind = !now.bytes || *now.bytes > 0;
  if (behind && now.seconds && now.seconds == before.seconds) now.seconds.reset();
}

}  // namespace

Result<std::vector<Standby>> ParseStandbys(const pq::Table& table) {
  const std::string_view what = Name(Statement::kStandbys);
  if (Status there = RequireColumns(
          table, what,
          {"application_name", "client_addr", "state", "sent_lag_bytes", "write_lag_bytes",
           "flush_lag_bytes", "replay_lag_bytes", "write_lag", "flush_lag", "replay_lag"});
      !there.ok()) {
    return there.error();
  }
  if (Status whole = RequireWhole(table, what, kMaxStandbys); !whole.ok()) return whole.error();
  std::vector<Standby> standbys;
  pq::TableReader row(table, what);
  while (row.Next()) {
    Standby& standby = standbys.emplace_back();
    standby.application_name = TextOrEmpty(row.TextOrNull("application_name"));
    standby.client_addr = TextOrEmpty(row.TextOrNull("client_addr"));
    standby.state = row.Text("state");
    standby.sent.bytes = NotNegative(row.NumberOrNull("sent_lag_bytes"));
    standby.write = LagOf(row.NumberOrNull("write_lag_bytes"), row.NumberOrNull("write_lag"));
    standby.flush = LagOf(row.NumberOrNull("flush_lag_bytes"), row.NumberOrNull("flush_lag"));
    standby.replay = LagOf(row.NumberOrNull("replay_lag_bytes"), row.NumberOrNull("replay_lag"));
  }
  if (!row.status().ok()) return row.status().error();
  return standbys;
}

Result<std::vector<Slot>> ParseSlots(const pq::Table& table) {
  const std::string_view what = Name(Statement::kSlots);
  if (Status there =
          RequireColumns(table, what, {"slot_name", "database", "active", "retained_bytes"});
      !there.ok()) {
    return there.error();
  }
  if (Status whole = RequireWhole(table, what, kMaxSlots); !whole.ok()) return whole.error();
  std::vector<Slot> slots;
  pq::TableReader row(table, what);
  while (row.Next()) {
    Slot& slot = slots.emplace_back();
    slot.name = row.Text("slot_name");
    slot.database = TextOrEmpty(row.TextOrNull("database"));
    slot.active = row.Flag("active");
    slot.retained_bytes = NotNegative(row.NumberOrNull("retained_bytes"));
  }
  if (!row.status().ok()) return row.status().error();
  return slots;
}

Result<Recovery> ParseRecovery(const pq::Table& table) {
  const std::string_view what = Name(Statement::kRecovery);
  if (Status there = RequireColumns(table, what,
                                    {"replay_paused", "replayed", "received", "upstream_end",
                                     "last_replay_age", "receiver_status", "last_message_age"});
      !there.ok()) {
    return there.error();
  }
  pq::TableReader row(table, what);
  if (!row.Next()) return Error{ErrorKind::kProtocol, std::string(what) + ": no row"};
  Recovery recovery;
  recovery.in_recovery = row.Flag("in_recovery");
  recovery.replay_paused = row.FlagOrNull("replay_paused");
  recovery.replayed = row.CountOrNull("replayed");
  recovery.received = row.CountOrNull("received");
  recovery.upstream_end = row.CountOrNull("upstream_end");
  // The clock of the upstream server may be ahead of ours.
  recovery.last_replay_age = Elapsed(row.NumberOrNull("last_replay_age"));
  recovery.receiver_status = row.TextOrNull("receiver_status");
  recovery.last_message_age = Elapsed(row.NumberOrNull("last_message_age"));
  recovery.receiver_timeout = row.Number("receiver_timeout");
  if (!row.status().ok()) return row.status().error();
  return recovery;
}

void DropKeptTimes(const std::vector<Standby>& before, std::vector<Standby>& now) {
  for (Standby& standby : now) {
    for (const Standby& old : before) {
      if (old.application_name != standby.application_name) continue;
      if (old.client_addr != standby.client_addr) continue;
      DropKept(old.write, standby.write);
      DropKept(old.flush, standby.flush);
      DropKept(old.replay, standby.replay);
    }
  }
}

std::optional<double> Recovery::ReplayLagBytes() const {
  if (!receiver_status || !received || !replayed || *received < *replayed) return std::nullopt;
  return static_cast<double>(*received - *replayed);
}

bool StandbyWatch::Level(const Recovery& recovery) const {
  return recovery.replayed && upstream_end_ && *recovery.replayed >= *upstream_end_;
}

ReplicaLag StandbyWatch::Update(const Recovery& recovery, SteadyTime now) {
  const auto since = [now](SteadyTime at) { return Seconds(now - at).count(); };
  if (recovery.upstream_end) {
    upstream_end_ = recovery.upstream_end;
    last_message_.reset();  // there is a newer one, even where the clock does not tell when it came
    if (recovery.last_message_age) {
      last_message_ =
          now - std::chrono::duration_cast<Duration>(Seconds(*recovery.last_message_age));
    }
  }
  ReplicaLag lag;
  lag.streaming = recovery.receiver_status == "streaming";
  if (!last_message_) return lag;
  lag.last_message_age = since(*last_message_);
  const double silence =
      kAnswerTime +
      (recovery.receiver_timeout > 0 ? recovery.receiver_timeout / 2 : kSilenceWithoutTimeout);
  const bool alive =
      lag.streaming && recovery.last_message_age && *recovery.last_message_age <= silence;
  if (Level(recovery)) {
    level_ = alive ? now : *last_message_;
    if (alive) {
      lag.seconds = 0;
      return lag;
    }
  }
  lag.seconds = recovery.last_replay_age;
  if (level_) {
    // A run that found it level while the link fell silent had only not noticed yet.
    const double level_age = since(alive ? *level_ : std::min(*level_, *last_message_));
    lag.seconds = lag.seconds ? std::min(*lag.seconds, level_age) : level_age;
  }
  return lag;
}

}  // namespace headroom::postgresql
