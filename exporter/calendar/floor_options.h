// [[workload.floor]]: the keys of one floor.
#pragma once

#include <optional>

#include "collectors/options.h"
#include "exporter/calendar/floor.h"

namespace headroom {

// Either schedule, time_zone and duration; or start and end, as date-times with an offset or as
// local ones with time_zone. Both take workers and lead (default 0). Every mistake goes to the
// reader's diagnostics, unknown keys included; disengaged after an error. Reads zone files.
std::optional<Floor> ParseFloor(OptionsReader& options);

}  // namespace headroom
