// Routes: which watched server is behind which database. Pure.
//
// The configuration names one server for all databases, and may name one for single databases. A
// PgBouncer can have databases on several servers, though, and may call a server by a name that
// nobody else uses: whether an address that it shows is the watched server cannot be known, only
// whether all databases that are said to be there have the same one, and no other database has it.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "collectors/pgbouncer/options.h"
#include "collectors/pgbouncer/rows.h"
#include "collectors/reading.h"

namespace headroom::pgbouncer {

class Routes {
 public:
  // Both must outlive the routes.
  Routes(const Routing& routing, const std::vector<DatabaseRow>& databases);

  PoolRoute Of(const DatabaseRow& database) const;
  // Of the entry "*", whose address PgBouncer does not show.
  PoolRoute OfAny() const;
  // Of a pool whose database SHOW DATABASES does not list (an idle one of "*").
  PoolRoute OfUnlisted() const;
  // What the configuration has to say so that every route is known.
  const std::optional<Problem>& problem() const { return problem_; }

 private:
  using Address = std::pair<std::optional<std::string>, std::string>;  // host, port
  bool Contradicted(const DatabaseRow& database) const;
  bool Known(const DatabaseRow& database) const;
  // Of one that is not known, and what to do.
  std::string WhyUnknown(const DatabaseRow& database) const;

  const Routing& routing_;
  std::set<Address> named_;    // of the databases that the configuration puts on routing_.server
  std::set<Address> others_;   // of those that it puts elsewhere
  std::set<Address> assumed_;  // of those that it does not name
  std::optional<Problem> problem_;
};

}  // namespace headroom::pgbouncer
