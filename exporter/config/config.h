// Config: what to watch, checked and typed. Made from a Value tree, whatever that came from.
//
// A target's own keys are declared by its collector (CollectorType::parse); this file knows the
// keys that all targets share, and the rules between targets.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/clock.h"
#include "collectors/collector.h"
#include "collectors/options.h"
#include "exporter/workload/workloads.h"

namespace headroom {

// Bounds of the common keys; docs/configuration.md lists them for people.
inline constexpr Duration kMinTimeout = std::chrono::milliseconds(1);
inline constexpr Duration kMaxTimeout = std::chrono::seconds(60);
inline constexpr Duration kLongestMaxAge = std::chrono::minutes(5);
inline constexpr Duration kLongestSampleInterval = std::chrono::minutes(1);
inline constexpr std::int64_t kMostSeries = 10'000'000;
inline constexpr double kMinDuty = 0.001;

// One target. The defaults here are those of the configuration.
struct TargetConfig {
  std::string name;
  const CollectorType* type = nullptr;
  Duration timeout = std::chrono::seconds(2);  // of one run
  Duration max_age = std::chrono::seconds(1);  // two scrapes closer than this share a run
  std::optional<Duration> sample_interval;     // disengaged: runs only when asked
  std::int64_t max_series = 50'000;
  double max_duty = 0.1;  // the largest share of time that runs may take
  CollectorFactory make;
  std::vector<TargetLink> links;      // other targets that this one names; each exists
  std::vector<DeclaredGroup> groups;  // what workloads may name
  std::function<Result<DeclaredQueue>(const QueueName&)> declare;     // as in ParsedTarget
  std::function<Result<DeclaredPool>(const PoolName&)> declare_pool;  // likewise
  std::function<UsedGroup(std::string_view group)> use_group;         // likewise
  // By workloads alone: what `make` makes reads these beside what the table says.
  std::set<QueueName> workload_queues;
  std::set<PoolName> workload_pools;
  // A workload uses a group, and what `make` makes looks for its workers more often for that.
  bool used_group_changed = false;
  Value table;  // as written: the collector's own keys, for SameAs

  // Would a worker made from `other` do the same? Then a reload leaves the worker alone. Files that
  // the table names (secrets, certificates) are not compared: they are read at each connect.
  bool SameAs(const TargetConfig& other) const;
};

// The names of its links.
std::vector<std::string> LinkedTargets(const TargetConfig& target);

struct Config {
  std::vector<TargetConfig> targets;  // in the order of the configuration, per system
  Workloads workloads;                // by name
};

// Reads `root` (a table) completely and reports every mistake, sorted by place. Disengaged after an
// error. `types` must outlive the Config.
std::optional<Config> ParseConfig(const Value& root, std::span<const CollectorType> types,
                                  Diagnostics& diagnostics);

}  // namespace headroom
