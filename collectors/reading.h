// Reading: what one run says about one target, in three nouns (Queue, WorkerGroup, Pool) plus facts
// that belong to the server itself.
//
// The rule behind every type here: a number is known, known to be zero, or unknown. Unknown is a
// disengaged optional and becomes an absent series; there is no default-initialised number to be
// mistaken for a zero. A collector never builds metric names for the nouns: exporter/exposition
// maps nouns to series once, for all systems.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collectors/clock.h"
#include "collectors/result.h"

namespace headroom {

// Work that waits. Identity within a target: (vhost, db, name, consumer_group); parts of it that
// the system does not have stay empty and become no label.
struct Queue {
  std::string name;  // any bytes: the server, not we, chose it
  std::string vhost;
  std::string db;
  std::string consumer_group;

  std::string kind;             // "list", "zset", "quorum", ...; empty when this run could not tell
  std::optional<bool> durable;  // survives a restart of the server; kinds that differ in it only
  bool declared = false;        // named in the config: never folded, never dropped
  // Does this kind hand messages out before they are finished? Tells "in_flight is unknown in this
  // run" (true, disengaged) from "there is no such state" (false).
  bool has_in_flight = false;
  bool has_consumers = false;  // likewise for `consumers`

  // Messages by state; the states are disjoint. Disengaged: unknown, or not a state of this kind.
  // A kind that has `delayed` or `dead` fills them whenever it fills `ready`.
  std::optional<std::uint64_t> ready;
  std::optional<std::uint64_t> in_flight;
  std::optional<std::uint64_t> delayed;
  std::optional<std::uint64_t> dead;

