// From pg_stat_activity, the settings and the limits to what the rest computes with. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "collectors/libpq/table.h"
#include "collectors/result.h"

namespace headroom::postgresql {

// The server's settings; Statement::kServer.
struct Server {
  std::int64_t version = 0;  // 150018
  std::string version_text;  // "15.18 (Debian 15.18-0+deb12u1)"
  std::uint64_t max_connections = 0;
  std::uint64_t reserved_connections =
      0;                  // for superusers and, from 16, pg_use_reserved_connections
  double start_time = 0;  // seconds since the epoch
  // Its end of the session, "10.0.0.1 5432"; disengaged: a Unix socket. Only to tell servers apart.
  std::optional<std::string> address;
};

// Client sessions that look the same; Statement::kActivity.
struct Sessions {
  std::optional<std::string> database;  // NULL: being dropped
  std::optional<std::string> user;      // NULL: the role was dropped
  std::string application;
  // As the server says it: "active", "idle in transaction (aborted)", "disabled" (track_activities
  // is off). NULL: still starting.
  std::optional<std::string> state;
  std::optional<std::string> wait_event_type;  // both NULL: not waiting
  std::optional<std::string> wait_event;
  bool own = false;  // the session that asked
  std::uint64_t connections = 0;
  // As the server's clock says, which may have been set back; see Elapsed() in columns.h.
  std::optional<double> longest_transaction_seconds;  // NULL: none is open
  std::optional<double> longest_in_state_seconds;

  // Does the server know what they do?
  bool Tracked() const { return state != "disabled"; }
};

// Databases that can be connected to and roles that can log in, up to kMaxLimits of each; of others
// nothing is known. Disengaged: no limit, as for superusers, who are not bound by theirs.
struct Limits {
  using ByName = std::map<std::string, std::optional<std::uint64_t>>;
  ByName databases;
  ByName users;
};

// kUnsupported when the session's own settings have not arrived: something that shares sessions
// among clients stands between, and nothing that it shows is this session's.
Result<Server> ParseServer(const pq::Table& table);
// kPermission when the role may not see what other users' sessions do: their state would be NULL,
// and a count by state a false one.
Result<std::vector<Sessions>> ParseActivity(const pq::Table& table);
Result<Limits> ParseLimits(const pq::Table& table);

}  // namespace headroom::postgresql
