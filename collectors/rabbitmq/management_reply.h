// Replies of RabbitMQ's management API, parsed. Pure functions of the bytes.
//
// Facts: RabbitMQ 3.10.8 and 4.0.5, tried. A member that is missing, null or of another type is
// unknown; anything that is not the JSON that was expected fails the
// whole reply (kProtocol), and nothing of it is used. Texts are valid UTF-8.
//
// Who may ask what (the same in both versions; a refusal is 401, never 403, for a wrong password
// too; the body's "reason" tells them apart):
//   /api/overview  any user with one of the tags management, policymaker, monitoring, administrator
//   /api/nodes     the tag monitoring or administrator
//   the others     as /api/overview, and a permission in the vhost (its patterns may all be "^$");
//                  no tag replaces it: `administrator` and `monitoring` are refused as well
//   /api/queues, /api/policies without a vhost: 200 and *only what is in vhosts that the user has a
//   permission in*, "[]" if there is none. An empty list does not say that there are no queues.
// A vhost that does not exist: 404 (bindings: 200 and "[]"). A queue that does not exist: 404; but
// 3.10 says 404 of a queue whose node is down, too, where 4.0 sends the queue as "stopped": only a
// list that has the others, or nodes that all run, make a 404 mean that the queue is missing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "collectors/rabbitmq/queue_row.h"
#include "collectors/result.h"

namespace headroom::rabbitmq {

// GET /api/queues[/vhost] without paging (an array), whatever columns were asked for; sorted by
// (vhost, name), none twice. Left out: a queue with the name "" (a definitions file can make one).
// A queue that does not run (down, stopped, crashed, minority) has no numbers, whatever the reply
// says of it. `body` keeps its content and gains capacity: simdjson reads past its end.
//
// Not trusted by itself: 3.10 and 4.0 leave queues out of the totals mode
// (disable_stats&enable_queue_totals) while their leader's node is down, and for 5 s after its
// return say 0 and 0 of quorum queues that hold messages; a stream has no numbers in it at all.
Result<std::vector<QueueRow>> ParseQueueList(std::string& body);
// GET /api/queues/vhost/name (an object).
Result<QueueRow> ParseQueue(std::string& body);

// GET /api/overview
struct Overview {
  std::string node;     // that answered; empty: not said, as to a user without the tag monitoring
  std::string version;  // empty: not said
  std::string erlang_version;
  std::string cluster_name;
  // management.disable_stats, or management_agent.disable_metrics_collector: then queues and nodes
  // have no numbers, from this node's API at least (each node has its own setting).
  bool stats_disabled = false;
  // management.rates_mode = none: then no queue has message_stats. Not said: false.
  bool no_rates = false;
  // object_totals, of the whole cluster. Disengaged where the broker is known to say 0 instead: to
  // a user without the tag monitoring; connections and channels without statistics.
  std::optional<std::uint64_t> queues;  // in all vhosts, whatever the user may see of them
  std::optional<std::uint64_t> connections;
  std::optional<std::uint64_t> channels;
};
Result<Overview> ParseOverview(std::string& body);

// GET /api/nodes: one entry of the array. A node that does not run is in it, by name only.
struct Node {
  std::string name;
  std::optional<bool> running;
  std::optional<std::uint64_t> uptime_ms;
  std::optional<std::uint64_t> memory_used;
  std::optional<std::uint64_t> memory_limit;
  std::optional<bool> memory_alarm;
  std::optional<std::uint64_t> disk_free;
  std::optional<std::uint64_t> disk_free_limit;
  std::optional<bool> disk_alarm;
  std::optional<std::uint64_t> fds_used;
  std::optional<std::uint64_t> fds_total;
  std::optional<std::uint64_t> partitions;  // nodes that this one is cut off from
};
Result<std::vector<Node>> ParseNodes(std::string& body);

// What never or rarely changes about the queues, from
// GET /api/queues?disable_stats=true&columns=vhost,name,type,durable,arguments,policy.
struct QueueTraits {
  std::string vhost;
  std::string name;
  std::string kind;
  std::optional<bool> durable;
  bool priorities = false;  // x-max-priority: its head is not its oldest message
  std::string policy;       // the name of the one that applies; empty: none
  std::optional<std::string> dead_letter_exchange;  // x-dead-letter-exchange; "" is the default one
  std::optional<std::string> dead_letter_routing_key;
};
Result<std::vector<QueueTraits>> ParseQueueTraits(std::string& body);

// GET /api/policies: the dead-letter settings of each policy.
struct Policy {
  std::string vhost;
  std::string name;
  std::optional<std::string> dead_letter_exchange;
  std::optional<std::string> dead_letter_routing_key;
};
Result<std::vector<Policy>> ParsePolicies(std::string& body);

// GET /api/exchanges/vhost/name/bindings/source ("[]" of an exchange that does not exist).
struct Binding {
  std::string queue;     // where it leads to; empty: to an exchange
  std::string exchange;  // likewise
  std::string routing_key;
};
Result<std::vector<Binding>> ParseBindings(std::string& body);
// GET /api/exchanges/vhost/name: "direct", "fanout", "topic", ...
Result<std::string> ParseExchangeKind(std::string& body);

}  // namespace headroom::rabbitmq