  std::optional<std::uint64_t> consumers;
  // 0 to 1: the share of time in which a message could be handed out at once.
  std::optional<double> consumer_capacity;
  std::optional<std::uint64_t> memory_bytes;
  std::optional<double> oldest_message_age_seconds;  // 0 when confirmed empty
  std::optional<std::uint64_t> published;            // counters, as the system counts them
  std::optional<std::uint64_t> delivered;
  std::optional<std::uint64_t> acknowledged;
  std::optional<std::uint64_t> redelivered;
  std::optional<bool> missing;  // declared queues of kinds where missing differs from empty
  std::optional<bool> running;  // kinds that can exist without being served
  // Is it where other queues of the target send what they give up on?
  std::optional<bool> dead_letter_queue;
  // The exchange that a queue sends what it gives up on to; may be "", the default one.
  std::optional<std::string> dead_letter_exchange;
};

// One state of a worker group.
struct WorkerState {
  std::string state;
  std::uint64_t live = 0;
  std::optional<std::uint64_t> stale;              // disengaged: staleness cannot be known
  std::optional<double> longest_in_state_seconds;  // over live workers; 0 when there are none
};

// Who does the work. A group whose key set or any member could not be read is not in the Reading at
// all: a count over those that happened to answer would be a false number.
struct WorkerGroup {
  std::string group;
  std::vector<WorkerState> states;  // every configured state, then "other"
  // Over live and stale workers with a known heartbeat; disengaged when nobody has one.
  std::optional<double> oldest_heartbeat_age_seconds;
};

enum class PoolScope { kPool, kDatabase, kUser, kServer };

struct PoolConnections {
  std::string state;
  std::uint64_t count = 0;
};

// Which server stands behind a pool of a pooler. The exporter joins the pool with that server's own
// Reading (exporter/pool_join.h); by itself this makes no series.
struct PoolRoute {
  // The target that watches the server; empty: the configuration names none.
  std::string server;
  // False: the configuration names one, but nobody can tell whether it is the right one.
  bool server_known = true;
  std::string database;              // the server's name for the database
  std::string unknown_because = {};  // for people, with what to do; not empty when it is not known
};

// A bounded set of connections. A server that poolers may stand before lists every database that
// can be connected to and every role that can log in: the join takes one that is not listed as
// unknown. Those without a limit and without sessions have no `connections`, hence no series.
// Scopes overlap (a server's connections are its databases' too): nothing may be summed across
// them.
struct Pool {
  PoolScope scope = PoolScope::kServer;
  std::string name;  // "database/user", the database, the user, or "server"
  std::string database;
  std::string user;
  std::vector<PoolConnections> connections;
  std::optional<std::uint64_t> max_connections;  // disengaged: unlimited or unknown
  // Tells the two apart for those who compute with it: true, and max_connections disengaged, is
  // unlimited.
  bool max_known = true;
  std::string max_unknown_because;  // for people; may be empty
  std::uint64_t own_sessions = 0;   // of ours: no load, not in `connections`, but they take room
  // Part of max_connections that ordinary clients cannot have; disengaged: there is none. A pool
  // that has one fills both or neither.
  std::optional<std::uint64_t> reserved_connections;
  // Poolers, scope pool: what it may open beyond max_connections when clients wait too long.
  std::optional<std::uint64_t> extra_connections;
  // Poolers, scope database: what a pool that is opened in it may come to, extra ones included.
  std::optional<std::uint64_t> new_pool_connections;
  // Poolers, scope database: false: other processes may be behind the pooler's address, and would
  // promise connections of their own.
  bool promise_known = true;
  // What can still be had: of a server filled by the collector; of a pooler's pools by the
  // exporter's join, which knows the limits on the way.
  std::optional<std::uint64_t> available_connections;
  std::optional<std::uint64_t> budget_connections;  // filled by the join
  // Clients queue for a connection of it. Tells "how many wait is unknown, or not counted at this
  // scope" (true, waiting_clients disengaged) from "whoever comes too late is turned away" (false).
  bool has_waiting = false;
  std::optional<std::uint64_t> waiting_clients;
  std::optional<double> oldest_wait_seconds;
  bool paused = false;  // poolers, scope pool: hands out nothing now, because somebody said so
  // False: nobody can tell whether it is paused; `paused` is false then.
  bool pause_known = true;
  // Poolers, scope pool: its database takes no new clients, and it has none. (Those that it had are
  // served.)
  bool disabled = false;
  // Poolers, scope pool: somebody declared it, and the pooler does not have it before its first
  // client. Its connections are known, 0.
  bool unused = false;
  std::optional<PoolRoute> route;  // poolers, scopes pool and database
};

enum class MetricType { kGauge, kCounter };

// A server-level metric family. Static data, one per family, listed by the collector's table entry;
// the labels `target` and `system` are added by the exporter.
struct FactDesc {
  std::string_view name;
  std::string_view help;  // one line, no backslash
  MetricType type = MetricType::kGauge;
  std::span<const std::string_view> labels = {};
};

struct Fact {
  const FactDesc* desc = nullptr;         // one of the collector's table
  std::vector<std::string> label_values;  // as many as desc->labels
  double value = 0;
};

// What one request or one transaction fills: all of it or nothing. The names are a closed list per
// target: the collector's own, and one for each server that the configuration names. A required
// part that fails fails the run.
struct Part {
  std::string name;
  bool required = false;
  std::optional<Error> error;  // engaged: unanswered, and nothing that it fills is in the Reading
};

// One object that is unknown in a run whose part did answer (a key of the wrong type). For the log,
// the page and headroom_target_errors_total; the object's series are absent.
struct Problem {
  std::string object;  // for people
  Error error;
  // Of a declared queue or of a worker group: its identity, for who looks for it. Else empty.
  std::string queue = {};
  std::string vhost = {};
  std::string group = {};
};

struct Reading {
  std::vector<Queue> queues;
  std::vector<WorkerGroup> worker_groups;
  std::vector<Pool> pools;
  std::vector<Fact> facts;
  std::vector<Part> parts;
  std::vector<Problem> problems;
  // Where the target can be asked in more than one way: which was taken, and why. For the log and
  // the page.
  std::string source;
  // When the last complete discovery pass began; disengaged when there is none yet or none is
  // needed.
  std::optional<SteadyTime> discovered_at;
};

}  // namespace headroom
