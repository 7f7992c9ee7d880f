#include "exporter/status_pools.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

#include "exporter/exposition/noun_families.h"
#include "exporter/pool_room.h"
#include "exporter/status_rows.h"

namespace headroom {
namespace {

struct Row {
  const Pool* pool;
  const JoinedPool* joined;  // null: nothing was joined
  RowRank rank;
};

// Too little is known to say how bad it is? "Nobody waits" is known where nobody can.
bool Unknown(const Pool& pool) {
  const bool waiting = pool.scope == PoolScope::kPool && pool.has_waiting && !pool.waiting_clients;
  return waiting || !pool.max_known || pool.connections.empty();
}

// The order of the rows of one rank; what is unknown of them goes last there.
auto Trouble(const Pool& pool) {
  const auto total = TotalConnections(pool);
  const bool bounded = total && pool.max_connections && *pool.max_connections > 0;
  const double share =
      bounded ? static_cast<double>(*total) / static_cast<double>(*pool.max_connections) : -1;
  return std::tuple(pool.waiting_clients, pool.oldest_wait_seconds, share);
}

// A server lists databases and roles without sessions and limits too, for what is joined with them.
bool IsShown(const Pool& pool) {
  return !pool.connections.empty() || pool.max_connections || pool.waiting_clients ||
         !pool.max_unknown_because.empty();
}

std::vector<Row> RowsOf(const TargetView& target, PoolScope scope) {
  std::vector<Row> rows;
  const std::vector<Pool>& pools = target.run->reading.pools;
  for (std::size_t i = 0; i < pools.size(); ++i) {
    if (pools[i].scope != scope || !IsShown(pools[i])) continue;
    rows.push_back({&pools[i], target.joined ? &target.joined->pools[i] : nullptr,
                    Unknown(pools[i]) ? RowRank::kUnknown : RowRank::kOrdinary});
  }
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return a.rank != b.rank ? a.rank < b.rank : Trouble(*a.pool) > Trouble(*b.pool);
  });
  return rows;
}

void AvailableCell(Html& html, const Row& row) {
  if (row.joined == nullptr || !row.joined->available) {
    return NumberCell(html, row.pool->available_connections);
  }
  const Available& available = *row.joined->available;
  html.Raw("<td class=\"n\">").Raw(NumberOrDash(available.connections));
  if (available.unknown) {
    html.Raw(" <span class=\"dim\">").Text(Name(*available.unknown)).Raw(": unknown</span>");
  }
  for (const PoolLimit limit : available.bound_by) {
    html.Raw(limit == available.bound_by.front() ? " <span class=\"dim\">by " : ", ");
    html.Text(Name(limit));
  }
  if (!available.bound_by.empty()) html.Raw("</span>");
  html.Raw("</td>");
}

void PoolRow(Html& html, const Row& row) {
  const Pool& pool = *row.pool;
  html.Raw("<tr><td>").Text(pool.name).Raw("</td><td>").Text(Name(pool.scope));
  if (row.rank == RowRank::kUnknown) html.Raw(" <span class=\"down\">unknown</span>");
  html.Raw("</td><td>");
  for (const PoolConnections& c : pool.connections) {
    html.Raw(fmt::format("{} ", c.count)).Text(c.state).Raw(" ");
  }
  html.Raw("</td><td>");
  const auto total = TotalConnections(pool);
  if (pool.max_connections && total) {
    html.Raw(fmt::format("<meter min=\"0\" max=\"{0}\" value=\"{1}\">{1} of {0}</meter>",
                         *pool.max_connections, *total));
  }
  html.Raw("</td>");
  if (pool.max_connections || !pool.max_known || pool.connections.empty()) {
    NumberCell(html, pool.max_connections);
  } else {
    html.Raw("<td class=\"n dim\">no limit</td>");
  }
  AvailableCell(html, row);
  NumberCell(html, pool.waiting_clients);
  SecondsCell(html, pool.oldest_wait_seconds);
  html.Raw("</tr>\n");
}

// Scopes that stand in one table.
void Table(Html& html, const TargetView& target, std::span<const PoolScope> scopes) {
  html.Raw("<table><tr><th>pool</th><th>scope</th><th>connections</th><th></th>");
  html.Raw("<th class=\"n\">maximum</th><th class=\"n\">available</th>");
  html.Raw("<th class=\"n\">waiting</th><th class=\"n\">oldest wait</th></tr>\n");
  LeftOut left_out{};
  for (const PoolScope scope : scopes) {
    RowCap cap(left_out);
    for (const Row& row : RowsOf(target, scope)) {
      if (cap.Take(row.rank)) PoolRow(html, row);
    }
  }
  html.Raw("</table>\n");
  AppendLeftOut(html, left_out);
}

void Budget(Html& html, const Pool& server, std::uint64_t budget) {
  const auto usable = UsableConnections(server);
  const bool over = usable && budget > *usable;
  html.Raw(over ? "<p><span class=\"down\">over-committed</span>: " : "<p>");
  html.Raw(fmt::format("the poolers may open {} connections here; ordinary clients may have {}",
                       budget, NumberOrDash(usable)));
  html.Raw("</p>\n");
}

}  // namespace

void AppendPools(Html& html, const TargetView& target) {
  constexpr PoolScope kShown[] = {PoolScope::kServer, PoolScope::kPool};
  constexpr PoolScope kFolded[] = {PoolScope::kDatabase, PoolScope::kUser};
  const std::vector<Pool>& pools = target.run->reading.pools;
  const auto in = [&pools](std::span<const PoolScope> scopes) {
    return std::count_if(pools.begin(), pools.end(), [&](const Pool& pool) {
      return IsShown(pool) && std::find(scopes.begin(), scopes.end(), pool.scope) != scopes.end();
    });
  };
  for (std::size_t i = 0; target.joined && i < pools.size(); ++i) {
    const auto& budget = target.joined->pools[i].budget;
    if (budget) Budget(html, pools[i], *budget);
  }
  if (in(kShown) > 0) Table(html, target, kShown);
  if (const auto folded = in(kFolded); folded > 0) {
    html.Raw(fmt::format("<details><summary>databases and users: {}</summary>\n", folded));
    Table(html, target, kFolded);
    html.Raw("</details>\n");
  }
}

}  // namespace headroom
