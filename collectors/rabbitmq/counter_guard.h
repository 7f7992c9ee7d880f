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
  // `source` tells apart what cannot be compared at all.
  std::uint64_t Of(std::string source, const std::vector<CountingNode>& nodes);
  // Did the present span begin with a restart of the only node? Then all counters began at 0.
  bool from_zero() const { return from_zero_; }

 private:
  std::uint64_t epoch_ = 0;
  bool from_zero_ = false;
  std::string source_;
  std::map<std::string, std::optional<double>> uptimes_;
};

class CounterGuard {
 public:
  // How long a sum over several nodes may be smaller than it was before it counts anew.
  static constexpr Duration kPatience = std::chrono::seconds(30);

  // What to show for `raw`; disengaged while nobody can tell. `nodes`: how many take part: with one
  // a smaller number is a real reset (the queue was made anew), and passed on as such; so is a
  // restart of the only node (`from_zero`, see Epochs). To count on instead would show a number
  // that this process alone knows, and its own end would look like a reset to everything counted
  // since.
  std::optional<std::uint64_t> Next(std::uint64_t raw, std::uint64_t epoch, std::size_t nodes,
                                    SteadyTime now, bool from_zero = false);

 private:
  std::optional<std::uint64_t> shown_;
  std::uint64_t raw_ = 0;
  std::uint64_t epoch_ = 0;
  std::optional<SteadyTime> smaller_since_;
  // What the sum was before it became smaller and stayed so: if it comes back to that, a part of it
  // that was missing is back, and nothing has been counted.
  std::optional<std::uint64_t> before_fall_;
};

}  // namespace headroom::rabbitmq
