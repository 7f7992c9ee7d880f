#include "collectors/redis/replica.h"

#include <string_view>

#include "collectors/redis/parts.h"

namespace headroom::redis {

bool HasLostItsPrimary(const Info& info) {
  // Redis takes a silent link for broken after repl-timeout only, 60 s by default, while a primary
  // says something every 10 s (repl-ping-replica-period).
  constexpr double kSilence = 30;
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
    part.error = Error{ErrorKind::kConnect,
                       "a replica whose link to its primary is down, or silent for 30 s: what it "
                       "holds may be old, or nothing yet"};
  }
}

}  // namespace headroom::redis
