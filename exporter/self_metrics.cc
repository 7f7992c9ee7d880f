#include "exporter/self_metrics.h"

#include <prometheus/labels.h>

#include <algorithm>
#include <cstddef>

namespace headroom {
namespace {

constexpr std::array<std::string_view, 1> kVersionLabel = {"version"};
constexpr std::array<std::string_view, 3> kErrorLabels = {"target", "system", "reason"};

enum Index : std::size_t { kBuildInfo, kReloadSuccessful, kReloadTime, kErrors, kCount };

constexpr std::array<FamilyDesc, kCount> kFamilies = {{
    {"headroom_build_info", "Always 1; its label is the version of the exporter.",
     MetricType::kGauge, kVersionLabel},
    {"headroom_config_last_reload_successful",
     "1 when the configuration was good the last time it was read, else 0.", MetricType::kGauge},
    {"headroom_config_last_reload_success_timestamp_seconds",
     "Unix time at which a good configuration was last read.", MetricType::kGauge},
    {"headroom_target_errors_total",
     "Runs, parts and single objects of the target that failed, by reason.", MetricType::kCounter,
     kErrorLabels},
}};

template <class Builder>
auto& Register(Builder builder, Index index, prometheus::Registry& registry) {
  const FamilyDesc& family = kFamilies[index];
  return builder.Name(std::string(family.name)).Help(std::string(family.help)).Register(registry);
}

}  // namespace

void TargetErrors::Count(ErrorKind kind) {
  const auto* const at = std::find(kAllErrorKinds.begin(), kAllErrorKinds.end(), kind);
  if (at != kAllErrorKinds.end()) {
    by_kind_[static_cast<std::size_t>(at - kAllErrorKinds.begin())]->Increment();
  }
}

SelfMetrics::SelfMetrics(std::string_view version)
    : errors_(Register(prometheus::BuildCounter(), kErrors, registry_)),
      reload_successful_(Register(prometheus::BuildGauge(), kReloadSuccessful, registry_)),
      reload_time_(Register(prometheus::BuildGauge(), kReloadTime, registry_)) {
  Register(prometheus::BuildGauge(), kBuildInfo, registry_)
      .Add({{"version", std::string(version)}})
      .Set(1);
}

std::shared_ptr<TargetErrors> SelfMetrics::AddTarget(const std::string& target,
                                                     const std::string& system) {
  const Key key(target, system);
  const std::lock_guard lock(mutex_);
  std::weak_ptr<TargetErrors>& known = targets_[key];
  if (std::shared_ptr<TargetErrors> alive = known.lock()) return alive;

  std::array<prometheus::Counter*, kAllErrorKinds.size()> by_kind{};
  for (std::size_t i = 0; i < kAllErrorKinds.size(); ++i) {
    by_kind[i] = &errors_.Add(
        {{"target", target}, {"system", system}, {"reason", std::string(Name(kAllErrorKinds[i]))}});
  }
  std::shared_ptr<TargetErrors> made(new TargetErrors(by_kind),
                                     [this, key](TargetErrors* errors) { Release(key, errors); });
  known = made;
  return made;
}

// Runs when the last copy is gone. Between that and the lock another thread may have added the same
// target again: prometheus-cpp then gave it these very counters, which must stay.
void SelfMetrics::Release(const Key& key, TargetErrors* errors) {
  const std::unique_ptr<TargetErrors> owned(errors);
  const std::lock_guard lock(mutex_);
  const auto found = targets_.find(key);
  if (found == targets_.end() || !found->second.expired()) return;
  targets_.erase(found);
  for (prometheus::Counter* counter : owned->by_kind_) errors_.Remove(counter);
}

void SelfMetrics::ConfigLoaded(bool successful, WallTime when) {
  const std::lock_guard lock(mutex_);
  reload_successful_.Add({}).Set(successful ? 1 : 0);
  if (successful) reload_time_.Add({}).Set(UnixSeconds(when));
}

std::vector<prometheus::MetricFamily> SelfMetrics::Collect() const { return registry_.Collect(); }

std::span<const FamilyDesc> SelfFamilies() { return kFamilies; }

}  // namespace headroom
