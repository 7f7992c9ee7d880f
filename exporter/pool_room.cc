#include "exporter/pool_room.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace headroom {
namespace {

std::uint64_t SaturatingSubtract(std::uint64_t a, std::uint64_t b) { return a > b ? a - b : 0; }

// The most that one pool may open, its reserve included.
std::optional<std::uint64_t> Largest(const Pool& pool) {
  if (!pool.max_known || !pool.max_connections || !pool.extra_connections) return std::nullopt;
  return SaturatingAdd(*pool.max_connections, *pool.extra_connections);
}

Room RoomIn(const Pool* pool) { return pool == nullptr ? Room::Unknown() : RoomOf(*pool); }

struct LimitRoom {
  PoolLimit limit;
  Room room;
};

std::vector<LimitRoom> RoomsOnTheWay(const Pool& pool, const PoolIndex& pooler,
                                     const PoolIndex* server) {
  std::vector<LimitRoom> rooms = {
      {PoolLimit::kPoolSize, RoomOf(pool)},
      {PoolLimit::kPoolerDatabase, RoomIn(pooler.Database(pool.database))},
      {PoolLimit::kPoolerUser, RoomIn(pooler.User(pool.user))},
  };
  const PoolRoute& route = *pool.route;
  if (!route.server_known) {
    rooms.push_back({PoolLimit::kServer, Room::Unknown()});
  } else if (!route.server.empty()) {
    const bool known = server != nullptr;
    rooms.push_back({PoolLimit::kServer, known ? server->ServerRoom() : Room::Unknown()});
    rooms.push_back({PoolLimit::kServerDatabase,
                     known ? server->ServerDatabaseRoom(route.database) : Room::Unknown()});
    rooms.push_back(
        {PoolLimit::kServerRole, known ? server->ServerRoleRoom(pool.user) : Room::Unknown()});
  }
  return rooms;
}

Available AvailableUnlessPaused(const Pool& pool, const PoolIndex& pooler,
                                const PoolIndex* server) {
  Available result;
  const auto idle = ConnectionsIn(pool, "idle");
  const auto used = ConnectionsIn(pool, "used");
  if (!idle || !used) {
    result.unknown = PoolLimit::kPoolSize;
    return result;
  }
  std::optional<std::uint64_t> least;
  for (const auto& [limit, room] : RoomsOnTheWay(pool, pooler, server)) {
    if (room.kind == Room::Kind::kUnknown) return {std::nullopt, {}, limit};
    if (room.kind == Room::Kind::kUnlimited || (least && room.left > *least)) continue;
    if (!least || room.left < *least) result.bound_by.clear();
    least = room.left;
    result.bound_by.push_back(limit);
  }
  if (least) result.connections = SaturatingAdd(SaturatingAdd(*idle, *used), *least);
  return result;
}

// What one database of a pooler may open on its server.
std::optional<std::uint64_t> Promised(const Pool& database, const PoolIndex& pooler) {
  if (!database.max_known) return std::nullopt;
  if (database.max_connections) return database.max_connections;
  const auto pools = pooler.PoolsOf(database.name);
  if (pools.empty()) return database.new_pool_connections;
  std::uint64_t sum = 0;
  for (const Pool* pool : pools) {
    const auto largest = Largest(*pool);
    if (!largest) return std::nullopt;
    sum = SaturatingAdd(sum, *largest);
  }
  return sum;
}

}  // namespace

std::string_view Name(PoolLimit limit) {
  constexpr std::array<std::string_view, 8> kNames = {
      "pool size",  "the pooler's database", "the pooler's user",
      "the server", "the server's database", "the server's role",
      "pause",      "a disabled database"};
  return kNames[static_cast<std::size_t>(limit)];
}

std::uint64_t SaturatingAdd(std::uint64_t a, std::uint64_t b) {
  std::uint64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? std::numeric_limits<std::uint64_t>::max() : sum;
}

std::optional<std::uint64_t> TotalConnections(const Pool& pool) {
  if (pool.connections.empty()) return std::nullopt;
  std::uint64_t sum = 0;
  for (const PoolConnections& c : pool.connections) sum = SaturatingAdd(sum, c.count);
  return sum;
}

