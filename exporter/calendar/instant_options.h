// A date-time of the configuration as an instant.
#pragma once

#include <optional>
#include <string_view>

#include "collectors/clock.h"
#include "collectors/options.h"
#include "exporter/calendar/time_zone.h"

namespace headroom {

// `written` is what stands under `key`. One without an offset is meant in `zone`; without that too
// it is an error, unless there is a time_zone among the options, which then has its own. The years
// are those that a WallTime can count. Disengaged after an error, and without `written`.
std::optional<WallTime> ReadInstant(OptionsReader& options, std::string_view key,
                                    const std::optional<WrittenDateTime>& written,
                                    const std::optional<TimeZone>& zone);

}  // namespace headroom
