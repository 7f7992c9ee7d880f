// Shorthands for tests of the calendar. Instants are text in UTC, so that a failure can be read.
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <string>

#include "collectors/clock.h"
#include "exporter/calendar/cron.h"
#include "exporter/calendar/time_zone.h"

namespace headroom::test {

// "2027-03-14 07:00" or "2027-03-14 07:00:30".
inline std::chrono::local_seconds Civil(const std::string& text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (std::sscanf(text.c_str(), "%d-%u-%u %d:%d:%d", &year, &month, &day, &hour, &minute, &second) <
      5) {
    throw std::invalid_argument(text);
  }
  const std::chrono::local_days date(std::chrono::year(year) / static_cast<int>(month) /
                                     static_cast<int>(day));
  return date + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second);
}

inline std::chrono::sys_seconds Utc(const std::string& text) {
  return std::chrono::sys_seconds(Civil(text).time_since_epoch());
}

// Seconds only where there are some.
template <class Clock>
std::string Text(std::chrono::time_point<Clock, std::chrono::seconds> t) {
  const auto day = std::chrono::floor<std::chrono::days>(t);
  const std::chrono::year_month_day date(
      std::chrono::sys_days(std::chrono::days(day.time_since_epoch().count())));
  const std::chrono::hh_mm_ss time(t - day);
  std::string text =
      fmt::format("{:04}-{:02}-{:02} {:02}:{:02}", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  time.hours().count(), time.minutes().count());
  if (time.seconds().count() != 0) text += fmt::format(":{:02}", time.seconds().count());
  return text;
}

inline std::string Text(WallTime t) {
  return Text(std::chrono::time_point_cast<std::chrono::seconds>(t));
}

inline TimeZone Zone(const std::string& name) { return TimeZone::Load(name).value(); }

inline CronSchedule Cron(std::string_view text) { return CronSchedule::Parse(text).value(); }

}  // namespace headroom::test
