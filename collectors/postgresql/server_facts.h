// From what was read to facts about the server. Pure.
//
// Names, types and units are those of prometheus-community/postgres_exporter where the meaning is
// the same; docs/metrics.md lists what differs. A number that the server does not say removes its
// series; it is never 0.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "collectors/postgresql/activity.h"
#include "collectors/postgresql/locks.h"
#include "collectors/postgresql/replication.h"
#include "collectors/reading.h"

namespace headroom::postgresql {

// Applications and wait events beyond these, the smallest first, are summed up under "_other".
inline constexpr std::size_t kMaxApplications = 20;
inline constexpr std::size_t kMaxWaitEvents = 50;

// Every family that the functions below may use.
std::span<const FactDesc* const> FactTable();

void AddServerFacts(const Server& server, std::vector<Fact>& out);
// Of each database with sessions or a limit. Where a session is not tracked (track_activities) the
// longest of its database is unknown.
void AddTransactionFacts(const std::vector<Sessions>& activity, const Limits& limits,
                         std::vector<Fact>& out);
void AddApplicationFacts(const std::vector<Sessions>& activity, std::vector<Fact>& out);
void AddWaitFacts(const std::vector<Sessions>& activity, std::vector<Fact>& out);
void AddLockFacts(const Locks& locks, std::vector<Fact>& out);
void AddStandbyFacts(const std::vector<Standby>& standbys, std::vector<Fact>& out);
void AddSlotFacts(const std::vector<Slot>& slots, std::vector<Fact>& out);
// `lag`: disengaged when the server is no standby.
void AddRecoveryFacts(const Recovery& recovery, const std::optional<ReplicaLag>& lag,
                      std::vector<Fact>& out);
void AddSizeFact(const std::string& database, double bytes, std::vector<Fact>& out);

}  // namespace headroom::postgresql
