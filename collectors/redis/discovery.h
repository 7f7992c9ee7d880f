// Discovery: which keys match the configured patterns, found by SCAN in bounded slices. The state
// machine only: it says which command to send and when, and takes the reply; the collector talks.
//
// A pass walks the keyspace once per pattern and begins every `interval`. What a pass has seen is
// known at once; what it has not seen is forgotten only after a pass that went all the way, so that
// a SCAN that ends half-way never makes anything smaller.
//
// The lists are one set of keys and each group is one; kMaxKeys and kMaxNameBytes bound each. A set
// that is over a cap ends its own walk only. Such a group is unknown; lists, of which each is known
// for itself, stay as they are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "collectors/redis/client.h"
#include "collectors/redis/known_keys.h"
#include "collectors/redis/options.h"

namespace headroom::redis {

// Of all names of one set together.
inline constexpr std::size_t kMaxNameBytes = std::size_t{64} << 20;

class Discovery {
 public:
  // `now`: the first pass is due at once.
  Discovery(const RedisOptions& options, SteadyTime now);

  bool HasWork() const { return !walks_.empty(); }
  // When the next slice is due. Precondition: HasWork().
  SteadyTime Next() const { return next_; }
  // The next slice's SCAN.
  void AddCommand(Batch& batch) const;
  // Its reply; `cost` is what the slice cost the server. On an Error the pass is abandoned as by
  // Fail().
  Status Take(const Reply& reply, SteadyTime started, Duration cost);
  // The slice could not be asked: the pass is abandoned, and the next attempt is due later.
  void Fail(const Error& error, SteadyTime now);
  // The connection is another one, so a cursor of the old one may belong to another server.
  void RestartPass();
  // What was found is not to be believed: nobody knows who belongs to a group until the next whole
  // pass, which begins now. (Lists are each known for themselves and stay.)
  void ForgetGroups(SteadyTime now);

  // Keys of list_patterns; nullptr until a pass has looked at the whole keyspace for them.
  KnownKeys* Lists() { return Set(0); }
  // Keys of one worker group's pattern; nullptr as above, or when the last walk found more than may
  // be kept. Precondition: the group has a pattern.
  KnownKeys* Group(std::size_t index) { return Set(1 + index); }
  // Engaged: passes have failed for so long that nobody knows any more who belongs to the group,
  // and why. (Workers that went are noticed by every run; those that came, by passes only.)
  std::optional<Error> Outdated(std::size_t index, SteadyTime now) const;
  // Every set has been looked for to the end, or to its cap.
  bool Complete() const;
  // When the last complete pass began.
  std::optional<SteadyTime> completed_at() const { return completed_at_; }
  // Why the last pass failed or was not complete; disengaged after a complete one.
  const std::optional<Error>& error() const { return error_; }

 private:
  // One walk over the keyspace for one pattern, into one set.
  struct Walk {
    std::string pattern;
    std::size_t set;
    bool lists_only;
  };
  struct KeySet {
    KnownKeys keys;
    std::size_t name_bytes = 0;  // not less than that of `keys`
    bool over_cap = false;       // the last walk ended there
    // When the last pass began that walked the whole keyspace for it; disengaged: `keys` are not
    // known to be all.
    std::optional<SteadyTime> walked;
  };
  KnownKeys* Set(std::size_t index);
  void Begin(SteadyTime now);
  // False: the set of the walk is full.
  bool Add(const Reply& keys, SteadyTime now);
  static bool HasRoom(const KeySet& set, std::size_t name_bytes);
  void DropGone(KeySet& set) const;
  void EndWalk();
  void EndWalkAtCap();
  void EndPass(SteadyTime now);
  void Adapt(Duration cost);

  std::vector<Walk> walks_;
  std::vector<KeySet> sets_;
  std::unordered_set<std::string> declared_;  // keys that have a queue of their own
  Duration interval_;
  SteadyTime next_;
  bool running_ = false;
  SteadyTime pass_began_;
  std::uint64_t pass_ = 0;
  std::size_t walk_ = 0;
  std::string cursor_ = "0";
  std::uint64_t count_;
  bool type_filter_ = true;
  Duration retry_after_;
  Duration pass_took_ = Duration::zero();  // the last one that ended
  bool broken_off_ = false;  // since the last pass that ended: by an error, or a new connection
  std::optional<SteadyTime> completed_at_;
  std::optional<Error> error_;
};

}  // namespace headroom::redis
