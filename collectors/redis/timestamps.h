// Times that workers and producers write into Redis as text.
#pragma once

#include <optional>
#include <string_view>

#include "collectors/clock.h"

namespace headroom::redis {

// Reads epoch seconds (fractions allowed), epoch milliseconds, or ISO 8601 with date and time
// ("2026-01-01T09:00:00.25+09:00"; without a zone it is UTC, which is what Python's
// datetime.utcnow().isoformat() means). A number from 1e11 on is milliseconds: as seconds it would
// lie past the year 5138, as milliseconds 1e11 is March 1973. Disengaged for anything else, for
// negative numbers and for years outside 1970 to 2261.
std::optional<WallTime> ParseTimestamp(std::string_view text);

}  // namespace headroom::redis
