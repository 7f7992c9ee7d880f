// Schedules as cron(5) writes them: minute, hour, day of month, month, day of week.
//
// A field is "*", a number, a name (JAN to DEC, SUN to SAT, in any case), a range "a-b", a step
// "*/n" or "a-b/n", or a list of these with commas. Sunday is 0 or 7, and SUN may end a range
// (SAT-SUN). Where both day fields are restricted, a day that satisfies either is meant; a field
// that begins with "*" ("*/2" too) is not restricted, and then the day must satisfy both: as Vixie
// cron, which is Debian's, has it. No seconds, no "@daily", no "L", "W", "#" or "?".
//
// Pure functions of the schedule: nothing ticks. A local time that a change of the clocks leaves
// out is the instant of that change, one that comes twice is the first of the two only (TimeZone),
// and what falls on one instant is one occurrence.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "collectors/result.h"
#include "exporter/calendar/time_zone.h"

namespace headroom {

class CronSchedule {
 public:
  // The error names the field and what it takes. One that no calendar satisfies (31 February) is an
  // error too, so that every schedule has occurrences, in the past as in the future.
  static Result<CronSchedule> Parse(std::string_view text);

  // The first occurrence at or after `t`, the last one at or before it. No walk over minutes: a
  // schedule for 29 February is found across 2100 as quickly.
  // Precondition: within the years -20,000 to 20,000.
  std::chrono::sys_seconds Next(std::chrono::sys_seconds t, const TimeZone& zone) const;
  std::chrono::sys_seconds Last(std::chrono::sys_seconds t, const TimeZone& zone) const;

  friend bool operator==(const CronSchedule&, const CronSchedule&) = default;

 private:
  CronSchedule() = default;
  bool Covers(const std::chrono::local_days& day) const;
  // From `day` on, that day included, forwards (`step` 1 day) or backwards (-1); the first day that
  // is covered. Disengaged when there is none at all.
  std::optional<std::chrono::local_days> FindDay(std::chrono::local_days day,
                                                 std::chrono::days step) const;
  // The time of day that is meant at or after `from`, or at or before `until`.
  std::optional<std::chrono::minutes> TimeFrom(std::chrono::minutes from) const;
  std::optional<std::chrono::minutes> TimeUntil(std::chrono::minutes until) const;

  // Bit n is set when the value n is meant.
  std::uint64_t minutes_ = 0;
  std::uint64_t hours_ = 0;
  std::uint64_t days_of_month_ = 0;
  std::uint64_t months_ = 0;
  std::uint64_t days_of_week_ = 0;  // Sunday is 0
  bool either_day_ = false;         // both day fields are restricted
};

}  // namespace headroom
