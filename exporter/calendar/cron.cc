#include "exporter/calendar/cron.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <string>
#include <vector>

#include "collectors/suggest.h"
#include "exporter/calendar/cron_field.h"

namespace headroom {
namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::minutes;
using std::chrono::sys_seconds;

constexpr days kForwards(1);
constexpr days kBackwards(-1);
// After 400 years the Gregorian calendar repeats, days of the week included.
constexpr int kCalendarDays = 146'097;
constexpr minutes kLastMinute = std::chrono::hours(24) - minutes(1);
constexpr std::uint64_t kSeventhDay = std::uint64_t{1} << 7U;

constexpr std::array<std::string_view, 12> kMonths = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                      "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> kDays = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

constexpr std::array<CronFieldKind, 5> kFields = {{
    {"minute", 0, 59, {}, "*/15"},
    {"hour", 0, 23, {}, "9-17"},
    {"day of month", 1, 31, {}, "1,15"},
    {"month", 1, 12, kMonths, "JAN-MAR"},
    {"day of week", 0, 7, kDays, "MON-FRI", true},
}};

bool Holds(std::uint64_t bits, unsigned value) { return ((bits >> value) & 1U) != 0; }

std::optional<int> FirstFrom(std::uint64_t bits, unsigned from) {
  const std::uint64_t rest = bits >> from << from;
  return rest == 0 ? std::nullopt : std::optional(std::countr_zero(rest));
}

std::optional<int> LastUntil(std::uint64_t bits, unsigned until) {
  const std::uint64_t rest = bits << (63 - until) >> (63 - until);
  return rest == 0 ? std::nullopt : std::optional(63 - std::countl_zero(rest));
}

std::vector<std::string_view> Words(std::string_view text) {
  constexpr std::string_view kBlank = " \t";
  std::vector<std::string_view> words;
  for (std::size_t begin = text.find_first_not_of(kBlank); begin != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(kBlank, begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(kBlank, end);
  }
  return words;
}

local_days MonthAway(const std::chrono::year_month_day& date, days step) {
  const std::chrono::year_month month = date.year() / date.month();
  if (step == kForwards) return local_days((month + std::chrono::months(1)) / 1);
  return local_days(month / 1) - days(1);
}

}  // namespace

Result<CronSchedule> CronSchedule::Parse(std::string_view text) {
  const std::vector<std::string_view> words = Words(text);
  if (words.size() != kFields.size()) {
    return Error{ErrorKind::kUnsupported,
                 fmt::format("expected five fields (minute, hour, day of month, month, day of "
                             "week) such as \"0 9 * * FRI\", got {} in {}",
                             words.size(), Quoted(text))};
  }
  std::array<std::uint64_t, kFields.size()> bits{};
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    const auto values = ParseCronField(words[i], kFields[i]);
    if (!values.ok()) return values.error();
    bits[i] = *values;
  }
  if ((bits[4] & kSeventhDay) != 0) bits[4] = (bits[4] | 1U) & ~kSeventhDay;
  CronSchedule schedule;
  schedule.minutes_ = bits[0];
  schedule.hours_ = bits[1];
  schedule.days_of_month_ = bits[2];
  schedule.months_ = bits[3];
  schedule.days_of_week_ = bits[4];
  schedule.either_day_ = !words[2].starts_with('*') && !words[4].starts_with('*');
  if (!schedule.FindDay(local_days(), kForwards)) {
    return Error{ErrorKind::kUnsupported,
                 fmt::format("{} never comes: no month has such a day", Quoted(text))};
  }
  return schedule;
}

bool CronSchedule::Covers(const local_days& day) const {
  const std::chrono::year_month_day date(day);
  const bool in_month = Holds(days_of_month_, static_cast<unsigned>(date.day()));
  const bool in_week = Holds(days_of_week_, std::chrono::weekday(day).c_encoding());
  return Holds(months_, static_cast<unsigned>(date.month())) &&
         (either_day_ ? in_month || in_week : in_month && in_week);
}

std::optional<local_days> CronSchedule::FindDay(local_days day, days step) const {
  const local_days end = day + kCalendarDays * step;
  while ((end - day) * step.count() >= days(0)) {
    const std::chrono::year_month_day date(day);
    if (!Holds(months_, static_cast<unsigned>(date.month()))) {
      day = MonthAway(date, step);
    } else if (Covers(day)) {
      return day;
    } else {
      day += step;
    }
  }
  return std::nullopt;
}

std::optional<minutes> CronSchedule::TimeFrom(minutes from) const {
  const auto hour = static_cast<unsigned>(from / std::chrono::hours(1));
  const auto minute = static_cast<unsigned>((from % std::chrono::hours(1)).count());
  if (Holds(hours_, hour)) {
    if (const auto m = FirstFrom(minutes_, minute)) return std::chrono::hours(hour) + minutes(*m);
  }
  const auto later = FirstFrom(hours_, hour + 1);
  if (!later) return std::nullopt;
  return std::chrono::hours(*later) + minutes(std::countr_zero(minutes_));
}

std::optional<minutes> CronSchedule::TimeUntil(minutes until) const {
  const auto hour = static_cast<unsigned>(until / std::chrono::hours(1));
  const auto minute = static_cast<unsigned>((until % std::chrono::hours(1)).count());
  if (Holds(hours_, hour)) {
    if (const auto m = LastUntil(minutes_, minute)) return std::chrono::hours(hour) + minutes(*m);
  }
  const auto earlier = hour == 0 ? std::nullopt : LastUntil(hours_, hour - 1);
  if (!earlier) return std::nullopt;
  return std::chrono::hours(*earlier) + minutes(63 - std::countl_zero(minutes_));
}

sys_seconds CronSchedule::Next(sys_seconds t, const TimeZone& zone) const {
  const auto second = std::chrono::seconds(1);
  // All earlier local times have their instant before t.
  const auto from = std::chrono::ceil<minutes>(zone.LatestLocal(t - second) + second);
  const auto today = std::chrono::floor<days>(from);
  if (Covers(today)) {
    if (const auto time = TimeFrom(from - today)) return zone.ToInstant(today + *time);
  }
  const local_days day = FindDay(today + days(1), kForwards).value();
  return zone.ToInstant(day + TimeFrom(minutes(0)).value());
}

sys_seconds CronSchedule::Last(sys_seconds t, const TimeZone& zone) const {
  const auto until = std::chrono::floor<minutes>(zone.LatestLocal(t));
  const auto today = std::chrono::floor<days>(until);
  if (Covers(today)) {
    if (const auto time = TimeUntil(until - today)) return zone.ToInstant(today + *time);
  }
  const local_days day = FindDay(today - days(1), kBackwards).value();
  return zone.ToInstant(day + TimeUntil(kLastMinute).value());
}

}  // namespace headroom
