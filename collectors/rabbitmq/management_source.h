// ManagementSource: the requests that headroom makes to the management API.
//
// Facts, tried with RabbitMQ 3.10.8: an answer to a user who may not see something is 401, as it is
// to one who is unknown; a queue without statistics has no message counts in the normal mode. The
// mode for switched-off statistics (disable_stats and enable_queue_totals) is never used: it says 0
// for a quorum queue with messages in the first seconds after a start, and leaves queues out when
// a node is slow.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/clock.h"
#include "collectors/deadline.h"
#include "collectors/net/http_client.h"
#include "collectors/rabbitmq/dead_letters.h"
#include "collectors/rabbitmq/management_reply.h"
#include "collectors/rabbitmq/options.h"
#include "collectors/result.h"

namespace headroom::rabbitmq {

struct ServerView {
  Overview overview;
  std::vector<Node> nodes;
  std::optional<Error> nodes_error;  // engaged: the user may not see the nodes

  // Is every node of the cluster known to run? One that comes back is "running" before it has its
  // queues, for seconds in which lookups say 404; it has an uptime only once it has them (3.10.8).
  bool AllRunning() const;
  // For how long the youngest node has been running; disengaged: not known.
  std::optional<Duration> Uptime() const;
};

class ManagementSource {
 public:
  ManagementSource(const HttpClientOptions& options, const Wanted& wanted);

  // The other requests take its success as proof that the credentials are good: a 401 to them is
  // kPermission.
  Result<ServerView> Server(const Deadline& deadline);
  // Of all virtual hosts, or of one. An Error where there is no such virtual host (see Lookup()).
  Result<std::vector<QueueRow>> List(const std::optional<std::string>& vhost,
                                     const Deadline& deadline);
  // Disengaged: there is no such queue. A virtual host that is not found is an Error
  // (kUnsupported): so it looks, too, when a proxy changes "%2F" on the way. Likewise one called
  // "", "." or "..", which no path can name.
  Result<std::optional<QueueRow>> Lookup(const QueueId& queue, const Deadline& deadline);

  Result<std::vector<QueueTraits>> Traits(const std::optional<std::string>& vhost,
                                          const Deadline& deadline);
  Result<std::vector<Policy>> Policies(const Deadline& deadline);
  // Its kind and bindings; neither when there is no such exchange.
  Result<Exchange> AskExchange(std::string_view vhost, std::string_view name,
                               const Deadline& deadline);

 private:
  // The body of a 200; disengaged on a 404.
  Result<std::optional<std::string>> Get(const std::string& target, const Deadline& deadline);
  Result<std::string> GetExisting(const std::string& target, const Deadline& deadline);

  // Why a listing got a 404; Ok: the virtual host has come in between, and is empty.
  Status ExplainNoListing(const std::optional<std::string>& vhost, const Deadline& deadline);
  // Asked once: can the virtual host be named in a path?
  Status ProveVhost(const std::string& vhost, const Deadline& deadline);

  HttpClient client_;
  std::string columns_;  // of a queue
  std::set<std::string> proven_vhosts_;
};

}  // namespace headroom::rabbitmq
