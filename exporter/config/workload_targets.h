// What a workload names of the targets: that it is there, and that it can serve the formulas.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "collectors/collector.h"
#include "collectors/options.h"
#include "exporter/config/config.h"
#include "exporter/workload/options.h"

namespace headroom {

// Mistakes go to the readers that are passed in. A target with mistakes of its own is not looked
// into.
class WorkloadTargets {
 public:
  // `targets` must outlive this.
  explicit WorkloadTargets(std::span<TargetConfig> targets) : targets_(targets) {}

  // Declares the queue to its target and completes its identity. Warns of one that another workload
  // drains too.
  void Declare(OptionsReader& in, WorkloadQueue& queue, const WorkloadOptions& workload);
  // Tells the target that the group is used. Warns of a group, and below of a pool, that another
  // workload has too.
  void CheckGroup(OptionsReader& in, const WorkloadGroup& group, const std::string& workload);
  // Declares it to a target that wants that. Precondition: min and pool_when_unknown are read.
  void CheckPool(OptionsReader& in, const WorkloadPool& pool, const WorkloadOptions& workload);
  // Of the target of this name; kNone when there is none.
  PoolKind PoolsOf(std::string_view target) const;

 private:
  // Null after an error, and when the target has mistakes of its own.
  TargetConfig* Find(OptionsReader& in, const std::string& name);
  void NoteAdded(OptionsReader& in, TargetConfig& target, const WorkloadQueue& queue,
                 const std::string& similar);
  void NoteDrain(OptionsReader& in, const WorkloadQueue& queue, const std::string& workload);
  void DeclarePool(OptionsReader& in, TargetConfig& pooler, const WorkloadPool& pool,
                   const WorkloadOptions& workload);
  void NotePool(OptionsReader& in, const WorkloadPool& pool, const std::string& workload);

  std::span<TargetConfig> targets_;
  // Which workload named a queue first, by target, name, vhost and db.
  std::map<std::tuple<std::string, std::string, std::string, std::string>, std::string> drained_by_;
  // Likewise a pool, by target, database and user, and a worker group, by target and name.
  std::map<std::tuple<std::string, std::string, std::string>, std::string> bound_by_;
  std::map<std::pair<std::string, std::string>, std::string> worked_by_;
};

}  // namespace headroom
