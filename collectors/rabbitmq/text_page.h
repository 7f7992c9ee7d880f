// The page of the broker's own Prometheus plugin (rabbitmq_prometheus, /metrics/detailed), as rows.
//
// A pure function of the bytes. Facts, tried with RabbitMQ 3.10.8 and 4.0.5:
// - A page belongs to one node and has the rows of the queues whose leader is there. The counters
//   (4.0) belong to the node to which the client is connected.
// - A queue without statistics (right after a start, or before its first tick of 5 s) has no row.
// - 3.10 writes label values as they are, without escaping quotes, backslashes and line feeds, so
//   that a queue's name can forge lines: queue_table.h. 4.0 escapes them.
// - A page ends with the families rabbitmq_build_info and rabbitmq_identity_info, the plugin's own
//   telemetry_*, and an empty line.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/rabbitmq/queue_row.h"
#include "collectors/result.h"

namespace headroom::rabbitmq {

struct TextPage {
  std::string node;                      // rabbitmq_identity_info; empty: not said
  std::string cluster;                   // its name
  std::string version;                   // "3.10.8", from rabbitmq_build_info; empty: not said
  std::optional<double> uptime_seconds;  // with family=node_metrics
  // One per (vhost, name), sorted by them. Never one whose name cannot be told for certain.
  // `published` is told of queues that get messages through one exchange only (queue_table.h).
  std::vector<QueueRow> rows;
  // Queues that the page has but whose names, or numbers, cannot be told for certain: each once,
  // but for those whose names have line feeds, which may count for more than one, or for the same.
  std::size_t unreadable = 0;
};

// kProtocol: not a page of this plugin, truncated, or one in which a name forges lines in a way
// that leaves no line to be trusted. Families that were not asked for only make fields disengaged.
Result<TextPage> ParseTextPage(std::string_view body);

}  // namespace headroom::rabbitmq
