// What is asked of a PostgreSQL, by version. Pure.
//
// Every statement is a SELECT that costs the server at most a few milliseconds with hundreds of
// sessions (docs/collectors/postgresql.md has the figures); kSizes alone is not. Relations and
// functions are named with their schema; operators are safe because the session's search_path is
// ours, which kServer proves (`session_mark`). All durations are computed on the server.
#pragma once

#include <string>
#include <string_view>

namespace headroom::postgresql {

// A setting of ours (Session() in session.h), and the value that says that it has arrived.
inline constexpr std::string_view kMarkSetting = "headroom.session";
inline constexpr std::string_view kMark = "1";

// So many databases, and so many roles; of the others the limit is unknown.
inline constexpr int kMaxLimits = 10'000;
// Above these a reply would be cut, and a cut list is not used: the part fails.
inline constexpr int kMaxStandbys = 500;
inline constexpr int kMaxSlots = 500;
inline constexpr int kMaxSizes = 1'000;
// Chains are looked for while at most this many sessions wait: pg_blocking_pids() takes all
// partitions of the lock table, once per session.
inline constexpr int kMaxWaitersForChain = 64;

enum class Statement {
  kServer,    // one row: settings and role of the server
  kActivity,  // client sessions, grouped
  kLimits,    // databases and roles that can have sessions, and their limits
  kLocks,     // who waits for whom; at least one row
  kStandbys,  // what this server sends
  kSlots,     // replication slots
  kRecovery,  // one row: this server as a standby
  kSizes,     // of all databases
};

// The name of a statement in messages.
std::string_view Name(Statement statement);
// `version` as in server_version_num: 150018. Precondition: 120000 or newer.
std::string Sql(Statement statement, int version);

}  // namespace headroom::postgresql
