// What a [[pgbouncer]] table says, as types. docs/collectors/pgbouncer.md describes every key.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "collectors/collector.h"
#include "collectors/libpq/connection.h"

namespace headroom::pgbouncer {

// Which [[postgresql]] target watches the server behind which database.
struct Routing {
  // Of every database that is not named below; empty: the configuration names none.
  std::string server;
  // By PgBouncer's name for the database; an empty target: on none of the watched servers.
  std::map<std::string, std::string> named;
};

// What PgBouncer's configuration has and its console does not show.
struct Declared {
  // [databases] has an entry "*": more databases come when clients name them.
  bool any_database = false;
  // max_user_connections of [users], by name. 0: the setting for all users, as PgBouncer takes it.
  // From 1.23 on the console shows them, and these are not looked at.
  std::map<std::string, std::uint64_t> max_user_connections;
  // The address of the dsn leads to one process only, even where so_reuseport is on.
  bool one_process = false;
  // Pools that are there before their first client, for SHOW POOLS lists none earlier.
  std::set<PoolName> pools = {};
};

struct PgbouncerOptions {
  pq::ConnectionOptions connection;  // of the console
  Routing routing;
  Declared declared;
  std::vector<TargetLink> links;
};

// Reads the target's own keys; mistakes go to the reader's diagnostics and disengage the result.
std::optional<PgbouncerOptions> ParseOptions(OptionsReader& options);

// Declares the pool that a workload names; an error: there can be none of that name.
Result<DeclaredPool> Declare(const PoolName& pool, PgbouncerOptions& options);

}  // namespace headroom::pgbouncer
