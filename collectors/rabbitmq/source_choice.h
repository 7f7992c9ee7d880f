// Which way a run takes to the queues' numbers, and why. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "collectors/rabbitmq/options.h"

namespace headroom::rabbitmq {

enum class Way {
  kByName,  // one small request of the management API per declared queue
  kList,    // one listing of the management API
  kPlugin,  // one page of each node's Prometheus plugin
};

struct Choice {
  Way way = Way::kPlugin;
  std::string why;  // "the management API's listing: ...": for the log and the page
};

// What is known when a run begins.
struct Situation {
  bool management_answers = false;   // in this run, and with statistics
  bool management_has_rates = true;  // management.rates_mode is not "none"
  bool plugin_rests = false;         // every node timed out lately
  std::optional<int> version;        // major; disengaged: not known yet
  std::size_t nodes = 1;             // of the cluster, as far as known
  // A page had a queue of ours with several exchanges. It counts what each of them published, and
  // their sum would fall whenever one is deleted.
  bool split_published = false;
};

// More declared queues than this are cheaper to find on a page than to ask for one by one: a lookup
// costs the broker about 3 ms, a page 7 ms and 10 us per queue (RabbitMQ 3.10.8,
// test/bench/rabbitmq_cost.py).
inline constexpr std::size_t kMaxByName = 8;

// Why the pages do not do for `rates` then.
inline constexpr std::string_view kSplitPublished =
    "the Prometheus plugin counts what is published by exchange, and a queue has several";

Choice Choose(const RabbitmqOptions& options, const Situation& situation);

// When the plugin was asked but the run cannot be made of it.
Choice InsteadOfPlugin(std::string reason);

// Can counters be told from the pages? The plugin has them per queue from RabbitMQ 4.0 on, but each
// node counts for its own clients: of several nodes they would be a sum whose parts come and go.
bool PluginHasRates(std::optional<int> version, std::size_t nodes);

}  // namespace headroom::rabbitmq
