// What a console says about PgBouncer itself, as facts. Pure.
//
// Names, units and labels are those of pgbouncer_exporter 0.12 (github.com/prometheus-community),
// so that existing queries go on working; what it has not has a name in the same manner. A column
// that the version does not have removes its series.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "collectors/pgbouncer/rows.h"
#include "collectors/pgbouncer/settings.h"
#include "collectors/pgbouncer/stats.h"
#include "collectors/reading.h"

namespace headroom::pgbouncer {

// Every family that the functions below may use.
std::span<const FactDesc* const> FactTable();

void AddPoolFacts(const std::vector<PoolRow>& pools, std::vector<Fact>& facts);
void AddDatabaseFacts(const std::vector<DatabaseRow>& databases, std::vector<Fact>& facts);
// Of users that have a pool or a client: SHOW USERS lists all of auth_file.
void AddUserFacts(const std::vector<UserRow>& users, const std::vector<PoolRow>& pools,
                  std::vector<Fact>& facts);
void AddStatsFacts(const std::vector<DatabaseStats>& stats, std::vector<Fact>& facts);
void AddListFacts(const std::vector<ListSize>& lists, std::vector<Fact>& facts);
void AddLimitFacts(const Limits& limits, std::vector<Fact>& facts);
void AddStateFacts(const State& state, std::vector<Fact>& facts);
// `server_version`: as the console announces itself, "1.18.0/bouncer".
void AddVersionFact(std::string_view server_version, std::vector<Fact>& facts);

}  // namespace headroom::pgbouncer
