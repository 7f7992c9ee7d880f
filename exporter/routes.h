// Routes: what headroom answers over HTTP, on top of whichever server there is.
//
// Threads: Handle from the server's threads; it never blocks. Pages are built on the event loop.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "exporter/event_loop.h"
#include "exporter/http/server.h"
#include "exporter/selection.h"
#include "exporter/self_metrics.h"
#include "exporter/targets.h"

namespace headroom {

struct RoutesOptions {
  std::string telemetry_path = "/metrics";
  bool lifecycle = false;  // POST /-/reload
  bool gzip = false;
};

class Routes {
 public:
  // Reloads the configuration on a thread of its own choice, then calls back with what came of it.
  using Reload = std::function<void(std::function<void(Status)>)>;

  // All references must outlive the server that calls Handle, and the loop must outlive the
  // workers.
  Routes(RoutesOptions options, EventLoop& loop, const Targets& targets, SelfMetrics& self,
         Reload reload);

  void Handle(const HttpRequest& request, const std::shared_ptr<HttpReply>& reply);
  // From now on /-/ready says 503, so that no new traffic is sent here.
  void SetDraining() { draining_ = true; }

 private:
  void Scrape(const HttpRequest& request, const std::shared_ptr<HttpReply>& reply);
  std::string MetricsPage(std::vector<TargetView> targets, const Selection& selection) const;
  void StatusPage(const HttpRequest& request, const std::shared_ptr<HttpReply>& reply);
  void ReloadConfig(const std::shared_ptr<HttpReply>& reply);
  // Counts the pages being made; disengaged when there are too many, which has then been answered.
  std::shared_ptr<void> Admit(HttpReply& reply);

  const RoutesOptions options_;
  EventLoop& loop_;
  const Targets& targets_;
  SelfMetrics& self_;
  const Reload reload_;
  std::atomic<bool> draining_{false};
  std::shared_ptr<std::atomic<int>> in_flight_ = std::make_shared<std::atomic<int>>(0);
};

}  // namespace headroom
