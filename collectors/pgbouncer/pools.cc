#include "collectors/pgbouncer/pools.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "collectors/pgbouncer/routes.h"
#include "collectors/pgbouncer/user_counts.h"

namespace headroom::pgbouncer {
namespace {

// Unless it is a pool's size before 1.24, 0 is PgBouncer's word for "no limit".
void SetLimit(Pool& pool, std::uint64_t limit) {
  if (limit > 0) pool.max_connections = limit;
}

// Disengaged: it may be either.
std::optional<std::uint64_t> SizeFor(const OwnSize& own, std::uint64_t of_database) {
  if (!own.shown) return of_database;
  if (own.certain || own.shown == of_database) return own.shown;
  return std::nullopt;
}

bool NamesAServer(const std::vector<Pool>& pools) {
  return std::any_of(pools.begin(), pools.end(),
                     [](const Pool& pool) { return pool.route && !pool.route->server.empty(); });
}

Problem SharedAddress() {
  return {"so_reuseport",
          Error{ErrorKind::kUnsupported,
                "so_reuseport is on: other PgBouncer processes may have the same port, each with "
                "pools of its own, so nobody knows what all may open, and the server's budget is "
                "absent; make each process a target with an address that only it has (its Unix "
                "socket), or write one_process = true where there is one"}};
}

class Maker {
 public:
  Maker(const PoolRows& rows, const std::optional<Limits>& limits, const Routing& routing,
        const Declared& declared)
      : rows_(rows),
        limits_(limits),
        declared_(declared),
        routes_(routing, rows.databases),
        miscounted_(MiscountedUsers(rows)) {
    for (const DatabaseRow& row : rows.databases) databases_.emplace(row.name, &row);
    if (!rows.users) return;
    for (const UserRow& row : *rows.users) users_.emplace(row.name, &row);
  }

  Pools Make() const {
    Pools made;
    for (const PoolRow& row : rows_.pools) made.pools.push_back(PoolOf(row));
    const std::set<PoolName> unused = Unused();
    for (const PoolName& name : unused) made.pools.push_back(UnusedPool(name));
    for (const DatabaseRow& row : rows_.databases) made.pools.push_back(DatabaseOf(row));
    if (declared_.any_database) made.pools.push_back(AnyDatabase());
    auto totals = TotalsByUser(rows_.pools);
    for (const PoolName& name : unused) totals.try_emplace(name.user, 0);
    for (const auto& [user, total] : totals) made.pools.push_back(UserOf(user, total));
    if (routes_.problem()) made.problems.push_back(*routes_.problem());
    if (rows_.one_process == false && NamesAServer(made.pools)) {
      made.problems.push_back(SharedAddress());
    }
    return made;
  }

 private:
  // The declared pools that have no client yet, and whose database and user PgBouncer knows: its
  // next client would have just that pool.
  std::set<PoolName> Unused() const {
    std::set<PoolName> unused;
    for (const PoolName& name : declared_.pools) {
      const auto database = databases_.find(name.database);
      if (database == databases_.end()) continue;
      const auto& forced = database->second->force_user;
      if (forced && *forced != name.user) continue;
      if (rows_.users && !users_.contains(name.user)) continue;
      unused.insert(name);
    }
    for (const PoolRow& row : rows_.pools) unused.erase({row.database, row.user});
    return unused;
  }

  Pool UnusedPool(const PoolName& name) const {
    PoolRow row;
    row.database = name.database;
    row.user = name.user;
    row.oldest_wait_seconds = 0;
    row.clients_active = 0;
    if (rows_.version >= kCancelStates) row.canceling = 0;
    Pool pool = PoolOf(row);
    pool.unused = true;
    return pool;
  }

