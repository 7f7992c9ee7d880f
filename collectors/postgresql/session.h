// The settings of our session. Pure.
#pragma once

#include <string>

#include "collectors/clock.h"
#include "collectors/result.h"

namespace headroom::postgresql {

// The start-up parameter `options`. `limit`: how long a run may take. A statement ends after half
// of it at the latest, one that waits for a lock after a quarter, so that a statement that hangs
// costs its own part and not the run, and none outlives a run that was given up by more.
std::string SessionOptions(Duration limit);

// What a failed connection means, where that is clearer than what the server said: PgBouncer
// refuses the parameter.
Error ExplainConnectError(const Error& error);

}  // namespace headroom::postgresql
