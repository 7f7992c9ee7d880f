// Recorded replies of PostgreSQL, and readings reduced to what tests compare.
#pragma once

#include <fmt/format.h>

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "collectors/libpq/table.h"
#include "collectors/reading.h"
#include "test/support/table_fixture.h"

namespace headroom::test {

// One of each version that is supported; 15 from Debian, the others as embedded-postgres has them.
inline constexpr std::array kPostgresqlVersions = {"12.22", "13.23", "14.22",
                                                   "15.18", "16.14", "17.10"};

// "15.18", "primary/activity"
inline pq::Table PostgresqlReply(const std::string& version, const std::string& name) {
  return TableFixture(fmt::format("postgresql/{}/{}.tsv", version, name));
}

// name{value,value} -> number. Two facts of one identity are told by a third entry.
inline std::map<std::string, double> SeriesOf(const std::vector<Fact>& facts) {
  std::map<std::string, double> series;
  for (const Fact& fact : facts) {
    std::string id(fact.desc->name);
    if (!fact.label_values.empty()) {
      id += fmt::format("{{{}}}", fmt::join(fact.label_values, ","));
    }
    if (fact.label_values.size() != fact.desc->labels.size()) id += " has wrong labels";
    if (!series.emplace(id, fact.value).second) series.emplace(id + " twice", fact.value);
  }
  return series;
}

inline std::optional<std::uint64_t> CountIn(const Pool& pool, std::string_view state) {
  for (const PoolConnections& connections : pool.connections) {
    if (connections.state == state) return connections.count;
  }
  return std::nullopt;
}

}  // namespace headroom::test
