#include "exporter/targets.h"

#include <cstddef>
#include <utility>

#include "exporter/count_errors.h"
#include "exporter/target_log.h"

namespace headroom {

std::shared_ptr<TargetWorker> Targets::StartWorker(const TargetConfig& config) {
  WorkerOptions options;
  options.target = config.name;
  options.system = std::string(config.type->system);
  options.timeout = config.timeout;
  options.max_age = config.max_age;
  options.sample_interval = config.sample_interval;
  options.max_duty = config.max_duty;
  options.max_series = static_cast<std::size_t>(config.max_series);
  options.links = LinkedTargets(config);
  const auto log = std::make_shared<TargetLog>(logger_, options.target, options.system);
  const auto errors = self_.AddTarget(options.target, options.system);
  return std::make_shared<TargetWorker>(std::move(options), config.make, clock_,
                                        [log, errors](const Snapshot& run) {
                                          CountErrors(run, *errors);
                                          log->OnRun(run);
                                        });
}

void Targets::Apply(const Config& config) {
  Entries next;
  for (const TargetConfig& target : config.targets) {
    const auto running = entries_.find(target.name);
    const bool unchanged = running != entries_.end() && running->second.config.SameAs(target);
    auto worker = unchanged ? running->second.worker : StartWorker(target);
    next.emplace(target.name, Entry{target, std::move(worker)});
  }
  {
    const std::lock_guard lock(mutex_);
    entries_.swap(next);
    workloads_ = config.workloads;
  }
  for (auto& [name, old] : next) {
    const auto still = entries_.find(name);
    if (still == entries_.end() || still->second.worker != old.worker) old.worker->Stop();
  }
}

Running Targets::Current() const {
  const std::lock_guard lock(mutex_);
  Running running;
  running.workers.reserve(entries_.size());
  for (const auto& [name, entry] : entries_) running.workers.push_back(entry.worker);
  running.workloads = workloads_;
  return running;
}

void Targets::StopAll() {
  for (const auto& worker : Current().workers) worker->Stop();
}

}  // namespace headroom
