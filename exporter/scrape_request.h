// What a request for /metrics asks for, read from its header and query. Pure.
#pragma once

#include <string>
#include <vector>

#include "collectors/clock.h"
#include "exporter/http/server.h"

namespace headroom {

// How long the answer may take.
//
// Prometheus says how long it waits in X-Prometheus-Scrape-Timeout-Seconds; we stay 250 ms below it
// (or take half of a very short one) so that the page arrives in time. Without a usable header 2.5
// s: KEDA sends none and gives up after 3 s (KEDA 2.20, KEDA_HTTP_DEFAULT_TIMEOUT). At most a
// minute.
Duration ScrapeBudget(const HttpRequest& request);

// The values of collect[], in order; empty: everything.
std::vector<std::string> RequestedNames(const HttpRequest& request);

// Does Accept-Encoding allow gzip (RFC 9110, 12.5.3)?
bool AcceptsGzip(const HttpRequest& request);

}  // namespace headroom