  Pool PoolOf(const PoolRow& row) const {
    Pool pool;
    pool.scope = PoolScope::kPool;
    pool.name = row.database + "/" + row.user;
    pool.database = row.database;
    pool.user = row.user;
    pool.connections = {{"active", row.active},
                        {"idle", row.idle},
                        {"used", row.used},
                        {"tested", row.tested},
                        {"login", row.login}};
    if (row.canceling) pool.connections.push_back({"canceling", *row.canceling});
    pool.has_waiting = true;
    pool.waiting_clients = row.waiting;
    pool.oldest_wait_seconds = row.oldest_wait_seconds;
    const auto database = databases_.find(row.database);
    SetPause(pool, database == databases_.end() ? nullptr : database->second);
    if (database == databases_.end()) {
      pool.max_known = false;
      pool.max_unknown_because = "PgBouncer does not list its database now, which is one of \"*\"";
      pool.route = routes_.OfUnlisted();
      return pool;
    }
    pool.disabled =
        database->second->disabled == true && row.waiting == 0 && row.clients_active == 0U;
    pool.route = routes_.Of(*database->second);
    SetSize(pool, *database->second);
    return pool;
  }

  // `database`: null when it is not listed.
  void SetPause(Pool& pool, const DatabaseRow* database) const {
    pool.paused =
        rows_.all_paused == AllPaused::kYes || (database != nullptr && database->paused == true);
    const bool waits = pool.waiting_clients && *pool.waiting_clients > 0;
    pool.pause_known = pool.paused || rows_.all_paused == AllPaused::kNo ||
                       (rows_.all_paused == AllPaused::kNotTold && !(waits && MayBePaused()));
  }

  // Where the console does not tell: a paused PgBouncer closes what is idle, used or logging in, in
  // every pool (per_loop_pause of src/janitor.c), and clients wait whatever room there is.
  bool MayBePaused() const {
    return std::all_of(rows_.pools.begin(), rows_.pools.end(), [](const PoolRow& row) {
      return row.idle == 0 && row.used == 0 && row.login == 0;
    });
  }

  void SetSize(Pool& pool, const DatabaseRow& database) const {
    std::optional<std::uint64_t> size = database.pool_size;
    std::optional<std::uint64_t> reserve = database.reserve_pool_size;
    if (rows_.users) {
      const UserRow* const user = Believed(pool.user);
      if (user == nullptr) {  // it may have sizes of its own
        pool.max_known = false;
        pool.max_unknown_because = WhyNotBelieved(pool.user);
        return;
      }
      size = SizeFor(user->pool_size, *size);
      reserve = SizeFor(user->reserve_pool_size, *reserve);
    }
    pool.max_known = size.has_value();
    if (!size) pool.max_unknown_because = "the size that SHOW USERS shows may be another user's";
    if (size && IsLimit(*size)) pool.max_connections = size;
    if (reserve) pool.extra_connections = InUse(*reserve);
  }

  // The row of SHOW USERS that counts for the pools of this user; null: nobody knows.
  const UserRow* Believed(const std::string& user) const {
    const auto found = users_.find(user);
    return found == users_.end() || miscounted_.contains(user) ? nullptr : found->second;
  }

  std::string WhyNotBelieved(const std::string& user) const {
    if (!users_.contains(user)) return "SHOW USERS does not list its user";
    return "PgBouncer counts connections of its user under another one, until it is restarted";
  }

  // Of a pool's size.
  bool IsLimit(std::uint64_t size) const { return size > 0 || rows_.version < kUnlimitedPools; }

  // A reserve that PgBouncer would take from; disengaged when that is unknown.
  std::optional<std::uint64_t> InUse(std::uint64_t reserve) const {
    if (reserve == 0 || (limits_ && !limits_->reserve_in_use)) return 0;
    return limits_ ? std::optional(reserve) : std::nullopt;
  }

  // What the first pool of a database may open, whoever its user will be.
  std::optional<std::uint64_t> FirstPoolOf(const DatabaseRow& row) const {
    const auto reserve = InUse(row.reserve_pool_size);
    if (!IsLimit(row.pool_size) || !reserve) return std::nullopt;
    return row.pool_size + *reserve;
  }

