// The arithmetic of the joined view: what limits leave, what a pool can still hand out, what
// poolers promise. Pure functions over the pools of Readings; no names of metrics, no targets.
//
// Numbers are of connections. Sums stop at the largest number instead of wrapping, differences at
// 0. Unknown is never smaller or larger, it is unknown: one unknown input makes the result unknown.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "collectors/reading.h"
#include "exporter/joined_pools.h"

namespace headroom {

// What a limit leaves: a number, no limit, or unknown.
struct Room {
  enum class Kind { kUnknown, kUnlimited, kLimited };
  Kind kind = Kind::kUnknown;
  std::uint64_t left = 0;  // of kLimited

  static Room Unknown() { return {}; }
  static Room Unlimited() { return {Kind::kUnlimited, 0}; }
  static Room Of(std::uint64_t left) { return {Kind::kLimited, left}; }
};

// All states together; disengaged when the pool does not say.
std::optional<std::uint64_t> TotalConnections(const Pool& pool);
// Of one state; disengaged when it is not among the pool's.
std::optional<std::uint64_t> ConnectionsIn(const Pool& pool, std::string_view state);
// max - total - own sessions.
Room RoomOf(const Pool& pool);
// What ordinary clients may have of a server: max - reserved.
std::optional<std::uint64_t> UsableConnections(const Pool& server);

// The pools of one Reading by scope and name. Views into the Reading.
class PoolIndex {
 public:
  explicit PoolIndex(std::span<const Pool> pools);
  const Pool* Server() const { return server_; }
  const Pool* Database(std::string_view name) const { return Find(databases_, name); }
  const Pool* User(std::string_view name) const { return Find(users_, name); }
  // A database's pools (scope pool).
  std::span<const Pool* const> PoolsOf(std::string_view database) const;
  std::span<const Pool* const> Databases() const { return database_list_; }
  // A pool whose database is not among Databases().
  bool HasUnlistedDatabase() const;

  // The server's side. What is not listed cannot be connected to, or was not read: unknown.
  Room ServerRoom() const;
  Room ServerDatabaseRoom(std::string_view name) const;
  Room ServerRoleRoom(std::string_view name) const;

 private:
  using ByName = std::unordered_map<std::string_view, const Pool*>;
  static const Pool* Find(const ByName& pools, std::string_view name);

  const Pool* server_ = nullptr;
  ByName databases_;
  ByName users_;
  std::vector<const Pool*> database_list_;
  std::unordered_map<std::string_view, std::vector<const Pool*>> pools_;
};

// What `pool` (scope pool, with a route) can still hand out: its idle and used connections, and as
// many new ones as the tightest limit leaves; nothing while it is paused or disabled, and unknown
// while it may be paused, unless it is nothing either way. `server`: of the target that the route
// names; null when that is unknown in this request. Not used when the route names none.
//
// A limit that is exceeded leaves 0 new ones and takes nothing from those that are open: PgBouncer
// hands an idle server connection out without looking at any limit (find_server), and looks at them
// only before it opens one (launch_new_connection; objects.c, 1.12 to 1.24). So a pool that has
// grown into its reserve still has its idle ones.
Available AvailableOf(const Pool& pool, const PoolIndex& pooler, const PoolIndex* server);

// What the databases of one pooler that are on `server` (a target) may open there: each
// max_db_connections, or where that is unlimited its pools' sizes with their reserves. Disengaged
// when any of it is unknown or unbounded, which a route of which nobody knows the server is too,
// and so is a pooler that may have more processes than the one that was asked.
std::optional<std::uint64_t> PromisedTo(std::string_view server, const PoolIndex& pooler);

// a + b, at most the largest number.
std::uint64_t SaturatingAdd(std::uint64_t a, std::uint64_t b);

}  // namespace headroom
