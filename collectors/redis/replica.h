// A replica without its primary. Pure.
#pragma once

#include "collectors/reading.h"
#include "collectors/redis/info.h"

namespace headroom::redis {

// Its link to the primary is down, or silent for longer than a primary ever is, or it still copies.
// Unless it is told not to (replica-serve-stale-data no), it answers all the same: with what it
// last had, or as if every key were missing when it was started without data (redis-server 7.0
// and 8.0 do).
bool HasLostItsPrimary(const Info& info);

// Takes out what its keys say: queues and workers, whose parts have failed then.
void TakeOutKeys(Reading& reading);

}  // namespace headroom::redis
