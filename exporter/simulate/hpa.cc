#include "exporter/simulate/hpa.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "exporter/workload/wide.h"

namespace headroom {
namespace {

using std::chrono::seconds;

constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();  // replicas are an int32

// Whether value / of differs from 1 by no more than the tolerance; 0 / 0 does not. `of` is below
// 2^64, so all products fit.
bool Within(const Tolerance& tolerance, Wide value, Wide of) {
  if (of == 0) return value == 0;
  const Wide difference = value > of ? value - of : of - value;
  if (!tolerance) return difference == 0;
  return difference * static_cast<Wide>(tolerance->denominator) <=
         of * static_cast<Wide>(tolerance->numerator);
}

std::uint64_t AsReplicas(Wide replicas) {
  return static_cast<std::uint64_t>(std::min<Wide>(replicas, kMost));
}

Duration LongestPeriod(const HpaRules& up, const HpaRules& down) {
  Duration longest{};
  for (const HpaRules* rules : {&up, &down}) {
    for (const HpaPolicy& policy : rules->policies) longest = std::max(longest, policy.period);
  }
  return longest;
}

template <class Entries>
void Forget(Entries& entries, Duration until) {
  while (!entries.empty() && entries.front().at <= until) entries.pop_front();
}

template <class Entries>
std::int64_t SumAfter(const Entries& entries, Duration cutoff) {
  std::int64_t sum = 0;
  for (auto entry = entries.rbegin(); entry != entries.rend() && entry->at > cutoff; ++entry) {
    sum += entry->replicas;
  }
  return sum;
}

}  // namespace

HpaRules DefaultScaleUp() {
  return {
      seconds(0),
      HpaRules::Select::kMax,
      {{HpaPolicy::Type::kPods, 4, seconds(15)}, {HpaPolicy::Type::kPercent, 100, seconds(15)}}};
}

HpaRules DefaultScaleDown() {
  return {seconds(300), HpaRules::Select::kMax, {{HpaPolicy::Type::kPercent, 100, seconds(15)}}};
}

std::uint64_t AverageValueReplicas(std::uint64_t value, std::uint64_t target, HpaPods pods,
                                   const Tolerance& tolerance) {
  if (Within(tolerance, value, static_cast<Wide>(target) * pods.replicas)) return pods.replicas;
  return AsReplicas(DivideUp(value, target));
}

std::uint64_t ValueReplicas(std::uint64_t value, std::uint64_t target, HpaPods pods,
                            const Tolerance& tolerance) {
  if (pods.replicas == 0) return AsReplicas(DivideUp(value, target));
  if (Within(tolerance, value, target)) return pods.replicas;
  return AsReplicas(DivideUp(static_cast<Wide>(value) * pods.ready, target));
}

std::optional<std::uint64_t> ProposedReplicas(std::span<const HpaMetric> metrics, HpaPods pods,
                                              const Tolerance& tolerance) {
  std::optional<std::uint64_t> most;
  bool all = true;
  for (const HpaMetric& metric : metrics) {
    if (!metric.value) {
      all = false;
      continue;
    }
    const auto replicas =
        metric.type == HpaTarget::kAverageValue ? AverageValueReplicas : ValueReplicas;
    most = std::max(most, std::optional(replicas(*metric.value, metric.target, pods, tolerance)));
  }
  if (!all && most && *most < pods.replicas) return std::nullopt;
  return most;
}

std::uint64_t Hpa::Sync(Duration now, HpaPods pods, std::span<const HpaMetric> metrics) {
  const auto current = static_cast<std::int64_t>(pods.replicas);
  // A controller that starts does not know what was before, and takes what is there for it.
  if (recommendations_.empty()) recommendations_.push_back({now, current});
  const std::int64_t desired = Desired(now, pods, metrics);
  const Duration past = now - LongestPeriod(options_.up, options_.down);
  Forget(added_, past);
  Forget(removed_, past);
  if (desired > current) added_.push_back({now, desired - current});
  if (desired < current) removed_.push_back({now, current - desired});
  return static_cast<std::uint64_t>(desired);
}

std::int64_t Hpa::Desired(Duration now, HpaPods pods, std::span<const HpaMetric> metrics) {
  const auto current = static_cast<std::int64_t>(pods.replicas);
  // Replicas that somebody set to 0 are how autoscaling is switched off.
  if (current == 0 && options_.min != 0) return 0;
  if (pods.replicas > options_.max) return static_cast<std::int64_t>(options_.max);
  if (pods.replicas < options_.min) return static_cast<std::int64_t>(options_.min);
  const auto proposed = ProposedReplicas(metrics, pods, options_.tolerance);
  if (!proposed) return current;
  return LimitRate(now, current, Stabilize(now, current, static_cast<std::int64_t>(*proposed)));
}

std::int64_t Hpa::Stabilize(Duration now, std::int64_t current, std::int64_t desired) {
  const Duration up_window = options_.up.stabilization_window;
  const Duration down_window = options_.down.stabilization_window;
  std::int64_t least = desired;
  std::int64_t most = desired;
  for (const Entry& entry : recommendations_) {
    if (entry.at > now - up_window) least = std::min(least, entry.replicas);
    if (entry.at > now - down_window) most = std::max(most, entry.replicas);
  }
  recommendations_.push_back({now, desired});
  // At least the last one stays: that there was one is what is remembered.
  Forget(recommendations_, std::min(now - std::max(up_window, down_window), now - Duration(1)));
  return std::min(std::max(current, least), most);
}

std::int64_t Hpa::LimitRate(Duration now, std::int64_t current, std::int64_t desired) const {
  if (desired > current) {
    const std::int64_t limit = std::max(current, UpLimit(now, current));
    return std::min({desired, limit, static_cast<std::int64_t>(options_.max)});
  }
  if (desired < current) {
    const std::int64_t limit = std::min(current, DownLimit(now, current));
    return std::max({desired, limit, static_cast<std::int64_t>(options_.min)});
  }
  return desired;
}

std::int64_t Hpa::AtStartOf(Duration period, Duration now, std::int64_t current) const {
  return current - SumAfter(added_, now - period) + SumAfter(removed_, now - period);
}

std::int64_t Hpa::UpLimit(Duration now, std::int64_t current) const {
  const HpaRules& rules = options_.up;
  if (rules.select == HpaRules::Select::kDisabled) return current;
  std::optional<std::int64_t> limit;
  for (const HpaPolicy& policy : rules.policies) {
    const Wide start = AtStartOf(policy.period, now, current);
    const Wide allowed = policy.type == HpaPolicy::Type::kPods
                             ? start + policy.value
                             : DivideUp(std::max<Wide>(start, 0) * (100 + policy.value), 100);
    const auto pods = static_cast<std::int64_t>(std::min<Wide>(allowed, kMost));
    if (!limit) limit = pods;
    limit =
        rules.select == HpaRules::Select::kMin ? std::min(*limit, pods) : std::max(*limit, pods);
  }
  return limit.value_or(current);
}

std::int64_t Hpa::DownLimit(Duration now, std::int64_t current) const {
  const HpaRules& rules = options_.down;
  if (rules.select == HpaRules::Select::kDisabled) return current;
  std::optional<std::int64_t> limit;
  for (const HpaPolicy& policy : rules.policies) {
    const std::int64_t start = AtStartOf(policy.period, now, current);
    const Wide left = policy.type == HpaPolicy::Type::kPods
                          ? static_cast<Wide>(start) - policy.value
                          : std::max<Wide>(start, 0) * std::max<Wide>(100 - policy.value, 0) / 100;
    const auto pods = static_cast<std::int64_t>(std::max<Wide>(left, 0));
    if (!limit) limit = pods;
    // The policy that changes most leaves the fewest.
    limit =
        rules.select == HpaRules::Select::kMin ? std::max(*limit, pods) : std::min(*limit, pods);
  }
  return limit.value_or(current);
}

}  // namespace headroom
