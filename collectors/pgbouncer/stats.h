// SHOW STATS_TOTALS: what passed through each database since it was defined. Pure.
//
// PgBouncer keeps these numbers per pool (database and user) and adds up the pools of a database
// (src/stats.c). Pools of a database go only all of them together (kill_database in src/janitor.c:
// a RELOAD without the database, autodb_idle_timeout, or KILL), whatever happens to users; so the
// sum never loses a part of itself: it is gone, and begins at 0, like any counter. Tried on 1.18
// and 1.24: docs/collectors/pgbouncer.md.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/libpq/table.h"
#include "collectors/result.h"

namespace headroom::pgbouncer {

struct StatsColumn {
  std::string_view name;
  double per_base_unit = 1;  // divided by: 203635 us are 0.203635 s, times 1e-6 they are not
};

inline constexpr double kMicroseconds = 1e6;
inline constexpr std::array<StatsColumn, 11> kStatsColumns = {{
    {"server_assignment_count"},  // 1.23
    {"xact_count"},
    {"query_count"},
    {"bytes_received"},
    {"bytes_sent"},
    {"xact_time", kMicroseconds},
    {"query_time", kMicroseconds},
    {"wait_time", kMicroseconds},
    {"client_parse_count"},  // 1.24, as are the next two
    {"server_parse_count"},
    {"bind_count"},
}};

struct DatabaseStats {
  std::string database;
  // By column, in seconds, bytes and numbers. Disengaged: the version does not count it.
  std::array<std::optional<double>, kStatsColumns.size()> totals;
};

// Without the console's own row.
Result<std::vector<DatabaseStats>> ParseStats(const pq::Table& table);

}  // namespace headroom::pgbouncer
