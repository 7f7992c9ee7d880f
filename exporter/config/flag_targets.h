// Targets from flags and variables: what was given, turned into the table that a file would hold.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/collector.h"
#include "exporter/config/flags.h"

namespace headroom {

// "--redis.url"
std::string FlagName(const CollectorType& type, const CollectorFlag& flag);

// The values given on the command line for a flag ("--redis.url"), none when it was not.
using GivenFlags = std::function<std::vector<std::string>(const std::string& flag)>;

// Appends a target for each type whose URL was given. Returns what is wrong, in one line.
std::optional<std::string> ReadFlagTargets(std::span<const CollectorType> types,
                                           const GivenFlags& given,
                                           const EnvironmentLookup& environment,
                                           std::vector<FlagTarget>& targets);

// Would a person who reads this URL or connection string see a password? Rather too careful.
bool HoldsPassword(std::string_view url);

}  // namespace headroom
