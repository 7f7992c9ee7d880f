// Places: which discovered queues have their own series when max_series does not suffice for all
// (truth rule 7).
//
// What max_series counts: the series of discovered queues and nothing else. Declared queues are a
// promise to somebody's HPA; worker groups, pools and facts grow with the configuration or with a
// bounded part of the server, while the number of discovered queues is up to whoever creates them.
// So an operator reads max_series as "what strangers' queues may cost me". The sum over the folded
// queues comes on top, at most five series.
//
// Threads: one instance belongs to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "collectors/clock.h"

namespace headroom {

class Places {
 public:
  // How long a queue must be empty, or not seen at all, before it can lose its place.
  static constexpr Duration kIdleBeforeYield = std::chrono::minutes(5);

  explicit Places(std::size_t max_series) : max_series_(max_series) {}

  struct Candidate {
    std::string_view key;       // identity; no two candidates share one
    std::size_t series = 0;     // what the queue would write
    std::uint64_t backlog = 0;  // ready + in_flight, as far as known
    bool empty = false;         // the backlog is known, and 0
  };

  // Whether each candidate has a place in this run, whole or not at all.
  //
  // Holders stay. A newcomer, the largest backlog first, takes free room; with a backlog of its own
  // it may also take the place of holders that have been idle for kIdleBeforeYield, the longest
  // idle first (an empty newcomer may not: two sets of empty queues would swap for ever). A
  // holder's price is the most it ever wrote, and at least 1, so that one that is unknown for a run
  // finds its room again. Only when the holders have come to write more than max_series does one
  // lose its place otherwise: idle ones first, then the smallest backlog. A holder that no run has
  // mentioned for kIdleBeforeYield is forgotten.
  std::vector<bool> Assign(std::span<const Candidate> candidates, SteadyTime now);

 private:
  struct Place {
    std::size_t price = 0;
    std::uint64_t backlog = 0;
    SteadyTime seen;
    std::optional<SteadyTime> idle_since;  // empty or unmentioned since then
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const {
      return std::hash<std::string_view>{}(key);
    }
  };
  using Map = std::unordered_map<std::string, Place, Hash, std::equal_to<>>;

  std::vector<const Candidate*> UpdateHolders(std::span<const Candidate> candidates,
                                              SteadyTime now);
  void MarkUnseen(SteadyTime now);
  std::vector<Map::const_iterator> WeakestFirst(SteadyTime idle_by) const;
  void ShrinkToFit();
  void Admit(std::vector<const Candidate*> newcomers, SteadyTime now);
  void Remove(Map::const_iterator place);

  std::size_t max_series_;
  std::size_t used_ = 0;  // sum of the prices
  Map places_;
};

}  // namespace headroom
