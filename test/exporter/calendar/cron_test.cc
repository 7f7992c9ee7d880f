#include "exporter/calendar/cron.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "test/support/calendar.h"

namespace headroom {
namespace {

using std::chrono::seconds;
using test::Cron;
using test::Text;
using test::Utc;
using test::Zone;
using testing::ElementsAre;
using testing::HasSubstr;

std::string Next(std::string_view schedule, const std::string& zone, const std::string& utc) {
  return Text(Cron(schedule).Next(Utc(utc), Zone(zone)));
}

std::string Last(std::string_view schedule, const std::string& zone, const std::string& utc) {
  return Text(Cron(schedule).Last(Utc(utc), Zone(zone)));
}

// The first `count` occurrences from an instant on.
std::vector<std::string> Occurrences(std::string_view schedule, const std::string& zone,
                                     const std::string& utc, int count) {
  std::vector<std::string> found;
  for (auto t = Utc(utc); count > 0; --count, t += seconds(1)) {
    t = Cron(schedule).Next(t, Zone(zone));
    found.push_back(Text(t));
  }
  return found;
}

TEST(Cron, NextIsAtOrAfterAndLastAtOrBefore) {
  EXPECT_EQ(Next("0 9 * * FRI", "Asia/Seoul", "2026-11-26 00:00"), "2026-11-27 00:00");
  EXPECT_EQ(Next("0 9 * * FRI", "Asia/Seoul", "2026-11-27 00:00"), "2026-11-27 00:00");
  EXPECT_EQ(Next("0 9 * * FRI", "Asia/Seoul", "2026-11-27 00:00:01"), "2026-12-04 00:00");
  EXPECT_EQ(Last("0 9 * * FRI", "Asia/Seoul", "2026-11-27 00:00"), "2026-11-27 00:00");
  EXPECT_EQ(Last("0 9 * * FRI", "Asia/Seoul", "2026-11-26 23:59:59"), "2026-11-20 00:00");
}

TEST(Cron, BerlinGoesForward) {
  EXPECT_THAT(Occurrences("30 2 * * *", "Europe/Berlin", "2027-03-27 00:00", 3),
              ElementsAre("2027-03-27 01:30", "2027-03-28 01:00", "2027-03-29 00:30"));
  EXPECT_EQ(Last("30 2 * * *", "Europe/Berlin", "2027-03-28 12:00"), "2027-03-28 01:00");
  EXPECT_EQ(Last("30 2 * * *", "Europe/Berlin", "2027-03-28 00:59:59"), "2027-03-27 01:30");
}

TEST(Cron, OccurrencesOnOneInstantAreOne) {
  // 02:00, 02:30 and 03:00 all are 03:00 summer time.
  EXPECT_THAT(Occurrences("*/30 * * * *", "Europe/Berlin", "2027-03-28 00:30", 3),
              ElementsAre("2027-03-28 00:30", "2027-03-28 01:00", "2027-03-28 01:30"));
}

TEST(Cron, BerlinGoesBack) {
  EXPECT_THAT(Occurrences("30 2 * * *", "Europe/Berlin", "2027-10-30 12:00", 2),
              ElementsAre("2027-10-31 00:30", "2027-11-01 01:30"));
  EXPECT_EQ(Last("30 2 * * *", "Europe/Berlin", "2027-10-31 01:45"), "2027-10-31 00:30");
  // In the second pass an earlier local time than the last one of the first pass is shown.
  EXPECT_EQ(Last("50 2 * * *", "Europe/Berlin", "2027-10-31 01:10"), "2027-10-31 00:50");
  EXPECT_THAT(Occurrences("*/30 * * * *", "Europe/Berlin", "2027-10-31 00:30", 2),
              ElementsAre("2027-10-31 00:30", "2027-10-31 02:00"));
}

TEST(Cron, NewYorkBothWays) {
  EXPECT_EQ(Next("30 2 * * *", "America/New_York", "2027-03-14 06:00"), "2027-03-14 07:00");
  EXPECT_EQ(Next("30 1 * * *", "America/New_York", "2027-11-07 04:00"), "2027-11-07 05:30");
  EXPECT_EQ(Next("30 1 * * *", "America/New_York", "2027-11-07 05:31"), "2027-11-08 06:30");
}

TEST(Cron, LordHoweChangesByHalfAnHour) {
  EXPECT_EQ(Next("15 2 * * *", "Australia/Lord_Howe", "2027-10-02 12:00"), "2027-10-02 15:30");
  EXPECT_EQ(Next("45 1 * * *", "Australia/Lord_Howe", "2027-04-03 12:00"), "2027-04-03 14:45");
  EXPECT_EQ(Next("45 1 * * *", "Australia/Lord_Howe", "2027-04-03 14:46"), "2027-04-04 15:15");
}

TEST(Cron, ADayThatAZoneLeavesOutIsTheInstantOfTheChange) {
  // Samoa had no 30 December 2011.
  EXPECT_EQ(Next("0 12 30 12 *", "Pacific/Apia", "2011-12-01 00:00"), "2011-12-30 10:00");
}

TEST(Cron, FarYearsAreFound) {
  EXPECT_EQ(Next("0 9 * * *", "America/New_York", "2050-07-01 00:00"), "2050-07-01 13:00");
  EXPECT_EQ(Next("0 0 1 * *", "UTC", "2038-01-19 03:14:08"), "2038-02-01 00:00");
  EXPECT_EQ(Next("59 23 31 12 *", "UTC", "9999-12-31 23:59"), "9999-12-31 23:59");
  EXPECT_EQ(Last("0 0 1 1 *", "UTC", "1650-06-01 00:00"), "1650-01-01 00:00");
}

TEST(Cron, TheTwentyNinthOfFebruaryIsFoundAcross2100) {
  EXPECT_EQ(Next("0 0 29 2 *", "UTC", "2026-11-22 00:00"), "2028-02-29 00:00");
  EXPECT_EQ(Next("0 0 29 2 *", "UTC", "2096-02-29 00:01"), "2104-02-29 00:00");
  EXPECT_EQ(Last("0 0 29 2 *", "UTC", "2104-02-28 23:59"), "2096-02-29 00:00");
  // On a Sunday, since "*/7" does not restrict and both must hold.
  EXPECT_EQ(Next("0 0 29 2 */7", "UTC", "2088-03-01 00:00"), "2128-02-29 00:00");
}

TEST(Cron, TwoRestrictedDayFieldsMeanEither) {
  EXPECT_THAT(
      Occurrences("0 0 10 * FRI", "UTC", "2027-08-01 00:00", 4),
      ElementsAre("2027-08-06 00:00", "2027-08-10 00:00", "2027-08-13 00:00", "2027-08-20 00:00"));
}

TEST(Cron, ADayFieldThatBeginsWithAStarDoesNotRestrict) {
  EXPECT_THAT(Occurrences("0 0 13 * *", "UTC", "2027-08-01 00:00", 2),
              ElementsAre("2027-08-13 00:00", "2027-09-13 00:00"));
  EXPECT_THAT(Occurrences("0 0 * * FRI", "UTC", "2027-08-01 00:00", 2),
              ElementsAre("2027-08-06 00:00", "2027-08-13 00:00"));
  // Fridays on an odd day.
  EXPECT_THAT(Occurrences("0 0 */2 * FRI", "UTC", "2027-08-01 00:00", 2),
              ElementsAre("2027-08-13 00:00", "2027-08-27 00:00"));
  // A 13th that is a Sunday or a Friday.
  EXPECT_THAT(Occurrences("0 0 13 * */5", "UTC", "2027-01-01 00:00", 2),
              ElementsAre("2027-06-13 00:00", "2027-08-13 00:00"));
  // All days, written as a range, restrict: every day then.
  EXPECT_THAT(Occurrences("0 0 13 * 0-6", "UTC", "2027-08-01 00:00", 2),
              ElementsAre("2027-08-01 00:00", "2027-08-02 00:00"));
}

TEST(Cron, DifferentWordsForOneSchedule) {
  const std::pair<const char*, const char*> same[] = {
      {"0 9 * JAN,Feb,dec mon-FRI", "0 9 * 1,2,12 1-5"},
      {"0 0 * * 7", "0 0 * * SUN"},
      {"0 0 * * 0", "0 0 * * SUN"},
      {"0 0 * * SAT-SUN", "0 0 * * 6,0"},
      {"0 0 * * fri-7", "0 0 * * 5,6,0"},
      {"0 0 * * SUN-SUN", "0 0 * * 0"},
      {"*/20 0-23/12 1 * *", "0,20,40 0,12 1 * *"},
      {"10-30/10 09 1 */6 *", "10,20,30 9 1 1,7 *"},
      {"*/60 */24 1 */12 *", "0 0 1 1 *"},
      {"\t0   9 *\t* 1 ", "0 9 * * 1"},
      {"5,5,1-6/4 0 * * *", "1,5 0 * * *"}};
  for (const auto& [a, b] : same) EXPECT_EQ(Cron(a), Cron(b)) << a;
  EXPECT_NE(Cron("0 0 13 * 0-6"), Cron("0 0 13 * *"));
}

TEST(Cron, AScheduleThatNeverComesIsAnError) {
  const auto mistake = CronSchedule::Parse("0 0 31 2 *");
  ASSERT_FALSE(mistake.ok());
  EXPECT_EQ(mistake.error().message, "\"0 0 31 2 *\" never comes: no month has such a day");
  EXPECT_FALSE(CronSchedule::Parse("0 0 30 2 */2").ok());
  EXPECT_FALSE(CronSchedule::Parse("0 0 31 4,6,9,11 *").ok());
  // Fridays in February do come.
  EXPECT_EQ(Next("0 0 31 2 FRI", "UTC", "2027-01-01 00:00"), "2027-02-05 00:00");
}

struct Malformed {
  const char* text;
  const char* message;
};

class CronMistake : public testing::TestWithParam<Malformed> {};

TEST_P(CronMistake, NamesTheFieldAndWhatItTakes) {
  const auto schedule = CronSchedule::Parse(GetParam().text);
  ASSERT_FALSE(schedule.ok()) << GetParam().text;
  EXPECT_THAT(schedule.error().message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, CronMistake,
    testing::Values(
        Malformed{"", "expected five fields (minute, hour, day of month, month, day of week)"},
        Malformed{"@daily", "such as \"0 9 * * FRI\", got 1 in \"@daily\""},
        Malformed{"0 9 * *", "got 4 in"}, Malformed{"0 0 9 * * FRI", "got 6 in"},
        Malformed{"60 9 * * *", "minute: expected \"*\" or 0 to 59, as in \"*/15\", got \"60\""},
        Malformed{"-1 9 * * *", "minute: expected \"*\" or 0 to 59, as in \"*/15\", got \"-1\""},
        Malformed{"0 24 * * *", "hour: expected \"*\" or 0 to 23, as in \"9-17\", got \"24\""},
        Malformed{"0 9 0 * *", "day of month: expected \"*\" or 1 to 31, as in \"1,15\", got"},
        Malformed{"0 9 32 * *", "day of month: expected"}, Malformed{"0 9 L * *", "got \"L\""},
        Malformed{"0 9 15W * *", "got \"15W\""}, Malformed{"0 9 ? * *", "day of month: expected"},
        Malformed{"0 9 * 13 *",
                  "month: expected \"*\" or 1 to 12 or JAN to DEC, as in \"JAN-MAR\", got \"13\""},
        Malformed{"0 9 * 0 *", "month: expected"}, Malformed{"0 9 * JANUARY *", "month: expected"},
        Malformed{"0 9 * FRI *", "month: expected"},
        Malformed{"0 9 * * 8",
                  "day of week: expected \"*\" or 0 to 7 or SUN to SAT, as in \"MON-FRI\", got"},
        Malformed{"0 9 * * FRI#2", "day of week: expected"},
        Malformed{"0 9 * * MONDAY", "day of week: expected"},
        Malformed{"0 9 * * JAN", "day of week: expected"},
        Malformed{"1,,2 9 * * *", "minute: expected"}, Malformed{", 9 * * *", "minute: expected"},
        Malformed{"1, 9 * * *", "minute: expected"}, Malformed{"5- 9 * * *", "minute: expected"},
        Malformed{"1-2-3 9 * * *", "minute: expected"}, Malformed{"** 9 * * *", "minute: expected"},
        Malformed{"*-5 9 * * *", "minute: expected"}, Malformed{"+5 9 * * *", "minute: expected"},
        Malformed{"0x5 9 * * *", "minute: expected"}, Malformed{"1.5 9 * * *", "minute: expected"},
        Malformed{"99999999999999999999 9 * * *", "minute: expected"},
        Malformed{"a\nb 9 * * *", "got \"a\\x0ab\""},
        Malformed{"0 22-2 * * *", "hour: the range \"22-2\" runs backwards: write it as two"},
        Malformed{"0 9 * NOV-FEB *", "month: the range \"NOV-FEB\" runs backwards"},
        Malformed{"0 9 * * FRI-MON", "day of week: the range \"FRI-MON\" runs backwards"},
        Malformed{"5/15 9 * * *", "minute: a step follows \"*\" or a range, got \"5/15\""},
        Malformed{"*/0 9 * * *", "minute: expected a step from 1 to 60, got \"*/0\""},
        Malformed{"*/ 9 * * *", "minute: expected a step from 1 to 60"},
        Malformed{"*/90 9 * * *", "minute: expected a step from 1 to 60, got \"*/90\""},
        Malformed{"*/-5 9 * * *", "minute: expected a step"},
        Malformed{"*/5/5 9 * * *", "minute: expected a step"},
        Malformed{"0 9 * * */8", "day of week: expected a step from 1 to 7"}));

}  // namespace
}  // namespace headroom
