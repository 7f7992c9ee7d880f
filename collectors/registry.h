// The table of collectors: explicit, in one place, without static initialisers.
#pragma once

#include <span>
#include <string_view>

#include "collectors/collector.h"

namespace headroom {

std::span<const CollectorType> CollectorTypes();
// Null when there is no such system.
const CollectorType* FindCollectorType(std::string_view system);

}  // namespace headroom