  Pool DatabaseOf(const DatabaseRow& row) const {
    Pool pool;
    pool.scope = PoolScope::kDatabase;
    pool.has_waiting = true;
    pool.name = row.name;
    pool.database = row.name;
    pool.connections = {{"open", row.current_connections}};
    SetLimit(pool, row.max_connections);
    pool.new_pool_connections = FirstPoolOf(row);
    pool.promise_known = rows_.one_process == true;
    pool.route = routes_.Of(row);
    return pool;
  }

  Pool AnyDatabase() const {
    Pool pool;
    pool.scope = PoolScope::kDatabase;
    pool.name = kAnyDatabase;
    pool.database = kAnyDatabase;
    pool.max_known = false;
    pool.promise_known = rows_.one_process == true;
    pool.route = routes_.OfAny();
    return pool;
  }

  bool ForcedSomewhere(const std::string& user) const {
    return std::any_of(databases_.begin(), databases_.end(),
                       [&](const auto& entry) { return entry.second->force_user == user; });
  }

  // Where it has a pool, or would have it: it is forced there, or the configuration says so.
  bool InSeveralDatabases(const std::string& user) const {
    std::set<std::string_view> databases;
    for (const PoolRow& row : rows_.pools) {
      if (row.user == user) databases.insert(row.database);
    }
    for (const PoolName& name : declared_.pools) {
      if (name.user == user) databases.insert(name.database);
    }
    for (const auto& [name, database] : databases_) {
      if (database->force_user == user) databases.insert(name);
    }
    return databases.size() > 1;
  }

  // Before kUserLimits; as user_max_connections() of PgBouncer's src/server.c. The user of a
  // force_user is one of its own there, in each database: without a line in [users], and counted by
  // itself (tried with 1.18).
  Result<std::uint64_t> UserLimit(const std::string& user) const {
    const bool forced = ForcedSomewhere(user);
    const auto own = declared_.max_user_connections.find(user);
    const bool has_own = own != declared_.max_user_connections.end() && own->second > 0;
    if (has_own && !forced) return own->second;
    if (!limits_) {
      return Error{ErrorKind::kProtocol, "SHOW CONFIG, which has the limit, is unanswered"};
    }
    if (forced && (has_own || limits_->max_user_connections > 0) && InSeveralDatabases(user)) {
      return Error{ErrorKind::kUnsupported,
                   "before 1.23 a force_user is counted once per database, which the console does "
                   "not show"};
    }
    return limits_->max_user_connections;
  }

  Pool UserOf(const std::string& user, std::uint64_t total) const {
    Pool pool;
    pool.scope = PoolScope::kUser;
    pool.has_waiting = true;
    pool.name = user;
    pool.user = user;
    if (!rows_.users) {
      pool.connections = {{"open", total}};
      const auto limit = UserLimit(user);
      pool.max_known = limit.ok();
      if (limit.ok()) {
        SetLimit(pool, *limit);
      } else {
        pool.max_unknown_because = limit.error().message;
      }
      return pool;
    }
    const UserRow* const row = Believed(user);
    pool.max_known = row != nullptr;
    if (row == nullptr) {
      pool.max_unknown_because = WhyNotBelieved(user);
      return pool;
    }
    pool.connections = {{"open", row->current_connections}};
    SetLimit(pool, row->max_connections);
    return pool;
  }

  const PoolRows& rows_;
  const std::optional<Limits>& limits_;
  const Declared& declared_;
  Routes routes_;
  std::set<std::string> miscounted_;
  std::map<std::string, const DatabaseRow*> databases_;
  std::map<std::string, const UserRow*> users_;
};

}  // namespace

Pools MakePools(const PoolRows& rows, const std::optional<Limits>& limits, const Routing& routing,
                const Declared& declared) {
  return Maker(rows, limits, routing, declared).Make();
}

Pool MakeServerPool(std::uint64_t used_clients, const std::optional<Limits>& limits) {
  Pool pool;
  pool.scope = PoolScope::kServer;
  pool.name = "server";
  pool.connections = {{"open", used_clients}};
  pool.max_known = limits.has_value();
  if (limits) pool.max_connections = limits->max_client_conn;
  return pool;
}

}  // namespace headroom::pgbouncer
