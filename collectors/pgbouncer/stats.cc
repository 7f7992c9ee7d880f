#include "collectors/pgbouncer/stats.h"

#include <fmt/format.h>

#include <cstddef>
#include <set>
#include <utility>

#include "collectors/pgbouncer/rows.h"
#include "collectors/suggest.h"

namespace headroom::pgbouncer {

Result<std::vector<DatabaseStats>> ParseStats(const pq::Table& table) {
  constexpr std::string_view kWhat = "SHOW STATS_TOTALS";
  std::vector<DatabaseStats> all;
  std::set<std::string> seen;
  pq::TableReader in(table, kWhat);
  while (in.Next()) {
    DatabaseStats stats;
    stats.database = in.Text("database");
    for (std::size_t i = 0; i < kStatsColumns.size(); ++i) {
      const auto total = in.NumberOrNull(kStatsColumns[i].name);
      if (total && *total < 0) in.Fail(kStatsColumns[i].name, "is negative");
      if (total) stats.totals[i] = *total / kStatsColumns[i].per_base_unit;
    }
    if (!in.status().ok()) break;
    if (!seen.insert(stats.database).second) {
      return Error{ErrorKind::kUnsupported,
                   fmt::format("{}: {} is listed twice", kWhat, Quoted(stats.database))};
    }
    if (stats.database != kConsole) all.push_back(std::move(stats));
  }
  if (!in.status().ok()) return in.status().error();
  return all;
}

}  // namespace headroom::pgbouncer
