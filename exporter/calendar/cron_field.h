// One field of a cron schedule as text: what it means, or what is wrong with it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "collectors/result.h"

namespace headroom {

// A field's place in the schedule and the values that it takes.
struct CronFieldKind {
  std::string_view name;  // as messages call it
  int min = 0;
  int max = 0;                              // at most 63
  std::span<const std::string_view> names;  // of the values from min on; empty: numbers only
  std::string_view example;
  // The day of the week: a range may end in SUN, which then is 7.
  bool sunday_ends_range = false;
};

// The values that are meant, bit n for the value n. The error begins with the field's name.
Result<std::uint64_t> ParseCronField(std::string_view text, const CronFieldKind& kind);

}  // namespace headroom
