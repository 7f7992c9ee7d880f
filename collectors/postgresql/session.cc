#include "collectors/postgresql/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "collectors/postgresql/statements.h"

namespace headroom::postgresql {

// Only names that every version knows: an unknown one is refused. The keepalives let the server
// find out that we are gone (they are for TCP; a Unix socket ignores them). A role or a database
// may have settings of its own: a standby refuses serializable transactions.
std::string SessionOptions(Duration limit) {
  using std::chrono::milliseconds;
  const milliseconds whole =
      std::max(std::chrono::duration_cast<milliseconds>(limit), milliseconds(4));
  return fmt::format(
      "-c default_transaction_read_only=on -c default_transaction_isolation=read\\ committed"
      " -c default_transaction_deferrable=off -c statement_timeout={} -c lock_timeout={}"
      " -c idle_in_transaction_session_timeout={} -c search_path=pg_catalog,pg_temp -c jit=off"
      " -c max_parallel_workers_per_gather=0 -c tcp_keepalives_idle=30"
      " -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3 -c {}={}",
      whole.count() / 2, whole.count() / 4, whole.count(), kMarkSetting, kMark);
}

Error ExplainConnectError(const Error& error) {
  if (error.message.find("unsupported startup parameter") == std::string::npos) return error;
  return Error{
      ErrorKind::kUnsupported,
      "the dsn leads to a PgBouncer; give the address of PostgreSQL itself, and watch PgBouncer by "
      "[[pgbouncer]]"};
}

}  // namespace headroom::postgresql