std::optional<std::uint64_t> ConnectionsIn(const Pool& pool, std::string_view state) {
  const auto found = std::find_if(pool.connections.begin(), pool.connections.end(),
                                  [&](const PoolConnections& c) { return c.state == state; });
  if (found == pool.connections.end()) return std::nullopt;
  return found->count;
}

Room RoomOf(const Pool& pool) {
  if (!pool.max_known) return Room::Unknown();
  if (!pool.max_connections) return Room::Unlimited();
  const auto total = TotalConnections(pool);
  if (!total) return Room::Unknown();
  return Room::Of(
      SaturatingSubtract(*pool.max_connections, SaturatingAdd(*total, pool.own_sessions)));
}

std::optional<std::uint64_t> UsableConnections(const Pool& server) {
  if (!server.max_known || !server.max_connections || !server.reserved_connections) {
    return std::nullopt;
  }
  return SaturatingSubtract(*server.max_connections, *server.reserved_connections);
}

PoolIndex::PoolIndex(std::span<const Pool> pools) {
  for (const Pool& pool : pools) {
    switch (pool.scope) {
      case PoolScope::kPool:
        pools_[pool.database].push_back(&pool);
        break;
      case PoolScope::kDatabase:
        databases_.emplace(pool.name, &pool);
        database_list_.push_back(&pool);
        break;
      case PoolScope::kUser:
        users_.emplace(pool.name, &pool);
        break;
      case PoolScope::kServer:
        server_ = &pool;
        break;
    }
  }
}

const Pool* PoolIndex::Find(const ByName& pools, std::string_view name) {
  const auto found = pools.find(name);
  return found == pools.end() ? nullptr : found->second;
}

std::span<const Pool* const> PoolIndex::PoolsOf(std::string_view database) const {
  const auto found = pools_.find(database);
  if (found == pools_.end()) return {};
  return found->second;
}

bool PoolIndex::HasUnlistedDatabase() const {
  return std::any_of(pools_.begin(), pools_.end(),
                     [this](const auto& pools) { return !databases_.contains(pools.first); });
}

Room PoolIndex::ServerRoom() const {
  if (server_ == nullptr) return Room::Unknown();
  const Room whole = RoomOf(*server_);
  if (whole.kind != Room::Kind::kLimited) return whole;
  // PostgreSQL turns ordinary clients away when no more than these are free, whoever has the others
  // (HaveNFreeProcs in InitPostgres, postinit.c, 12 to 17).
  if (!server_->reserved_connections) return Room::Unknown();
  return Room::Of(SaturatingSubtract(whole.left, *server_->reserved_connections));
}

Room PoolIndex::ServerDatabaseRoom(std::string_view name) const { return RoomIn(Database(name)); }
Room PoolIndex::ServerRoleRoom(std::string_view name) const { return RoomIn(User(name)); }

Available AvailableOf(const Pool& pool, const PoolIndex& pooler, const PoolIndex* server) {
  if (pool.paused) return {0, {PoolLimit::kPause}, std::nullopt};
  if (pool.disabled) return {0, {PoolLimit::kDisabled}, std::nullopt};
  Available unpaused = AvailableUnlessPaused(pool, pooler, server);
  // Nothing is nothing, paused or not.
  if (pool.pause_known || unpaused.connections == 0U) return unpaused;
  return {std::nullopt, {}, PoolLimit::kPause};
}

std::optional<std::uint64_t> PromisedTo(std::string_view server, const PoolIndex& pooler) {
  // A pooler that lists no database makes them as clients ask (or was not asked): it may open any
  // number.
  if (pooler.Databases().empty()) return std::nullopt;
  if (pooler.HasUnlistedDatabase()) return std::nullopt;
  std::uint64_t sum = 0;
  for (const Pool* database : pooler.Databases()) {
    if (!database->route || !database->route->server_known) return std::nullopt;
    if (database->route->server != server) continue;
    if (!database->promise_known) return std::nullopt;
    const auto promised = Promised(*database, pooler);
    if (!promised) return std::nullopt;
    sum = SaturatingAdd(sum, *promised);
  }
  return sum;
}

}  // namespace headroom
