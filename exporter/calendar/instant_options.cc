#include "exporter/calendar/instant_options.h"

#include <chrono>

namespace headroom {
namespace {

using std::chrono::sys_seconds;

// WallTime counts nanoseconds in 64 bits: years 1677 to 2262.
constexpr std::chrono::sys_days kFirstInstant = std::chrono::year(1678) / 1 / 1;
constexpr std::chrono::sys_days kLastInstant = std::chrono::year(2262) / 1 / 1;

}  // namespace

std::optional<WallTime> ReadInstant(OptionsReader& options, std::string_view key,
                                    const std::optional<WrittenDateTime>& written,
                                    const std::optional<TimeZone>& zone) {
  if (!written) return std::nullopt;
  if (!written->offset && !zone) {
    // A zone that is there and wrong has its own message.
    if (!options.Has("time_zone")) {
      options.Error(key, "needs a time_zone, or an offset from UTC behind it (+09:00, or Z)");
    }
    return std::nullopt;
  }
  const sys_seconds instant =
      written->offset ? sys_seconds(written->local.time_since_epoch()) - *written->offset
                      : zone->ToInstant(written->local);
  if (instant < kFirstInstant || instant >= kLastInstant) {
    options.Error(key, "expected a year from 1678 to 2261");
    return std::nullopt;
  }
  return WallTime(instant) + written->fraction;
}

}  // namespace headroom
