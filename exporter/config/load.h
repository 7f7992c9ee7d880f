// The whole configuration, from the file and the flags: at the start and at each reload.
#pragma once

#include <optional>
#include <span>

#include "exporter/config/config.h"
#include "exporter/config/flags.h"

namespace headroom {

// Reads the file of the flags anew (so do the ${VARIABLES} in it) and adds the targets of the
// flags. Reports every mistake; disengaged after an error. Blocks for as long as reading the file
// does.
std::optional<Config> LoadConfig(const Flags& flags, std::span<const CollectorType> types,
                                 Diagnostics& diagnostics);

}  // namespace headroom
