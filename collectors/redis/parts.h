// The parts of a target of system redis.
#pragma once

#include <string_view>

namespace headroom::redis {

inline constexpr std::string_view kQueuesPart = "queues";
inline constexpr std::string_view kWorkersPart = "workers";
inline constexpr std::string_view kServerPart = "server";
inline constexpr std::string_view kDiscoveryPart = "discovery";

}  // namespace headroom::redis
