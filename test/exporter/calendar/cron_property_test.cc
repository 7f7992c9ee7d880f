// Cron schedules against a walk over every minute, which is slow and hard to get wrong.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "exporter/calendar/cron.h"
#include "test/support/calendar.h"

namespace headroom {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_seconds;
using test::Text;
using test::Utc;

using Random = std::mt19937;

int Draw(Random& random, int min, int max) {
  return std::uniform_int_distribution<int>(min, max)(random);
}

// A field as text, and what it means, each made from the same draw.
struct Field {
  std::string text;
  std::uint64_t values = 0;  // a bit each

  bool Has(unsigned value) const { return ((values >> value) & 1U) != 0; }
};

Field RandomField(Random& random, int min, int max, int star_percent) {
  Field field;
  const auto add = [&](int first, int last, int step) {
    for (int v = first; v <= last; v += step) field.values |= std::uint64_t{1} << v;
  };
  if (Draw(random, 1, 100) <= star_percent) {
    field.text = "*";
    add(min, max, 1);
    return field;
  }
  for (int elements = Draw(random, 1, 3); elements > 0; --elements) {
    const int first = Draw(random, min, max);
    const int last = Draw(random, first, max);
    const int step = Draw(random, 1, max - min);
    if (!field.text.empty()) field.text += ",";
    switch (Draw(random, 0, 3)) {
      case 0:
        field.text += fmt::format("{}-{}", first, last);
        add(first, last, 1);
        break;
      case 1:
        field.text += fmt::format("{}-{}/{}", first, last, step);
        add(first, last, step);
        break;
      case 2:
        field.text += fmt::format("*/{}", step);
        add(min, max, step);
        break;
      default:
        field.text += std::to_string(first);
        add(first, first, 1);
    }
  }
  return field;
}

struct Schedule {
  std::array<Field, 5> fields;

