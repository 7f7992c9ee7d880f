#include "collectors/rabbitmq/counter_guard.h"

#include <chrono>
#include <utility>

namespace headroom::rabbitmq {

std::uint64_t Epochs::Of(std::string source, const std::vector<CountingNode>& nodes,
                         SteadyTime now) {
  CountRestart(nodes, now);
  std::map<std::string, std::optional<double>> uptimes;
  for (const CountingNode& node : nodes) uptimes.emplace(node.name, node.uptime_seconds);
  bool same = source == source_ && uptimes.size() == uptimes_.size();
  for (auto before = uptimes_.begin(); same && before != uptimes_.end(); ++before) {
    const auto after = uptimes.find(before->first);
    if (after == uptimes.end()) {
      same = false;
    } else if (before->second && after->second) {
      same = *after->second >= *before->second;
    }
  }
  if (!same) ++epoch_;
  source_ = std::move(source);
  uptimes_ = std::move(uptimes);
  return epoch_;
}

// By when it started: the sources' uptimes cannot be compared with each other, as one of them is up
// to five seconds old. Such a lag makes a node that has just started look restarted, when its
// counters are next to nothing, and hides no restart.
void Epochs::CountRestart(const std::vector<CountingNode>& nodes, SteadyTime now) {
  if (nodes.size() != 1) {
    only_.clear();
    return;
  }
  const CountingNode& node = nodes.front();
  if (!node.uptime_seconds) return;
  const auto uptime = std::chrono::duration<double>(*node.uptime_seconds);
  if (node.name == only_ && now - only_seen_ > uptime) ++restarts_;
  only_ = node.name;
  only_seen_ = now;
}

std::optional<std::uint64_t> CounterGuard::Next(std::uint64_t raw, std::uint64_t epoch,
                                                std::size_t nodes, SteadyTime now,
                                                std::uint64_t restarts) {
  const bool made_anew = shown_ && epoch == epoch_ && raw < raw_ && nodes == 1;
  const bool restarted = restarts != restarts_;
  if (!shown_ || made_anew || restarted) {
    shown_ = raw;
    before_fall_.reset();
  } else if (epoch != epoch_) {
    before_fall_.reset();
  } else if (raw >= raw_) {
    const bool back = before_fall_ && raw >= *before_fall_;
    *shown_ += raw - (back ? *before_fall_ : raw_);
    if (back) before_fall_.reset();
  } else {
    if (!smaller_since_) smaller_since_ = now;
    if (now - *smaller_since_ < kPatience) return std::nullopt;
    if (!before_fall_) before_fall_ = raw_;
  }
  smaller_since_.reset();
  raw_ = raw;
  epoch_ = epoch;
  restarts_ = restarts;
  return shown_;
}

}  // namespace headroom::rabbitmq
