// The exporter's own instruments that live as long as the process: what it is, how its
// configuration fares, and the errors of its targets.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collectors/clock.h"
#include "collectors/result.h"
#include "exporter/exposition/family.h"

namespace headroom {

// headroom_target_errors_total of one target, one counter per reason. Safe from any thread.
class TargetErrors {
 public:
  explicit TargetErrors(std::array<prometheus::Counter*, kAllErrorKinds.size()> by_kind)
      : by_kind_(by_kind) {}
  void Count(ErrorKind kind);

 private:
  friend class SelfMetrics;
  std::array<prometheus::Counter*, kAllErrorKinds.size()> by_kind_;  // in order of kAllErrorKinds
};

// Threads: safe from any thread. Outlives every TargetErrors that it made.
class SelfMetrics {
 public:
  explicit SelfMetrics(std::string_view version);
  SelfMetrics(const SelfMetrics&) = delete;
  SelfMetrics& operator=(const SelfMetrics&) = delete;

  // All reasons are on the page, at 0, from now until the last copy of the result is gone. Asking
  // again meanwhile gives the same counters: a reload that keeps a target keeps its counts.
  std::shared_ptr<TargetErrors> AddTarget(const std::string& target, const std::string& system);

  // The configuration was read, at the start or by a reload. After a failure the time of the last
  // success stays; both series are absent before the first call, the time before the first success.
  void ConfigLoaded(bool successful, WallTime when);

  std::vector<prometheus::MetricFamily> Collect() const;

 private:
  using Key = std::pair<std::string, std::string>;  // target, system

  void Release(const Key& key, TargetErrors* errors);

  prometheus::Registry registry_;
  prometheus::Family<prometheus::Counter>& errors_;
  prometheus::Family<prometheus::Gauge>& reload_successful_;
  prometheus::Family<prometheus::Gauge>& reload_time_;

  std::mutex mutex_;
  std::map<Key, std::weak_ptr<TargetErrors>> targets_;  // guarded by mutex_
};

// Every family that SelfMetrics may return.
std::span<const FamilyDesc> SelfFamilies();

}  // namespace headroom
