#include "exporter/pool_join.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "exporter/exposition/reading_renderer.h"
#include "exporter/pool_room.h"

namespace headroom {
namespace {

struct Joinable {
  const TargetView* view;
  std::optional<PoolIndex> pools;  // disengaged: no run
};
using Joinables = std::map<std::string_view, Joinable>;

bool Names(const TargetView& view, std::string_view target) {
  return std::find(view.links.begin(), view.links.end(), target) != view.links.end();
}

// Only the targets that name one or are named: the pools of others need no index.
Joinables IndexPools(const std::vector<TargetView>& targets) {
  Joinables all;
  for (const TargetView& view : targets) {
    const bool named = std::any_of(targets.begin(), targets.end(),
                                   [&](const TargetView& t) { return Names(t, view.target); });
    const bool has_route =
        view.run && std::any_of(view.run->reading.pools.begin(), view.run->reading.pools.end(),
                                [](const Pool& pool) { return pool.route.has_value(); });
    if (!named && !has_route && view.links.empty()) continue;
    Joinable& joinable = all[view.target];
    joinable.view = &view;
    if (view.run) joinable.pools.emplace(view.run->reading.pools);
  }
  return all;
}

// What all that name `server` promise to open there together.
std::optional<std::uint64_t> BudgetOf(std::string_view server, const Joinables& all) {
  std::optional<std::uint64_t> sum;
  for (const auto& [name, joinable] : all) {
    if (!Names(*joinable.view, server)) continue;
    if (!joinable.pools) return std::nullopt;
    const auto promised = PromisedTo(server, *joinable.pools);
    if (!promised) return std::nullopt;
    sum = SaturatingAdd(sum ? *sum : 0, *promised);
  }
  return sum;
}

JoinedPool JoinOne(const Pool& pool, const Joinable& own, const Joinables& all) {
  JoinedPool joined;
  if (pool.scope == PoolScope::kServer) joined.budget = BudgetOf(own.view->target, all);
  if (pool.scope != PoolScope::kPool || !pool.route) return joined;
  const auto server = all.find(pool.route->server);
  const bool known = server != all.end() && server->second.pools;
  joined.available = AvailableOf(pool, *own.pools, known ? &*server->second.pools : nullptr);
  return joined;
}

// The pools with nothing but their identity and what was joined. All of them, those without a
// number too: of two that look the same on the page the renderer takes the first, and must take the
// same one here.
Reading AsReading(const std::vector<Pool>& pools, const std::vector<JoinedPool>& joined) {
  Reading reading;
  reading.pools.reserve(pools.size());
  for (std::size_t i = 0; i < pools.size(); ++i) {
    Pool& pool = reading.pools.emplace_back();
    pool.scope = pools[i].scope;
    pool.name = pools[i].name;
    pool.database = pools[i].database;
    pool.user = pools[i].user;
    if (joined[i].available) pool.available_connections = joined[i].available->connections;
    pool.budget_connections = joined[i].budget;
  }
  return reading;
}

std::shared_ptr<const JoinedPools> JoinTarget(const Joinable& target, const Joinables& all) {
  if (!target.pools) return nullptr;
  const TargetView& view = *target.view;
  auto joined = std::make_shared<JoinedPools>();
  for (const Pool& pool : view.run->reading.pools) {
    joined->pools.push_back(JoinOne(pool, target, all));
  }
  // Pools have no cap on their series, and nothing here remembers anything between pages.
  ReadingRenderer renderer(view.target, view.system, 0);
  const Reading reading = AsReading(view.run->reading.pools, joined->pools);
  joined->blocks = renderer.Render(reading, view.run->started).blocks;
  return joined;
}

}  // namespace

void JoinPools(std::vector<TargetView>& targets, const std::vector<std::string>& names) {
  const auto asked = [&names](const TargetView& view) {
    return names.empty() || std::find(names.begin(), names.end(), view.target) != names.end();
  };
  const Joinables all = IndexPools(targets);
  for (TargetView& view : targets) {
    const auto found = all.find(view.target);
    if (found != all.end() && asked(view)) view.joined = JoinTarget(found->second, all);
  }
  std::erase_if(targets, [&asked](const TargetView& view) { return !asked(view); });
}

}  // namespace headroom
