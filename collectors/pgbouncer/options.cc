#include "collectors/pgbouncer/options.h"

#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <utility>

#include "collectors/libpq/dsn_options.h"
#include "collectors/options.h"
#include "collectors/pgbouncer/rows.h"
#include "collectors/suggest.h"

namespace headroom::pgbouncer {
namespace {

constexpr std::string_view kPostgresql = "postgresql";

void CheckConsole(OptionsReader& in, const std::string& conninfo) {
  const auto database = pq::ConninfoWord(conninfo, "dbname");
  if (database && *database != kConsole) {
    in.Error("dsn", fmt::format("names the database {}, and PgBouncer's own numbers are in its "
                                "console only: leave dbname out, or write dbname=pgbouncer",
                                Quoted(*database)));
  }
  if (const auto options = pq::ConninfoWord(conninfo, "options"); options && !options->empty()) {
    in.Error("dsn", "holds options, which PgBouncer refuses; leave them out");
  }
}

void AddLink(OptionsReader& in, const std::string& target, PgbouncerOptions& options) {
  options.links.push_back({target, kPostgresql, in.PlaceOf(kPostgresql), in.KeyPath(kPostgresql)});
}

void ReadDatabases(OptionsReader& in, PgbouncerOptions& options) {
  for (OptionsReader& database : in.Tables("databases")) {
    database.Require("name");
    database.Require(kPostgresql);
    const std::string name = database.Name("name");
    const auto target = database.String(kPostgresql);
    if (name == kConsole) {
      database.Error("name", "is PgBouncer's console, which has no server");
    }
    if (!name.empty() && target && !options.routing.named.emplace(name, *target).second) {
      database.Error("name", fmt::format("{} is listed twice", Quoted(name)));
    }
    if (target && !target->empty()) AddLink(database, *target, options);
    database.Finish();
  }
}

void ReadUsers(OptionsReader& in, Declared& declared) {
  constexpr std::string_view kLimit = "max_user_connections";
  // Of PgBouncer's settings, which are of C's type int.
  constexpr std::int64_t kLargest = std::numeric_limits<std::int32_t>::max();
  for (OptionsReader& user : in.Tables("users")) {
    user.Require("name");
    user.Require(kLimit);
    const std::string name = user.Name("name");
    const auto limit = user.Integer(kLimit, 0, kLargest);
    if (!name.empty() && limit &&
        !declared.max_user_connections.emplace(name, static_cast<std::uint64_t>(*limit)).second) {
      user.Error("name", fmt::format("{} is listed twice", Quoted(name)));
    }
    user.Finish();
  }
}

}  // namespace

std::optional<PgbouncerOptions> ParseOptions(OptionsReader& in) {
  PgbouncerOptions options;
  options.connection = pq::ReadDsn(in);
  CheckConsole(in, options.connection.conninfo);
  // Whatever PGDATABASE, PGOPTIONS or a service file say.
  options.connection.forced = {{"dbname", std::string(kConsole)}, {"options", ""}};
  if (auto server = in.String(kPostgresql)) options.routing.server = *std::move(server);
  if (!options.routing.server.empty()) AddLink(in, options.routing.server, options);
  pq::ReadDsnTls(in, options.connection);
  const auto any_database = in.Bool("any_database");
  ReadDatabases(in, options);
  // A server for it says that it is there.
  options.declared.any_database =
      any_database ? *any_database : options.routing.named.count(std::string(kAnyDatabase)) > 0;
  options.declared.one_process = in.Bool("one_process") == true;
  ReadUsers(in, options.declared);
  if (!in.Has(kPostgresql)) {
    in.Warning(kPostgresql,
               "postgresql is not given: of databases that [[pgbouncer.databases]] does not name, "
               "headroom_pool_available_connections leaves out what their server has left, and no "
               "server's budget counts them; name the [[postgresql]] target behind this PgBouncer, "
               "or write postgresql = \"\" if none is watched");
  }
  if (!in.ok()) return std::nullopt;
  return options;
}

Result<DeclaredPool> Declare(const PoolName& pool, PgbouncerOptions& options) {
  if (pool.database == kConsole) {
    return Error{ErrorKind::kUnsupported,
                 fmt::format("{} is PgBouncer's console, which has no server connections; name a "
                             "database of its [databases]",
                             Quoted(pool.database))};
  }
  options.declared.pools.insert(pool);
  return DeclaredPool{options.declared.any_database};
}

}  // namespace headroom::pgbouncer
