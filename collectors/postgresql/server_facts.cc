#include "collectors/postgresql/server_facts.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "collectors/postgresql/columns.h"

namespace headroom::postgresql {
namespace {

constexpr MetricType kGauge = MetricType::kGauge;
constexpr std::string_view kOther = "_other";

using Labels1 = std::array<std::string_view, 1>;
using Labels2 = std::array<std::string_view, 2>;
constexpr Labels1 kVersionLabels = {"short_version"};
constexpr Labels1 kDatabaseLabels = {"datname"};
constexpr Labels2 kDatabaseStateLabels = {"datname", "state"};
constexpr Labels1 kApplicationLabels = {"application_name"};
constexpr Labels2 kWaitLabels = {"wait_event_type", "wait_event"};
constexpr Labels1 kStateLabels = {"state"};
constexpr Labels2 kStandbyLabels = {"application_name", "client_addr"};
constexpr Labels2 kSlotLabels = {"slot_name", "database"};

constexpr FactDesc kStatic{"pg_static", "1; the label says the server's version.", kGauge,
                           kVersionLabels};
constexpr FactDesc kStartTime{"pg_postmaster_start_time_seconds",
                              "When the server started, in seconds since the epoch.", kGauge};
constexpr FactDesc kMaxTransaction{"pg_stat_activity_max_tx_duration",
                                   "Seconds since the oldest open transaction of a client session "
                                   "began; 0: none.",
                                   kGauge, kDatabaseStateLabels};
constexpr FactDesc kMaxIdleInTransaction{
    "pg_stat_activity_max_idle_in_transaction_seconds",
    "Seconds for which a session has been idle in its transaction, of the longest; 0: none.",
    kGauge, kDatabaseLabels};
constexpr FactDesc kApplications{"pg_stat_activity_application_connections",
                                 "Client connections by application.", kGauge, kApplicationLabels};
constexpr FactDesc kWaits{"pg_stat_activity_wait_event_sessions",
                          "Client sessions by what they wait for.", kGauge, kWaitLabels};
constexpr FactDesc kLockWaiting{"pg_lock_waiting_sessions", "Sessions that wait for a lock.",
                                kGauge};
constexpr FactDesc kLockLongest{"pg_lock_longest_wait_seconds",
                                "How long the session waits for a lock that waits longest.",
                                kGauge};
constexpr FactDesc kLockChain{"pg_lock_longest_chain_sessions",
                              "Sessions that wait for locks one behind another, at most.", kGauge};
constexpr FactDesc kStandbys{"pg_stat_replication_standbys",
                             "Standbys and other receivers that are connected, by state.", kGauge,
                             kStateLabels};
constexpr FactDesc kSentBytes{"pg_stat_replication_sent_lag_bytes",
                              "WAL that has not been sent to the standby.", kGauge, kStandbyLabels};
constexpr FactDesc kWriteBytes{"pg_stat_replication_write_lag_bytes",
                               "WAL that the standby has not written.", kGauge, kStandbyLabels};
constexpr FactDesc kFlushBytes{"pg_stat_replication_flush_lag_bytes",
                               "WAL that the standby has not flushed to disk.", kGauge,
                               kStandbyLabels};
constexpr FactDesc kReplayBytes{"pg_stat_replication_pg_wal_lsn_diff",
                                "Bytes of WAL that the standby has not replayed.", kGauge,
                                kStandbyLabels};
constexpr FactDesc kWriteSeconds{"pg_stat_replication_write_lag_seconds",
                                 "Time until the standby had written WAL, as last measured.",
                                 kGauge, kStandbyLabels};
constexpr FactDesc kFlushSeconds{"pg_stat_replication_flush_lag_seconds",
                                 "Time until the standby had flushed WAL, as last measured.",
                                 kGauge, kStandbyLabels};
constexpr FactDesc kReplaySeconds{"pg_stat_replication_replay_lag_seconds",
                                  "Time until the standby had replayed WAL, as last measured.",
                                  kGauge, kStandbyLabels};
constexpr FactDesc kSlotActive{"pg_replication_slots_active", "1 while the slot is in use.", kGauge,
                               kSlotLabels};
constexpr FactDesc kSlotBytes{"pg_replication_slots_pg_wal_lsn_diff",
                              "Bytes of WAL that are kept for the slot.", kGauge, kSlotLabels};
constexpr FactDesc kIsReplica{"pg_replication_is_replica", "1: the server is a standby.", kGauge};
constexpr FactDesc kLagSeconds{"pg_replication_lag_seconds",
                               "How far this standby may be behind its upstream server.", kGauge};
constexpr FactDesc kLagBytes{"pg_replication_replay_lag_bytes",
                             "WAL that this standby has received and not replayed.", kGauge};
constexpr FactDesc kLastReplay{"pg_replication_last_replay_seconds",
                               "Age of the last transaction that this standby replayed.", kGauge};
constexpr FactDesc kLastMessage{"pg_replication_last_message_age_seconds",
                                "Time since this standby heard of its upstream server.", kGauge};
constexpr FactDesc kStreaming{"pg_replication_receiver_streaming",
                              "1 while this standby is connected to its upstream server.", kGauge};
constexpr FactDesc kPaused{"pg_replication_replay_paused",
                           "1 while somebody has paused replay on this standby.", kGauge};
constexpr FactDesc kSize{"pg_database_size_bytes", "Disk space that the database takes.", kGauge,
                         kDatabaseLabels};

constexpr std::array kTable = {&kStatic,
                               &kStartTime,
                               &kMaxTransaction,
                               &kMaxIdleInTransaction,
                               &kApplications,
                               &kWaits,
                               &kLockWaiting,
                               &kLockLongest,
                               &kLockChain,
                               &kStandbys,
                               &kSentBytes,
                               &kWriteBytes,
                               &kFlushBytes,
                               &kReplayBytes,
                               &kWriteSeconds,
                               &kFlushSeconds,
                               &kReplaySeconds,
                               &kSlotActive,
                               &kSlotBytes,
                               &kIsReplica,
                               &kLagSeconds,
                               &kLagBytes,
                               &kLastReplay,
                               &kLastMessage,
                               &kStreaming,
                               &kPaused,
                               &kSize};

void Add(std::vector<Fact>& out, const FactDesc& desc, std::vector<std::string> labels,
         const std::optional<double>& value) {
  if (value) out.push_back(Fact{&desc, std::move(labels), *value});
}

using Counts = std::map<std::vector<std::string>, std::uint64_t>;

// The largest `most` by themselves, the rest as one whose labels are all "_other". One that calls
// itself so is of the rest.
void AddLargest(std::vector<Fact>& out, const FactDesc& desc, const Counts& counts,
                std::size_t most) {
  const std::vector<std::string> other(desc.labels.size(), std::string(kOther));
  std::vector<std::pair<std::vector<std::string>, std::uint64_t>> sorted(counts.begin(),
                                                                         counts.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::uint64_t rest = 0;
  std::size_t shown = 0;
  for (auto& [labels, count] : sorted) {
    if (labels != other && shown < most) {
      ++shown;
      Add(out, desc, std::move(labels), static_cast<double>(count));
    } else {
      rest += count;
    }
  }
  if (rest > 0) Add(out, desc, other, static_cast<double>(rest));
}

std::optional<double> Worse(const std::optional<double>& a, const std::optional<double>& b) {
  if (!a || !b) return std::nullopt;
  return std::max(*a, *b);
}

// What is long in one database. The states are those that can hold a transaction open.
struct Longest {
  std::optional<double> active = 0;
  std::optional<double> idle_in_transaction = 0;
  std::optional<double> idle = 0;  // since it fell idle in a transaction, aborted or not

  void Add(const Sessions& s) {
    if (!s.Tracked()) active = idle_in_transaction = idle = std::nullopt;
    if (s.state == "active") Raise(active, s.longest_transaction_seconds);
    const bool open = s.state == "idle in transaction";
    if (open) Raise(idle_in_transaction, s.longest_transaction_seconds);
    if (open || s.state == "idle in transaction (aborted)") Raise(idle, s.longest_in_state_seconds);
  }
  // One that is unknown may be the longest.
  static void Raise(std::optional<double>& longest, const std::optional<double>& seconds) {
    if (seconds) longest = Worse(longest, Elapsed(seconds));
  }
};

// Two receivers that cannot be told apart by their labels are one series: the one furthest behind,
// and unknown when one of them is.
void Join(Lag& into, const Lag& other) {
  into.bytes = Worse(into.bytes, other.bytes);
  into.seconds = Worse(into.seconds, other.seconds);
}

bool Replicates(const Standby& standby) {
  return standby.state == "streaming" || standby.state == "catchup";
}

}  // namespace

std::span<const FactDesc* const> FactTable() { return kTable; }

void AddServerFacts(const Server& server, std::vector<Fact>& out) {
  // Without the packager's words.
  Add(out, kStatic, {server.version_text.substr(0, server.version_text.find(' '))}, 1);
  Add(out, kStartTime, {}, server.start_time);
}

void AddTransactionFacts(const std::vector<Sessions>& activity, const Limits& limits,
                         std::vector<Fact>& out) {
  std::map<std::string, Longest> databases;
  for (const auto& [name, limit] : limits.databases) {
    if (limit) databases.try_emplace(name);
  }
  for (const Sessions& s : activity) {
    if (!s.database) continue;
    Longest& longest = databases[*s.database];
    if (!s.own) longest.Add(s);
  }
  for (const auto& [name, longest] : databases) {
    Add(out, kMaxTransaction, {name, "active"}, longest.active);
    Add(out, kMaxTransaction, {name, "idle in transaction"}, longest.idle_in_transaction);
    Add(out, kMaxIdleInTransaction, {name}, longest.idle);
  }
}

void AddApplicationFacts(const std::vector<Sessions>& activity, std::vector<Fact>& out) {
  Counts counts;
  for (const Sessions& s : activity) {
    if (!s.own) counts[{s.application}] += s.connections;
  }
  AddLargest(out, kApplications, counts, kMaxApplications);
}

void AddWaitFacts(const std::vector<Sessions>& activity, std::vector<Fact>& out) {
  Counts counts;
  for (const Sessions& s : activity) {
    if (s.own || !s.wait_event_type || !s.wait_event) continue;
    counts[{*s.wait_event_type, *s.wait_event}] += s.connections;
  }
  AddLargest(out, kWaits, counts, kMaxWaitEvents);
}

void AddLockFacts(const Locks& locks, std::vector<Fact>& out) {
  Add(out, kLockWaiting, {}, static_cast<double>(locks.waiting_sessions));
  Add(out, kLockLongest, {}, locks.longest_wait_seconds);
  if (locks.longest_chain) {
    Add(out, kLockChain, {}, static_cast<double>(*locks.longest_chain));
  }
}

void AddStandbyFacts(const std::vector<Standby>& standbys, std::vector<Fact>& out) {
  std::map<std::string, std::uint64_t> states = {
      {"startup", 0}, {"catchup", 0}, {"streaming", 0}, {"backup", 0}, {"stopping", 0}};
  std::map<std::vector<std::string>, Standby> by_labels;
  for (const Standby& standby : standbys) {
    ++states[standby.state];
    if (!Replicates(standby)) continue;
    const auto [known, fresh] =
        by_labels.try_emplace({standby.application_name, standby.client_addr}, standby);
    if (fresh) continue;
    Standby& worst = known->second;
    Join(worst.sent, standby.sent);
    Join(worst.write, standby.write);
    Join(worst.flush, standby.flush);
    Join(worst.replay, standby.replay);
  }
  for (const auto& [state, count] : states) {
    Add(out, kStandbys, {state}, static_cast<double>(count));
  }
  for (const auto& [labels, standby] : by_labels) {
    Add(out, kSentBytes, labels, standby.sent.bytes);
    Add(out, kWriteBytes, labels, standby.write.bytes);
    Add(out, kFlushBytes, labels, standby.flush.bytes);
    Add(out, kReplayBytes, labels, standby.replay.bytes);
    Add(out, kWriteSeconds, labels, standby.write.seconds);
    Add(out, kFlushSeconds, labels, standby.flush.seconds);
    Add(out, kReplaySeconds, labels, standby.replay.seconds);
  }
}

void AddSlotFacts(const std::vector<Slot>& slots, std::vector<Fact>& out) {
  for (const Slot& slot : slots) {
    Add(out, kSlotActive, {slot.name, slot.database}, slot.active ? 1 : 0);
    Add(out, kSlotBytes, {slot.name, slot.database}, slot.retained_bytes);
  }
}

void AddRecoveryFacts(const Recovery& recovery, const std::optional<ReplicaLag>& lag,
                      std::vector<Fact>& out) {
  Add(out, kIsReplica, {}, recovery.in_recovery ? 1 : 0);
  if (!lag) return;
  Add(out, kLagSeconds, {}, lag->seconds);
  Add(out, kLagBytes, {}, recovery.ReplayLagBytes());
  Add(out, kLastReplay, {}, recovery.last_replay_age);
  Add(out, kLastMessage, {}, lag->last_message_age);
  Add(out, kStreaming, {}, lag->streaming ? 1 : 0);
  if (recovery.replay_paused) Add(out, kPaused, {}, *recovery.replay_paused ? 1 : 0);
}

void AddSizeFact(const std::string& database, double bytes, std::vector<Fact>& out) {
  Add(out, kSize, {database}, bytes);
}

}  // namespace headroom::postgresql
