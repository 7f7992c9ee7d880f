// The arithmetic of Kubernetes' HorizontalPodAutoscaler for External metrics, step by step: what it
// makes of the metrics at each sync.
//
// Facts from Kubernetes' documentation, "Horizontal Pod Autoscaling" (algorithm details,
// configurable scaling behavior, default behavior) and "HorizontalPodAutoscaler Walkthrough"; what
// these leave open from the reference of autoscaling/v2 and from the controller of Kubernetes 1.30
// (pkg/controller/podautoscaler: replica_calculator.go, horizontal.go).
//
// The controller computes in floating point, this exactly: a ratio that lies just on the edge of
// the tolerance is within it.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "collectors/clock.h"
#include "exporter/workload/ratio.h"

namespace headroom {

// `value` as a share of what was there: 1/10 is 10 %. Disengaged: none at all.
using Tolerance = std::optional<Ratio>;

// One policy allows a change by so many pods, or so many percent of those there were, within any
// period of that length.
struct HpaPolicy {
  enum class Type { kPods, kPercent };
  Type type = Type::kPods;
  std::int64_t value = 0;  // > 0
  Duration period{};       // > 0
  friend bool operator==(const HpaPolicy&, const HpaPolicy&) = default;
};

// One direction of `behavior`.
struct HpaRules {
  enum class Select { kMax, kMin, kDisabled };
  Duration stabilization_window{};
  Select select = Select::kMax;
  std::vector<HpaPolicy> policies;  // at least one
};

// As documented: up by 4 pods or 100 % in 15 s, the larger, at once; down by 100 % in 15 s, to the
// largest recommendation of the last 300 s.
HpaRules DefaultScaleUp();
HpaRules DefaultScaleDown();

struct HpaOptions {
  Duration sync = std::chrono::seconds(15);
  Tolerance tolerance = Ratio{1, 10};
  std::uint64_t min = 1;  // minReplicas
  std::uint64_t max = 1;  // maxReplicas
  HpaRules up = DefaultScaleUp();
  HpaRules down = DefaultScaleDown();
};

// AverageValue: the metric is divided by `target`, and that many pods there should be. Value: the
// pods that are ready are multiplied by metric / `target`.
enum class HpaTarget { kAverageValue, kValue };

struct HpaMetric {
  std::optional<std::uint64_t> value;  // disengaged: the metrics API has none
  HpaTarget type = HpaTarget::kAverageValue;
  std::uint64_t target = 1;  // >= 1
};

struct HpaPods {
  std::uint64_t replicas = 0;  // of the scale, whether they are ready or not
  std::uint64_t ready = 0;
};

// What one metric proposes. Within the tolerance that is the replicas that there are.
std::uint64_t AverageValueReplicas(std::uint64_t value, std::uint64_t target, HpaPods pods,
                                   const Tolerance& tolerance);
std::uint64_t ValueReplicas(std::uint64_t value, std::uint64_t target, HpaPods pods,
                            const Tolerance& tolerance);

// The largest that the metrics propose. Disengaged, which is no change: none has a value, or one
// has none and the others would scale down.
std::optional<std::uint64_t> ProposedReplicas(std::span<const HpaMetric> metrics, HpaPods pods,
                                              const Tolerance& tolerance);

// One autoscaler with its memory of past recommendations and changes. Not safe from two threads.
class Hpa {
 public:
  explicit Hpa(HpaOptions options) : options_(std::move(options)) {}

  // The replicas that there shall be from now on. `now` never falls from call to call.
  std::uint64_t Sync(Duration now, HpaPods pods, std::span<const HpaMetric> metrics);

 private:
  struct Entry {
    Duration at;
    std::int64_t replicas;
  };
  std::int64_t Desired(Duration now, HpaPods pods, std::span<const HpaMetric> metrics);
  std::int64_t Stabilize(Duration now, std::int64_t current, std::int64_t desired);
  std::int64_t LimitRate(Duration now, std::int64_t current, std::int64_t desired) const;
  std::int64_t UpLimit(Duration now, std::int64_t current) const;
  std::int64_t DownLimit(Duration now, std::int64_t current) const;
  // The replicas there would be without the changes of the last `period`.
  std::int64_t AtStartOf(Duration period, Duration now, std::int64_t current) const;

  HpaOptions options_;
  // The latest last; what no window and no period reaches back to is dropped.
  std::deque<Entry> recommendations_;
  std::deque<Entry> added_;
  std::deque<Entry> removed_;
};

}  // namespace headroom
