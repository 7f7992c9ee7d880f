// What a [[postgresql]] table says.
#pragma once

#include <optional>

#include "collectors/libpq/connection.h"
#include "collectors/options.h"

namespace headroom::postgresql {

// What is read beside the connections, which always are.
struct Wanted {
  bool applications = false;
  bool waits = false;
  bool locks = false;
  bool replication = false;
  bool sizes = false;
};

struct PostgresqlOptions {
  pq::ConnectionOptions connection;
  Wanted wanted;
};

// Mistakes go to the reader's diagnostics; disengaged after one.
std::optional<PostgresqlOptions> ParseOptions(OptionsReader& in);

}  // namespace headroom::postgresql
