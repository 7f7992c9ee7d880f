#include "exporter/calendar/floor_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "test/support/calendar.h"
#include "test/support/toml.h"

namespace headroom {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using test::Cron;
using test::Messages;
using test::Text;
using test::Toml;
using test::Zone;
using testing::ElementsAre;
using testing::IsEmpty;

// Precondition: no mistakes.
Floor Read(std::string_view text) {
  const Value value = Toml(text);
  Diagnostics diagnostics;
  OptionsReader options(value, "workload[0].floor[0]", diagnostics);
  std::optional<Floor> floor = ParseFloor(options);
  EXPECT_THAT(Messages(diagnostics), IsEmpty());
  return std::move(floor).value();
}

// What is said about `text`, without the place in the file.
std::vector<std::string> Mistakes(std::string_view text) {
  const Value value = Toml(text);
  Diagnostics diagnostics;
  OptionsReader options(value, "f", diagnostics);
  EXPECT_FALSE(ParseFloor(options).has_value());
  std::vector<std::string> mistakes;
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    mistakes.push_back(diagnostic.key + ": " + diagnostic.message);
  }
  return mistakes;
}

std::string Single(std::string_view text) {
  const auto event = std::get<SingleEvent>(Read(text).event);
  return Text(event.start) + " to " + Text(event.end);
}

TEST(FloorOptions, AScheduleWithAllItsKeys) {
  const Floor floor = Read(
      "schedule = '0 9 * * FRI'\ntime_zone = 'Asia/Seoul'\nlead = '30m'\nduration = '2h'\n"
      "workers = 120\n");
  const Floor expected{RecurringEvent{Cron("0 9 * * FRI"), Zone("Asia/Seoul"), hours(2)},
                       minutes(30), 120};
  EXPECT_EQ(floor, expected);
}

TEST(FloorOptions, LeadIsZeroUnlessGiven) {
  const Floor floor =
      Read("schedule = '0 9 * * *'\ntime_zone = 'UTC'\nduration = '2h'\nworkers = 1\n");
  EXPECT_EQ(floor.lead, Duration::zero());
}

TEST(FloorOptions, DateTimesWithAnOffsetNeedNoZone) {
  EXPECT_EQ(Single("start = 2026-11-27T09:00:00+09:00\nend = 2026-11-27T03:30:00Z\nworkers = 5\n"),
            "2026-11-27 00:00 to 2026-11-27 03:30");
  const Floor floor = Read(
      "start = 2026-11-27T09:00:00.25-03:30\nend = 2026-11-28T00:00:00Z\nlead = '1h'\n"
      "workers = 5\n");
  EXPECT_EQ(std::get<SingleEvent>(floor.event).start,
            test::Utc("2026-11-27 12:30") + milliseconds(250));
  EXPECT_EQ(floor.lead, hours(1));
  EXPECT_EQ(floor.workers, 5);
}

TEST(FloorOptions, LocalDateTimesAreThoseOfTheZone) {
  EXPECT_EQ(Single("start = 2026-11-27T09:00:00\nend = 2026-11-27T12:00:00\nworkers = 5\n"
                   "time_zone = 'Europe/Berlin'\n"),
            "2026-11-27 08:00 to 2026-11-27 11:00");
  EXPECT_EQ(Single("start = 2026-11-27T09:00:00\nend = 2026-11-27T16:00:00Z\nworkers = 5\n"
                   "time_zone = 'America/New_York'\n"),
            "2026-11-27 14:00 to 2026-11-27 16:00");
}

TEST(FloorOptions, LocalDateTimesWhereTheClocksChange) {
  EXPECT_EQ(Single("start = 2027-03-28T02:30:00\nend = 2027-10-31T02:30:00\nworkers = 5\n"
                   "time_zone = 'Europe/Berlin'\n"),
            "2027-03-28 01:00 to 2027-10-31 00:30");
}

struct Case {
  const char* text;
  std::vector<std::string> mistakes;
};

class FloorMistake : public testing::TestWithParam<Case> {};

