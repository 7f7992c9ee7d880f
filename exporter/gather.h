// Gather: asks a set of targets for one request and answers once, when all have answered or their
// time is up. Nobody blocks a thread meanwhile.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "exporter/event_loop.h"
#include "exporter/target_view.h"
#include "exporter/target_worker.h"

namespace headroom {

using Workers = std::vector<std::shared_ptr<TargetWorker>>;

// How long a request waits for targets that it did not ask for itself, once it has the others. A
// server that is well has answered by then.
inline constexpr Duration kJoinGrace = std::chrono::milliseconds(250);

// All are asked first, then waited for. A target is waited for until `deadline` or until its own
// timeout has passed since `arrival`, whichever is earlier, so that a target that hangs costs a
// request no more than its own timeout. Those that are not in `awaited` (none: all are) are needed
// for what they say about the others: they cost the request no more than kJoinGrace. `done` runs on
// `loop` with one entry per worker, in their order; it never runs when the loop stops first. `loop`
// must outlive the workers.
void Gather(EventLoop& loop, const Workers& workers, SteadyTime arrival, SteadyTime deadline,
            const std::vector<std::string>& awaited,
            std::function<void(std::vector<TargetView>)> done);

}  // namespace headroom
