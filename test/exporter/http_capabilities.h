// What one implementation of exporter/http/server.h cannot do, so that the contract test says it
// aloud and asserts what happens instead. Everything that is not listed here holds for all.
#pragma once

#include <chrono>

namespace headroom::test {

struct HttpCapabilities {
  // False: addresses of IPv6 are refused with an error that names the reason.
  bool ipv6;
  // False: an idle connection holds a worker until idle_timeout; a request beyond the workers
  // waits.
  bool idle_connections_are_free;
  // False: max_connections is not enforced, connections beyond the workers wait in a queue.
  bool connection_limit;
  // False: a body of which too much is declared is read before it is refused.
  bool refuses_declared_body;
  // False: request_timeout holds for the first head on a connection, idle_timeout for the others.
  bool times_every_head;
  // How many requests may wait for their answers at once.
  int waiting_requests;
  // What Stop() may take beyond its grace.
  std::chrono::milliseconds stop_overhead;
};

HttpCapabilities Capabilities();

}  // namespace headroom::test