TEST_P(FloorMistake, IsNamedWithWhatIsExpected) {
  EXPECT_EQ(Mistakes(GetParam().text), GetParam().mistakes) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Recurring, FloorMistake,
    testing::Values(
        Case{"schedule = '0 9 * * FRI'\n",
             {"f: workers is missing", "f: time_zone is missing", "f: duration is missing"}},
        Case{"schedule = '0 9 * * FRO'\ntime_zone = 'UTC'\nduration = '1h'\nworkers = 1\n",
             {"f.schedule: day of week: expected \"*\" or 0 to 7 or SUN to SAT, as in "
              "\"MON-FRI\", got \"FRO\""}},
        Case{"schedule = '0 9 31 2 *'\ntime_zone = 'Erewhon'\nduration = '1h'\nworkers = 1\n",
             {"f.time_zone: unknown time zone \"Erewhon\": expected an IANA name such as "
              "\"Europe/Berlin\"",
              "f.schedule: \"0 9 31 2 *\" never comes: no month has such a day"}},
        Case{"schedule = 9\ntime_zone = ''\nduration = 3600\nworkers = '1'\nlead = '-1h'\n",
             {"f.schedule: expected a string, got an integer", "f.time_zone: must not be empty",
              "f.duration: expected a duration such as \"3600s\", got 3600",
              "f.lead: expected a duration such as \"5s\", got \"-1h\" (whole numbers of d, h, m, "
              "s and "
              "ms)",
              "f.workers: expected an integer from 1 to 1000000, got \"1\""}},
        Case{"schedule = '* * * * *'\ntime_zone = 'UTC'\nduration = '0s'\nworkers = 0\n",
             {"f.duration: expected a duration of at least 1s, got \"0s\"",
              "f.workers: expected an integer from 1 to 1000000, got 0"}},
        Case{"schedule = '* * * * *'\ntime_zone = 'UTC'\nduration = '1h'\nworkers = 1\n"
             "start = 2026-11-27T09:00:00Z\n",
             {"f.start: does not go with a schedule, which has a duration"}},
        Case{"schedule = '* * * * *'\ntimezone = 'UTC'\nduration = '1h'\nworkers = 1\n",
             {"f: time_zone is missing",
              "f.timezone: unknown key \"timezone\": did you mean \"time_zone\"?"}}));

INSTANTIATE_TEST_SUITE_P(
    Single, FloorMistake,
    testing::Values(
        Case{"workers = 1\nlead = '1h'\n",
             {"f: expected a schedule, with time_zone and duration, or start and end"}},
        Case{"workers = 1\nstart = 2026-11-27T09:00:00Z\n", {"f: end is missing"}},
        Case{"workers = 1\nend = 2026-11-27T09:00:00Z\nduration = '1h'\n",
             {"f: start is missing",
              "f.duration: goes with a schedule; an event that comes once has an end"}},
        Case{"workers = 1\nstart = 2026-11-27T09:00:00Z\nend = 2026-11-27T09:00:00Z\n",
             {"f.end: expected a time after start"}},
        Case{"workers = 1\nstart = 2027-03-28T02:10:00\nend = 2027-03-28T02:50:00\n"
             "time_zone = 'Europe/Berlin'\n",
             {"f.end: expected a time after start"}},
        Case{"workers = 1\nstart = 2026-11-27T09:00:00\nend = 2026-11-27T10:00:00Z\n",
             {"f.start: needs a time_zone, or an offset from UTC behind it (+09:00, or Z)"}},
        Case{"workers = 1\nstart = 2026-11-27T09:00:00\nend = 2026-11-27T10:00:00\n"
             "time_zone = 'Asia/Soul'\n",
             {"f.time_zone: unknown time zone \"Asia/Soul\": did you mean \"Asia/Seoul\"?"}},
        Case{"workers = 1\nstart = 2026-11-27T09:00:00Z\nend = 2026-11-27T10:00:00Z\n"
             "time_zone = 'UTC'\n",
             {"f.time_zone: has no effect: start and end have offsets of their own"}},
        Case{"workers = 1\nstart = '2026-11-27T09:00:00Z'\nend = 2026-11-27\n",
             {"f.start: expected a date-time without quotes, such as 2026-11-27T09:00:00 or "
              "2026-11-27T09:00:00+09:00, got \"2026-11-27T09:00:00Z\"",
              "f.end: expected a date-time without quotes, such as 2026-11-27T09:00:00 or "
              "2026-11-27T09:00:00+09:00, got a date"}},
        Case{"workers = 1\nstart = 1677-12-31T23:59:59Z\nend = 2262-01-01T00:00:00Z\n",
             {"f.start: expected a year from 1678 to 2261",
              "f.end: expected a year from 1678 to 2261"}}));

}  // namespace
}  // namespace headroom
