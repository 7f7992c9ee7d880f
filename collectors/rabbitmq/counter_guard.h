// CounterGuard: keeps a counter from inventing traffic.
//
// RabbitMQ counts a queue's messages on every node that has a channel to it, and both sources give
// the sum (the management API) or the addends (the plugin's pages). When a node leaves, its part of
// the sum leaves with it; when it comes back within the same cluster, the sum may jump. rate()
// would take a fall for a reset and a jump for traffic (truth rule 9). So differences are counted
// only between two runs that saw the same nodes, without a restart, in the same source.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "collectors/clock.h"
#include "collectors/rabbitmq/queue_row.h"

namespace headroom::rabbitmq {

// A node that takes part in a sum, and for how long it has been running.
struct CountingNode {
  std::string name;
  std::optional<double> uptime_seconds;
};

// Numbers the spans of time in which sums may be compared.
class Epochs {
 public:
  // `source` tells apart what cannot be compared at all. `now`: when the source had answered.
  std::uint64_t Of(std::string source, const std::vector<CountingNode>& nodes, SteadyTime now);
  // How often the only node was seen to have started anew, whichever source said so: since the
  // last time all its counters began at 0.
  std::uint64_t restarts() const { return restarts_; }

 private:
  void CountRestart(const std::vector<CountingNode>& nodes, SteadyTime now);

  std::uint64_t epoch_ = 0;
  std::uint64_t restarts_ = 0;
  std::string source_;
  std::map<std::string, std::optional<double>> uptimes_;
  std::string only_;      // the node that was alone, the last time; empty: there were several
  SteadyTime only_seen_;  // when it said how long it had been running
};

class CounterGuard {
 public:
  // How long a sum over several nodes may be smaller than it was before it counts anew.
  static constexpr Duration kPatience = std::chrono::seconds(30);

  // What to show for `raw`; disengaged while nobody can tell. `nodes`: how many take part: with one
  // a smaller number is a real reset (the queue was made anew), and passed on as such; so is a
  // restart of the only node (`restarts`, see Epochs, has grown since the last call). To count on
  // instead would show a number that this process alone knows, and its own end would look like a
  // reset to everything counted since.
  std::optional<std::uint64_t> Next(std::uint64_t raw, std::uint64_t epoch, std::size_t nodes,
                                    SteadyTime now, std::uint64_t restarts = 0);

 private:
  std::optional<std::uint64_t> shown_;
  std::uint64_t raw_ = 0;
  std::uint64_t epoch_ = 0;
  std::uint64_t restarts_ = 0;
  std::optional<SteadyTime> smaller_since_;
  // What the sum was before it became smaller and stayed so: if it comes back to that, a part of it
  // that was missing is back, and nothing has been counted.
  std::optional<std::uint64_t> before_fall_;
};

}  // namespace headroom::rabbitmq
