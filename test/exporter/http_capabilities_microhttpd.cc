#include "test/exporter/http_capabilities.h"

namespace headroom::test {

HttpCapabilities Capabilities() {
  return {.ipv6 = true,
          .idle_connections_are_free = true,
          .connection_limit = true,
          .refuses_declared_body = true,
          .times_every_head = true,
          .waiting_requests = 200,
          .stop_overhead = std::chrono::milliseconds(200)};
}

}  // namespace headroom::test
