// JoinedPools: what only several targets together can say about a target's pools, as numbers (for
// the status page and whoever computes with them) and as series. Made by exporter/pool_join.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "exporter/exposition/blocks.h"

namespace headroom {

// The limits on the way from a pooler's pool to its server, from the inside out.
enum class PoolLimit {
  kPoolSize,
  kPoolerDatabase,
  kPoolerUser,
  kServer,
  kServerDatabase,
  kServerRole,
  // No limits, but what hands out nothing has nothing to hand out.
  kPause,
  kDisabled,
};

// For people: "pool size", "the server's database", ...
std::string_view Name(PoolLimit limit);

// How many connections a pool can still hand out, and why not more; or what is not known about it.
struct Available {
  std::optional<std::uint64_t> connections;  // disengaged: unknown, or nothing limits it
  std::vector<PoolLimit> bound_by;           // all that leave just this much; none when unknown
  std::optional<PoolLimit> unknown;          // the first that is
};

struct JoinedPool {
  std::optional<Available> available;   // engaged: a pooler's pool
  std::optional<std::uint64_t> budget;  // on a server; disengaged: unknown, or no pooler names it
};

struct JoinedPools {
  std::vector<JoinedPool> pools;  // those of the run's Reading::pools, in their order
  Blocks blocks;
};

}  // namespace headroom
