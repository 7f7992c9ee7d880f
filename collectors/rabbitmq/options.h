// What a [[rabbitmq]] table says, as types. docs/collectors/rabbitmq.md describes every key.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "collectors/collector.h"
#include "collectors/net/http_client.h"

namespace headroom::rabbitmq {

struct QueueId {
  std::string vhost;
  std::string name;
  friend bool operator==(const QueueId&, const QueueId&) = default;
  friend bool operator<(const QueueId& a, const QueueId& b) {
    return std::tie(a.vhost, a.name) < std::tie(b.vhost, b.name);
  }
};

// What is asked for beside the messages, which always are. Each costs the broker something.
struct Wanted {
  bool consumers = false;
  bool capacity = false;
  bool rates = false;
  bool age = false;
  bool memory = false;
  bool info = false;  // what changes rarely: kind, durability, dead-letter routes
};

enum class Source { kAuto, kManagement, kPlugin };

struct RabbitmqOptions {
  // At least one of the two is given.
  std::optional<HttpClientOptions> management;
  std::vector<HttpClientOptions> plugins;  // the Prometheus plugin, one per node
  Source source = Source::kAuto;
  Wanted wanted;
  std::vector<QueueId> queues;  // declared
  // Regular expressions (RE2, anchored, '.' matches a newline) on a queue's name. Empty `include`
  // with declared queues: no others.
  std::vector<std::string> include;
  std::vector<std::string> exclude;
  std::vector<std::string> vhosts;  // empty: all
  Duration pattern_ttl = std::chrono::hours(1);
  Duration discovery_interval = std::chrono::minutes(5);  // of info_pass.h

  bool Discovers() const { return queues.empty() || !include.empty(); }
};

// Reads the target's own keys; mistakes go to the reader's diagnostics and disengage the result.
std::optional<RabbitmqOptions> ParseOptions(OptionsReader& options);

// Declares the queue that a workload names, in the virtual host "/" unless it names another; what
// is discovered beside it stays the same. An Error where it cannot be read.
Result<DeclaredQueue> Declare(const QueueName& queue, RabbitmqOptions& options);

}  // namespace headroom::rabbitmq
