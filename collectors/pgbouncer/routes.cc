#include "collectors/pgbouncer/routes.h"

#include <fmt/format.h>

#include "collectors/suggest.h"

namespace headroom::pgbouncer {

Routes::Routes(const Routing& routing, const std::vector<DatabaseRow>& databases)
    : routing_(routing) {
  for (const DatabaseRow& row : databases) {
    const auto named = routing.named.find(row.name);
    if (named == routing.named.end()) {
      assumed_.emplace(row.host, row.port);
    } else if (named->second == routing.server) {
      named_.emplace(row.host, row.port);
    } else {
      others_.emplace(row.host, row.port);
    }
  }
  if (routing.server.empty()) return;
  const DatabaseRow* first = nullptr;
  for (const DatabaseRow& row : databases) {
    if (routing.named.count(row.name) == 0 && !Known(row) && first == nullptr) first = &row;
  }
  if (first == nullptr) return;
  problem_ = Problem{fmt::format("database {}", Quoted(first->name)),
                     Error{ErrorKind::kUnsupported, WhyUnknown(*first)}};
}

std::string Routes::WhyUnknown(const DatabaseRow& database) const {
  const std::string_view why = Contradicted(database)
                                   ? "one of its databases is given another target"
                                   : "the databases are on several";
  return fmt::format(
      "nobody can tell whether {} is the server of postgresql = {}, because {}: give this one, and "
      "all like it, a table [[pgbouncer.databases]] with name = {} and postgresql = the target "
      "that watches its server, or \"\" when none does",
      Quoted(database.host ? *database.host + ":" + database.port : "its Unix socket"),
      Quoted(routing_.server), why, Quoted(database.name));
}

// One address is not two servers.
bool Routes::Contradicted(const DatabaseRow& database) const {
  return others_.count({database.host, database.port}) > 0;
}

bool Routes::Known(const DatabaseRow& database) const {
  if (Contradicted(database)) return false;
  // One database, several servers.
  if (database.host && database.host->find(',') != std::string::npos) return false;
  if (!named_.empty()) return named_.count({database.host, database.port}) > 0;
  return assumed_.size() == 1;
}

PoolRoute Routes::Of(const DatabaseRow& database) const {
  const auto named = routing_.named.find(database.name);
  if (named != routing_.named.end()) return {named->second, true, database.database};
  if (routing_.server.empty()) return {"", true, database.database};
  if (Known(database)) return {routing_.server, true, database.database};
  return {routing_.server, false, database.database, WhyUnknown(database)};
}

PoolRoute Routes::OfAny() const {
  const auto named = routing_.named.find(std::string(kAnyDatabase));
  if (named != routing_.named.end()) return {named->second, true, ""};
  return {routing_.server, !problem_, "", problem_ ? problem_->error.message : ""};
}

PoolRoute Routes::OfUnlisted() const {
  if (routing_.server.empty()) return {"", true, ""};
  return {routing_.server, false, "",
          "PgBouncer does not show on which server a database is that it does not list now"};
}

}  // namespace headroom::pgbouncer
