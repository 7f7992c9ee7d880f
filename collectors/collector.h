// Collector: THE contract between exporter/ and collectors/. Read this first.
//
// A Collector asks one target, once per Collect(), and reports what it saw as a Reading. It is
// fetch (over a connection that it keeps), parse (a pure function of the reply) and nothing else:
// caching, sampling, back-off, timing, logging and metric names are the exporter's.
//
// Threads:  an instance belongs to one thread at a time, without locks. Construction does no I/O.
// Time:     every call returns by its deadline, give or take scheduling; every wait goes through
//           Deadline::Poll, so that a cancelled deadline ends it at once. No other clock, no sleep.
// Failure:  after an Error nothing of the run is used. A part that fails is in Reading::parts with
//           its error and fills nothing; if it is a required one, the exporter fails the run. After
//           a failure that leaves a connection in doubt the collector drops it and makes a new one
//           in the next call; it never retries within a call.
// Truth:    see reading.h. Unknown is disengaged; a reply that was cut is never a smaller number.
// Throwing: what leaves Collect() or DiscoverSlice() fails the run, and a new collector is made,
// for
//           the old one's state is in doubt. Construction, NextDiscovery() and Discovered() must
//           not throw (out of memory there ends the process).
// Load:     one request in flight on one connection; what is read is bounded by caps.
#pragma once

#include <compare>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/clock.h"
#include "collectors/deadline.h"
#include "collectors/options.h"
#include "collectors/reading.h"
#include "collectors/result.h"

namespace headroom {

class Collector {
 public:
  Collector() = default;
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;
  virtual ~Collector() = default;

  // One run.
  virtual Result<Reading> Collect(const Deadline& deadline) = 0;

  // Discovery: finding out which objects exist, where that is too dear for a run. The worker calls
  // DiscoverSlice between runs, never during one, once NextDiscovery() has come.

  // When the next slice is due; disengaged: there is nothing to discover. Only looks at what is
  // known: the worker calls it with its lock held.
  virtual std::optional<SteadyTime> NextDiscovery() const { return std::nullopt; }
  // One bounded slice (it costs the server at most 5 ms). On an Error the pass is abandoned, what
  // is known stays known, and NextDiscovery() says when the next attempt is due.
  virtual Status DiscoverSlice(const Deadline&) { return Ok{}; }
  // True when every object that discovery can find has been looked for at least once.
  virtual bool Discovered() const { return true; }
};

// Makes the collector of one target from its parsed options; does no I/O.
using CollectorFactory = std::function<std::unique_ptr<Collector>(const Clock&)>;

// Another target that a target's own keys name: a pooler's server. The exporter checks that it
// exists, and asks both for one page.
struct TargetLink {
  std::string target;
  std::string_view system;  // what it must be
  Position position;        // where it is named, for messages
  std::string key;          // likewise: "pgbouncer[0].postgresql"
};

// A queue as a workload names it: by its identity in a Reading, of which the target fills in what
// it alone knows.
struct QueueName {
  std::string name;
  std::optional<std::string> vhost;
  std::optional<std::string> db;
  friend auto operator<=>(const QueueName&, const QueueName&) = default;  // NOLINT: as PoolName
};

struct DeclaredQueue {
  std::string vhost;  // empty where the system has none, as in a Reading
  std::string db;
  bool added = false;  // the target's own keys do not declare it
  // Its kind has consumers, and the target's own keys leave them out: they are unknown in each run.
  bool consumers_unread = false;
  // Of one that was added: a queue of the target of whose name this may be a mistyping.
  std::string similar;
};

// A pool of a pooler as a workload names it: the pooler's database, the user whom the server sees.
// (NOLINT: clang-tidy 14 takes the default order of two strings for a comparison with a pointer.)
struct PoolName {
  std::string database;
  std::string user;
  friend auto operator<=>(const PoolName&, const PoolName&) = default;  // NOLINT
};

struct DeclaredPool {
  // The pooler may make its database when a client asks for it; before, nothing says its limits.
  bool may_come_later = false;
};

// A worker group that the target's own keys declare.
struct DeclaredGroup {
  std::string group;
  std::vector<std::string> states;  // without "other"
  bool knows_staleness = false;     // tells live workers from stale ones
};

// What it means that a workload counts the busy workers of a group.
struct UsedGroup {
  bool changed = false;  // `make` makes something else than it did without
  std::string warning;   // why the count may be false, and what to do; empty: nothing to say
};

// What a target's own keys come to.
struct ParsedTarget {
  CollectorFactory make;  // empty after an error
  std::vector<TargetLink> links;
  std::vector<DeclaredGroup> groups = {};
  // Declares a queue in what `make` makes, as if the target's own keys did, or says why it cannot
  // be read. To be called before `make` is, by one thread. Empty: the system has no queues.
  std::function<Result<DeclaredQueue>(const QueueName&)> declare = {};
  // Likewise a pool, which is then in each reading also before its first client, as far as the
  // pooler says what it may have. Empty: the system has no pools that come with their clients.
  std::function<Result<DeclaredPool>(const PoolName&)> declare_pool = {};
  // Tells the target that a workload uses this one of its groups; as `declare`, to be called before
  // `make` is. Empty: that changes nothing.
  std::function<UsedGroup(std::string_view group)> use_group = {};
};

// A key of a target that can be given without a config file: as --<system>.<flag>, by a variable,
// or both (the flag wins). What is given makes one target, named after the system; without its URL
// (or DSN) there is none.
struct CollectorFlag {
  enum class Form {
    kUrl,      // the server; a password in it is refused on the command line
    kText,     // a string
    kStrings,  // a list: the flag is repeated, the variable is separated by commas
    kSecret,   // the key takes the variable's name, not its value; no flag
  };
  std::string_view key;  // the key of the target's table
  Form form = Form::kText;
  std::string_view flag;      // "url" for --redis.url; empty: by variable only
  std::string_view variable;  // "HEADROOM_REDIS_URL"; empty: by flag only
  std::string_view value;     // what stands for the value in --help: "URL"
  std::string_view help;      // one line
  bool urls = false;          // of kStrings: each is a URL, with the same rule as for kUrl
};

// Which of a target's pools can bound a workload.
enum class PoolKind {
  kNone,
  // A server: as a whole, or one user or one database of it. Its connections are clients of its
  // own.
  kServer,
  // A pooler: a database and a user together. Its connections are a server's too.
  kPooler,
};

// One row of the collector table (registry.h).
struct CollectorType {
  std::string_view system;  // the TOML table, the flag prefix and the `system` label
  // Reads a target's own keys (the common ones and Finish() are the caller's). Errors and warnings
  // go to the reader's diagnostics; an empty ParsedTarget is returned after an error.
  ParsedTarget (*parse)(OptionsReader& options);
  std::span<const FactDesc* const> facts;   // every family that Reading::facts may use
  std::span<const std::string_view> parts;  // names of Reading::parts; one per server comes on top
  Duration min_sample_interval;  // a smaller one only costs: the server's own tick, or load
  std::span<const CollectorFlag> flags = {};
  PoolKind pools = PoolKind::kNone;
};

}  // namespace headroom
