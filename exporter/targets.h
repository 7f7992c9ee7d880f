// Targets: the workers and workloads of the running configuration, and the swap when it is
// reloaded.
//
// Threads: Current() from any thread; Apply and StopAll from one (main's).
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "exporter/config/config.h"
#include "exporter/log.h"
#include "exporter/selection.h"
#include "exporter/self_metrics.h"

namespace headroom {

class Targets {
 public:
  // All must outlive this.
  Targets(const Clock& clock, const Logger& logger, SelfMetrics& self)
      : clock_(clock), logger_(logger), self_(self) {}
  ~Targets() { StopAll(); }
  Targets(const Targets&) = delete;
  Targets& operator=(const Targets&) = delete;

  // Makes `config` the running one: a target whose settings are the same keeps its worker, and with
  // it its connection, its freshness and its back-off; others are started and stopped. Requests see
  // either the old set or the new one.
  void Apply(const Config& config);
  // By name. One state of the configuration: never workers of one and workloads of another.
  Running Current() const;
  void StopAll();

 private:
  struct Entry {
    TargetConfig config;
    std::shared_ptr<TargetWorker> worker;
  };
  using Entries = std::map<std::string, Entry>;

  std::shared_ptr<TargetWorker> StartWorker(const TargetConfig& config);

  const Clock& clock_;
  const Logger& logger_;
  SelfMetrics& self_;
  mutable std::mutex mutex_;
  // Written by main's thread with mutex_ held; read by others with it.
  Entries entries_;
  Workloads workloads_;
};

}  // namespace headroom
