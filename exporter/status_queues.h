// The queues of one target on the page at "/".
#pragma once

#include "collectors/reading.h"
#include "exporter/html.h"

namespace headroom {

// Those whose backlog is unknown first, then those that are missing or down, then the longest; at
// most a hundred of each. Nothing without queues.
void AppendQueues(Html& html, const Reading& reading);

}  // namespace headroom
