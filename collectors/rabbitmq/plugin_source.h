// PluginSource: the pages of the brokers' own Prometheus plugin, one per node, put together.
//
// A queue has its row on the page of the node that leads it, so the pages only add up: what a node
// that did not answer holds is unknown.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "collectors/deadline.h"
#include "collectors/net/http_client.h"
#include "collectors/rabbitmq/counter_guard.h"
#include "collectors/rabbitmq/options.h"
#include "collectors/rabbitmq/queue_row.h"
#include "collectors/result.h"

namespace headroom::rabbitmq {

struct PluginNode {
  std::string part;  // "node:rabbit-1:15692"
  std::optional<Error> error;
  CountingNode counting;  // as it calls itself; the name is empty without an answer
};

struct PluginView {
  std::vector<PluginNode> nodes;  // as configured
  std::vector<QueueRow> rows;     // sorted by virtual host and name, none twice
  // Queues whose rows cannot be read for certain.
  std::size_t unreadable = 0;
  std::vector<QueueId> contradicted;  // no row: two nodes say different things of it
  std::string version;                // the oldest; empty without an answer

  std::size_t Answered() const;
  // The error of the first node that did not answer. Precondition: there is one.
  const Error& FirstError() const;
};

class PluginSource {
 public:
  // A node that did not answer in time is not asked again for this long while there is another
  // source: each attempt may cost a share of the run's time.
  static constexpr Duration kRest = std::chrono::seconds(30);

  explicit PluginSource(const RabbitmqOptions& options);

  // `may_rest`: leave out the nodes that timed out lately. Each node gets an equal share of what
  // is left of the deadline when its turn comes.
  PluginView Fetch(const Deadline& deadline, bool may_rest);
  bool AllResting(SteadyTime now) const;

 private:
  struct Peer {
    std::string part;
    std::unique_ptr<HttpClient> client;
    std::optional<SteadyTime> rest_until;
  };
  std::optional<Error> FetchOne(Peer& peer, const Deadline& deadline, PluginNode& node,
                                PluginView& view) const;

  std::vector<Peer> peers_;
  std::string target_;  // of the request
};

// Puts the rows of several pages together: sorted, counters added up, everything else from the one
// row that has it. Rows that contradict each other leave no row. Returns which queues those were.
std::vector<QueueId> MergeRows(std::vector<QueueRow>& rows);

}  // namespace headroom::rabbitmq
