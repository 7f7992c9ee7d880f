#include "collectors/rabbitmq/counter_guard.h"

#include <utility>

namespace headroom::rabbitmq {

std::uint64_t Epochs::Of(std::string source, const std::vector<CountingNode>& nodes) {
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
  if (!same) {
    ++epoch_;
    from_zero_ = source == source_ && uptimes.size() == 1 && uptimes_.size() == 1 &&
                 uptimes.begin()->first == uptimes_.begin()->first;
  }
  source_ = std::move(source);
  uptimes_ = std::move(uptimes);
  return epoch_;
}

std::optional<std::uint64_t> CounterGuard::Next(std::uint64_t raw, std::uint64_t epoch,
                                                std::size_t nodes, SteadyTime now, bool from_zero) {
  const bool made_anew = shown_ && epoch == epoch_ && raw < raw_ && nodes == 1;
  const bool restarted = epoch != epoch_ && from_zero;
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
  return shown_;
}

}  // namespace headroom::rabbitmq
