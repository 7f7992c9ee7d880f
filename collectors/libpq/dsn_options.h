// The keys that say how to reach a PostgreSQL or a PgBouncer: dsn, password_file or password_env,
// and the table [tls].
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "collectors/libpq/connection.h"
#include "collectors/options.h"

namespace headroom::pq {

// Reads dsn (required, ${VARIABLES} replaced) and the password. Mistakes go to the reader's
// diagnostics, which never quote the string: it may hold a password. After one the result is only
// good for finding more.
ConnectionOptions ReadDsn(OptionsReader& in);

// Reads the sub-table [tls], which means a checked certificate unless dsn names an sslmode. Call it
// after the other keys of `in`, so that those are recognised when they stand in the sub-table by
// mistake.
void ReadDsnTls(OptionsReader& in, ConnectionOptions& options);

// What the connection string itself says of one of libpq's words ("dbname"); disengaged when it
// says nothing. Service files and the environment are not looked at.
std::optional<std::string> ConninfoWord(const std::string& conninfo, std::string_view word);

}  // namespace headroom::pq
