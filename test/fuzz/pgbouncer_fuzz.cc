// The tables of PgBouncer's console. The first byte is the version, then comes one table per SHOW,
// separated by 0xFF: lines of cells between tabs, the names of the columns first, "\N" for NULL.
// What is read must be possible: no pool twice, nothing of the console, no limit of 0 but a pool's.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collectors/pgbouncer/facts.h"
#include "collectors/pgbouncer/pools.h"
#include "collectors/pgbouncer/rows.h"
#include "collectors/pgbouncer/settings.h"
#include "collectors/pgbouncer/stats.h"

namespace headroom::pgbouncer {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

std::string_view TakeUntil(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return part;
}

std::vector<pq::Table::Cell> TakeCells(std::string_view line, std::size_t columns) {
  std::vector<pq::Table::Cell> cells;
  while (cells.size() < columns) {
    const std::string_view cell = TakeUntil(line, '\t');
    cells.push_back(cell == "\\N" ? std::nullopt : pq::Table::Cell(cell));
  }
  return cells;
}

pq::Table TakeTable(std::string_view& text) {
  std::string_view body = TakeUntil(text, '\xFF');
  pq::Table table;
  std::string_view header = TakeUntil(body, '\n');
  while (!header.empty()) table.columns.emplace_back(TakeUntil(header, '\t'));
  while (!body.empty()) {
    table.rows.push_back(TakeCells(TakeUntil(body, '\n'), table.columns.size()));
  }
  return table;
}

void CheckPools(const std::vector<Pool>& pools) {
  std::set<std::pair<PoolScope, std::pair<std::string, std::string>>> seen;
  for (const Pool& pool : pools) {
    Require(seen.emplace(pool.scope, std::pair(pool.database, pool.user)).second);
    Require(pool.database != kConsole);
    Require(!pool.max_connections || pool.max_known);
    if (pool.scope == PoolScope::kDatabase) Require(pool.max_connections != 0U);
    Require(!pool.oldest_wait_seconds || std::isfinite(*pool.oldest_wait_seconds));
  }
}

void CheckFacts(const std::vector<Fact>& facts) {
  for (const Fact& fact : facts) {
    Require(fact.label_values.size() == fact.desc->labels.size());
    Require(std::isfinite(fact.value) && fact.value >= 0);
  }
}

template <class T>
std::optional<T> Known(Result<T> answer) {
  if (!answer.ok()) return std::nullopt;
  return std::move(answer).value();
}

void Check(int version, std::string_view text) {
  auto pools = ParsePools(TakeTable(text), version);
  auto databases = ParseDatabases(TakeTable(text));
  auto users = ParseUsers(TakeTable(text), version);
  const auto limits = Known(ParseLimits(TakeTable(text)));
  const auto lists = Known(ParseLists(TakeTable(text)));
  const auto stats = Known(ParseStats(TakeTable(text)));
  const auto state = Known(ParseState(TakeTable(text)));
  std::vector<Fact> facts;
  if (limits) AddLimitFacts(*limits, facts);
  if (lists) AddListFacts(*lists, facts);
  if (stats) AddStatsFacts(*stats, facts);
  if (state) AddStateFacts(*state, facts);
  if (pools.ok() && databases.ok() && (users.ok() || version < kUserLimits)) {
    AddPoolFacts(*pools, facts);
    AddDatabaseFacts(*databases, facts);
    if (users.ok()) AddUserFacts(*users, *pools, facts);
    PoolRows rows{version, std::move(*pools), std::move(*databases), std::nullopt};
    if (version >= kUserLimits) rows.users = std::move(*users);
    CheckPools(MakePools(rows, limits, {"db", {}}, {}).pools);
  }
  CheckFacts(facts);
}

}  // namespace
}  // namespace headroom::pgbouncer

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const int minor = 12 + data[0] % 14;
  headroom::pgbouncer::Check(10000 + 100 * minor,
                             {reinterpret_cast<const char*>(data) + 1, size - 1});
  return 0;
}
