// What the tests of [[workload]] share: a configuration with every kind of target, read by the real
// collectors.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/registry.h"
#include "exporter/config/config.h"
#include "test/support/toml.h"

namespace headroom::test::workloads {

inline constexpr std::string_view kTargets = R"(
[[redis]]
name = "main"
url = "redis://127.0.0.1:6379/2"
lists = ["queue:known"]
  [[redis.queues]]
  name = "mail"
  keys = ["mail:1", "mail:2"]
  [[redis.workers]]
  group = "decision-workers"
  keys = "consumer:*"
  state_field = "state"
  states = ["idle", "working"]
  heartbeat_field = "updated_at"
  [[redis.workers]]
  group = "blind"
  keys = "blind:*"
  state_field = "state"
  states = ["working"]
[[rabbitmq]]
name = "broker"
url = "http://127.0.0.1:15672"
[[rabbitmq]]
name = "narrow"
url = "http://127.0.0.1:15672"
vhosts = ["app"]
readings = ["messages"]
[[postgresql]]
name = "db"
dsn = "host=127.0.0.1 user=monitor"
[[pgbouncer]]
name = "pooler"
dsn = "host=127.0.0.1 user=stats"
postgresql = "db"
[[pgbouncer]]
name = "alone"
dsn = "host=127.0.0.1 user=stats"
)";

struct Outcome {
  std::optional<Config> config;
  std::vector<std::string> about_workloads;  // messages that name a key of one
};

inline Outcome Parse(std::string_view workloads) {
  Diagnostics diagnostics;
  Outcome outcome;
  const auto root =
      ParseToml(std::string(kTargets) + std::string(workloads), "t.toml", diagnostics);
  if (root) outcome.config = ParseConfig(*root, CollectorTypes(), diagnostics);
  for (const std::string& message : Messages(diagnostics)) {
    if (message.find(" workload[") == std::string::npos) continue;
    outcome.about_workloads.push_back(message.substr(message.find(" workload[") + 1));
  }
  return outcome;
}

// A workload that lacks nothing but how much one worker is to do, with more lines.
inline std::string Plain(std::string_view more) {
  return "[[workload]]\nname='w'\nqueues=[{target='main',queue='q'}]\nmax=9\n" + std::string(more);
}

inline std::string Rated(std::string_view more) {
  return Plain("messages_per_worker=5\n" + std::string(more));
}

inline std::string Pools(std::string_view list, std::string_view more = "") {
  return Rated("pools=[" + std::string(list) + "]\n" + std::string(more));
}

}  // namespace headroom::test::workloads