  explicit Schedule(Random& random)
      : fields{RandomField(random, 0, 59, 20), RandomField(random, 0, 23, 30),
               RandomField(random, 1, 31, 50), RandomField(random, 1, 12, 70),
               RandomField(random, 0, 7, 50)} {
    if (fields[4].Has(7)) fields[4].values |= 1U;
  }
  std::string text() const {
    return fmt::format("{} {} {} {} {}", fields[0].text, fields[1].text, fields[2].text,
                       fields[3].text, fields[4].text);
  }
};

// One local minute, and the instant at which it comes first or is passed over.
struct Minute {
  sys_seconds instant;
  unsigned minute, hour, day, month, weekday;
};

std::vector<Minute> Walk(const TimeZone& zone, sys_seconds begin, sys_seconds end) {
  std::vector<Minute> walked;
  auto seen = zone.ToLocal(begin - minutes(1));
  for (sys_seconds t = begin; t < end; t += minutes(1)) {
    for (const auto local = zone.ToLocal(t); seen < local;) {
      seen += minutes(1);
      const auto day = std::chrono::floor<std::chrono::days>(seen);
      const std::chrono::year_month_day date(day);
      const auto time = std::chrono::floor<minutes>(seen - day).count();
      walked.push_back({t, static_cast<unsigned>(time % 60), static_cast<unsigned>(time / 60),
                        static_cast<unsigned>(date.day()), static_cast<unsigned>(date.month()),
                        std::chrono::weekday(day).c_encoding()});
    }
  }
  return walked;
}

std::vector<sys_seconds> Occurrences(const std::vector<Minute>& walked, const Schedule& schedule) {
  std::vector<sys_seconds> found;
  const bool either =
      schedule.fields[2].text.front() != '*' && schedule.fields[4].text.front() != '*';
  const auto& [minute, hour, day, month, weekday] = schedule.fields;
  for (const Minute& m : walked) {
    if (!minute.Has(m.minute) || !hour.Has(m.hour) || !month.Has(m.month)) continue;
    const bool by_date = day.Has(m.day);
    const bool by_week = weekday.Has(m.weekday);
    if (either ? by_date || by_week : by_date && by_week) {
      if (found.empty() || found.back() != m.instant) found.push_back(m.instant);
    }
  }
  return found;
}

// Instants near the occurrences, where the clocks change, and anywhere else.
std::vector<sys_seconds> Probes(Random& random, const std::vector<sys_seconds>& occurrences,
                                const std::vector<Minute>& walked) {
  std::vector<sys_seconds> probes;
  for (int i = 0; i < 100; ++i) {
    const auto any = static_cast<std::size_t>(Draw(random, 0, static_cast<int>(walked.size()) - 1));
    probes.push_back(walked[any].instant + seconds(Draw(random, 0, 59)));
    if (occurrences.empty()) continue;
    const auto& at = occurrences[any % occurrences.size()];
    probes.insert(probes.end(), {at - seconds(1), at, at + seconds(1)});
  }
  for (std::size_t i = 1; i < walked.size(); ++i) {
    if (walked[i].instant == walked[i - 1].instant + minutes(1)) continue;
    probes.push_back(walked[i].instant + seconds(Draw(random, -7200, 7200)));
    probes.push_back(walked[i].instant);
  }
  return probes;
}

void Compare(const CronSchedule& cron, const TimeZone& zone,
             const std::vector<sys_seconds>& occurrences, const std::vector<sys_seconds>& probes) {
  for (const sys_seconds t : probes) {
    const auto after = std::lower_bound(occurrences.begin(), occurrences.end(), t);
    if (after != occurrences.end()) {
      const sys_seconds next = cron.Next(t, zone);
      ASSERT_TRUE(next == *after) << Text(next) << " from " << Text(t) << ", not " << Text(*after);
    }
    const auto beyond = std::upper_bound(occurrences.begin(), occurrences.end(), t);
    if (beyond != occurrences.begin()) {
      const sys_seconds last = cron.Last(t, zone);
      ASSERT_TRUE(last == beyond[-1])
          << Text(last) << " until " << Text(t) << ", not " << Text(beyond[-1]);
    }
  }
}

struct Period {
  const char* zone;
  const char* begin;
  const char* end;
};

class CronAgainstWalk : public testing::TestWithParam<Period> {};

TEST_P(CronAgainstWalk, FindsTheSameOccurrences) {
  const Period& period = GetParam();
  const TimeZone zone = test::Zone(period.zone);
  const auto walked = Walk(zone, Utc(period.begin), Utc(period.end));
  Random random(20'261'122);  // NOLINT: the same schedules in each run
  int compared = 0;
  for (int i = 0; i < 15; ++i) {
    const Schedule schedule(random);
    SCOPED_TRACE(fmt::format("\"{}\" in {}", schedule.text(), period.zone));
    const auto cron = CronSchedule::Parse(schedule.text());
    const auto occurrences = Occurrences(walked, schedule);
    if (!cron.ok()) {
      ASSERT_TRUE(occurrences.empty()) << cron.error().message;
      continue;
    }
    Compare(*cron, zone, occurrences, Probes(random, occurrences, walked));
    if (HasFatalFailure()) return;
    compared += occurrences.empty() ? 0 : 1;
  }
  EXPECT_GE(compared, 3);
}

INSTANTIATE_TEST_SUITE_P(
    Zones, CronAgainstWalk,
    testing::Values(Period{"Europe/Berlin", "2028-02-15 00:00", "2028-04-10 00:00"},
                    Period{"Europe/Berlin", "2028-09-20 00:00", "2028-11-10 00:00"},
                    Period{"America/New_York", "2050-02-20 00:00", "2050-04-10 00:00"},
                    Period{"America/New_York", "2050-10-01 00:00", "2050-11-20 00:00"},
                    Period{"Asia/Seoul", "2027-12-10 00:00", "2028-01-20 00:00"},
                    Period{"Australia/Lord_Howe", "2027-03-10 00:00", "2027-04-20 00:00"},
                    Period{"Australia/Lord_Howe", "2027-09-10 00:00", "2027-10-20 00:00"},
                    // Goes back at midnight, to the day before.
                    Period{"Africa/Cairo", "2026-10-10 00:00", "2026-11-20 00:00"},
                    // A day left out.
                    Period{"Pacific/Apia", "2011-12-10 00:00", "2012-01-20 00:00"},
                    // At one minute past midnight, back to the day before.
                    Period{"America/St_Johns", "2010-10-10 00:00", "2010-11-20 00:00"}));

}  // namespace
}  // namespace headroom
