// Cron schedules: any text is a schedule or an error in one line, and what a schedule says about
// the instants before and after agrees with itself.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "exporter/calendar/cron.h"
#include "exporter/calendar/time_zone.h"

namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

void Check(bool holds) {
  if (!holds) std::abort();
}

void CheckSchedule(const headroom::CronSchedule& schedule, const headroom::TimeZone& zone,
                   sys_seconds t) {
  const sys_seconds next = schedule.Next(t, zone);
  const sys_seconds last = schedule.Last(t, zone);
  Check(last <= t && t <= next);
  Check((last == t) == (next == t));
  Check(schedule.Next(next, zone) == next && schedule.Last(next, zone) == next);
  Check(schedule.Last(last, zone) == last && schedule.Next(last, zone) == last);
  // Nothing lies between the two.
  if (last < next) {
    Check(schedule.Next(last + seconds(1), zone) == next);
    Check(schedule.Last(next - seconds(1), zone) == last);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const headroom::TimeZone zone = headroom::TimeZone::Load("Europe/Berlin").value();
  const std::string text(data, data + size);
  const auto schedule = headroom::CronSchedule::Parse(text);
  if (!schedule.ok()) {
    Check(!schedule.error().message.empty());
    Check(schedule.error().message.find('\n') == std::string::npos);
    return 0;
  }
  // Around both changes of the clocks in 2027, and around a century without a leap day.
  for (const std::int64_t around : {1'806'195'600L, 1'824'944'400L, 4'107'542'400L}) {
    for (const std::int64_t away : {-86'399, -1800, -1, 0, 1, 1799, 3600, 100'000}) {
      CheckSchedule(*schedule, zone, sys_seconds(seconds(around + away)));
    }
  }
  return 0;
}
