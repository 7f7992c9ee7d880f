#include "collectors/redis/replica.h"

#include <fmt/format.h>

#include <string_view>

#include "collectors/redis/parts.h"

namespace headroom::redis {

namespace {

// Redis takes a silent link for broken after repl-timeout only, 60 s by default, while a primary
// says something every 10 s (repl-ping-replica-period). Unit: seconds.
constexpr int kSilence = 30;

}  // namespace

bool HasLostItsPrimary(const Info& info) {
  const auto status = info.Text("master_link_status");  // a primary does not say one
  if (!status) return false;
  const auto silence = info.Number("master_last_io_seconds_ago");
  return *status != "up" || (silence && *silence > kSilence);
}

void TakeOutKeys(Reading& reading) {
  reading.queues.clear();
  reading.worker_groups.clear();
  reading.problems.clear();
  for (Part& part : reading.parts) {
    if (part.error || (part.name != kQueuesPart && part.name != kWorkersPart)) continue;
    part.error =
        Error{ErrorKind::kConnect,
              fmt::format("a replica whose link to its primary is down, or silent for {} s: "
                          "what it holds may be old, or nothing yet",
                          kSilence)};
  }
}

}  // namespace headroom::redis
