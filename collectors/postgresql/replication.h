// Replication as both sides see it. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "collectors/clock.h"
#include "collectors/libpq/table.h"
#include "collectors/result.h"

namespace headroom::postgresql {

// How far a standby is behind this server in one respect. Disengaged: unknown.
struct Lag {
  std::optional<double> bytes;
  // As was last measured; 0 where bytes is 0 and the server no longer tells a time. See
  // DropKeptTimes.
  std::optional<double> seconds;
};

// A row of pg_stat_replication.
struct Standby {
  std::string application_name;
  std::string client_addr;  // empty: a Unix socket
  std::string state;        // "streaming", "catchup", "startup", "backup", "stopping"
  Lag sent;                 // has no seconds
  Lag write;
  Lag flush;
  Lag replay;
};

struct Slot {
  std::string name;
  std::string database;  // of logical slots
  bool active = false;
  std::optional<double> retained_bytes;  // disengaged: never used, or its WAL is lost
};

// This server as a standby; Statement::kRecovery.
struct Recovery {
  bool in_recovery = false;
  std::optional<bool> replay_paused;
  // Positions in the WAL, in bytes from its beginning. `received` is by streaming only: it stays
  // where it was while WAL comes from the archive, and begins anew at the start of a segment.
  std::optional<std::uint64_t> replayed;
  std::optional<std::uint64_t> received;
  // Where the upstream server's WAL ended by its last message; disengaged: no walreceiver is
  // connected, or it has not heard anything yet.
  std::optional<std::uint64_t> upstream_end;
  // Since the commit that was replayed last: the primary's clock against the standby's.
  std::optional<double> last_replay_age;
  std::optional<std::string> receiver_status;  // disengaged: no walreceiver is connected
  // Since the last message of the sender; disengaged where upstream_end is, and when the clock was
  // set back.
  std::optional<double> last_message_age;
  double receiver_timeout = 0;  // wal_receiver_timeout; 0: none

  // What was received and waits for replay; disengaged unless WAL comes from an upstream server.
  std::optional<double> ReplayLagBytes() const;
};

Result<std::vector<Standby>> ParseStandbys(const pq::Table& table);
Result<std::vector<Slot>> ParseSlots(const pq::Table& table);
Result<Recovery> ParseRecovery(const pq::Table& table);

// Takes the times away that are only kept: of a standby that is behind, the server shows the last
// time that was measured until there is a new one, which never comes while replay is paused or the
// standby is frozen. A time that is to the microsecond that of the run before is no new one.
void DropKeptTimes(const std::vector<Standby>& before, std::vector<Standby>& now);

// What a standby's own numbers come to.
struct ReplicaLag {
  bool streaming = false;
  // Since anything was heard of the upstream server, over the end of the walreceiver too.
  std::optional<double> last_message_age;
  // How far what can be read here may be behind the upstream server; see StandbyWatch.
  std::optional<double> seconds;
};

// Follows one standby from run to run, because a server forgets what it last heard of its upstream
// the moment the connection ends.
//
// It is level when it has replayed all that the upstream server had by its last message: that it
// has replayed all that it received says nothing, on a slow link it always has.
//
// Level, and the link is alive: 0. The link is alive while the last message is younger than half of
// wal_receiver_timeout, when the standby asks for a sign of life, and 5 s for the answer: an idle
// primary is silent that long. Otherwise the least of what bounds it from above: the time since the
// last replayed commit (it grows to the length of the silence when an idle primary writes again),
// and the time since it was level, which on a link that is not alive is never after the last
// message. Without any message ever there is no telling.
class StandbyWatch {
 public:
  // `now`: of the run. Precondition: recovery.in_recovery.
  ReplicaLag Update(const Recovery& recovery, SteadyTime now);
  // It is no standby (any more).
  void Forget() { *this = StandbyWatch(); }

 private:
  bool Level(const Recovery& recovery) const;

  std::optional<SteadyTime> last_message_;
  std::optional<std::uint64_t> upstream_end_;  // by that message
  std::optional<SteadyTime> level_;            // when it was last found level
};

}  // namespace headroom::postgresql
