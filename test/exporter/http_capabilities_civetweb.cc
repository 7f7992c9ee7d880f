#include <civetweb.h>

#include "test/exporter/http_capabilities.h"

namespace headroom::test {

HttpCapabilities Capabilities() {
  constexpr unsigned kFeatureIpv6 = 8;  // civetweb.h, mg_init_library; off in Debian 12's 1.15
  return {.ipv6 = mg_check_feature(kFeatureIpv6) != 0,
          .idle_connections_are_free = false,
          .connection_limit = false,
          .refuses_declared_body = false,
          .times_every_head = false,
          .waiting_requests = 8,
          .stop_overhead = std::chrono::milliseconds(3000)};
}

}  // namespace headroom::test
