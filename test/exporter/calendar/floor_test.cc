#include "exporter/calendar/floor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "collectors/options.h"
#include "test/support/calendar.h"

namespace headroom {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using test::Cron;
using test::Text;
using test::Utc;
using test::Zone;

Floor Recurring(std::string_view schedule, const std::string& zone, Duration duration,
                std::int64_t workers, Duration lead = {}) {
  return {RecurringEvent{Cron(schedule), Zone(zone), duration}, lead, workers};
}

Floor Once(const std::string& start, const std::string& end, std::int64_t workers,
           Duration lead = {}) {
  return {SingleEvent{Utc(start), Utc(end)}, lead, workers};
}

// "40 until 2026-11-27 02:00, next 120 at 2026-12-04 00:00"
std::string Words(const std::vector<Floor>& floors, WallTime t) {
  const FloorState state = FloorsAt(floors, t);
  std::string words = std::to_string(state.workers);
  if (state.until) words += " until " + Text(*state.until);
  if (!state.next) return words;
  return words + ", next " + std::to_string(state.next->workers) + " at " + Text(state.next->start);
}

std::string Words(const std::vector<Floor>& floors, const std::string& utc) {
  return Words(floors, Utc(utc));
}

// Fridays 09:00 to 11:00 in Seoul, half an hour ahead.
std::vector<Floor> Friday() {
  return {Recurring("0 9 * * FRI", "Asia/Seoul", hours(2), 120, minutes(30))};
}

TEST(Floors, WithoutAnyThereIsNone) {
  EXPECT_EQ(FloorsAt({}, Utc("2026-11-27 00:00")), FloorState());
}

TEST(Floors, AreActiveFromTheBeginningOfTheLeadUntilBeforeTheEnd) {
  const WallTime begin = Utc("2026-11-26 23:30");
  const WallTime end = Utc("2026-11-27 02:00");
  EXPECT_EQ(FloorsAt(Friday(), begin - Duration(1)).workers, 0);
  EXPECT_EQ(FloorsAt(Friday(), begin).workers, 120);
  EXPECT_EQ(FloorsAt(Friday(), begin).index, 0U);
  EXPECT_EQ(FloorsAt(Friday(), end - Duration(1)).workers, 120);
  EXPECT_EQ(FloorsAt(Friday(), end).workers, 0);
  EXPECT_EQ(FloorsAt(Friday(), end).index, std::nullopt);
}

TEST(Floors, TheNextOneIsTheFirstWhoseLeadHasNotBegunAndItsTimeIsTheStart) {
  EXPECT_EQ(Words(Friday(), "2026-11-26 23:29:59"),
            "0 until 2026-11-26 23:30, next 120 at 2026-11-27 00:00");
  EXPECT_EQ(Words(Friday(), "2026-11-26 23:30"),
            "120 until 2026-11-27 02:00, next 120 at 2026-12-04 00:00");
  EXPECT_EQ(Words(Friday(), "2026-11-27 02:00"),
            "0 until 2026-12-03 23:30, next 120 at 2026-12-04 00:00");
}

TEST(Floors, ALeadOfLessThanASecondCounts) {
  const std::vector<Floor> floors = {Recurring("0 9 * * *", "UTC", hours(1), 5, milliseconds(500))};
  const WallTime begin = Utc("2026-11-27 08:59:59") + milliseconds(500);
  EXPECT_EQ(FloorsAt(floors, begin - Duration(1)).workers, 0);
  EXPECT_EQ(FloorsAt(floors, begin - Duration(1)).next->start, Utc("2026-11-27 09:00"));
  EXPECT_EQ(FloorsAt(floors, begin).workers, 5);
  EXPECT_EQ(FloorsAt(floors, begin).next->start, Utc("2026-11-28 09:00"));
}

TEST(Floors, TheLargestActiveOneCountsAndHoldsUntilAnotherNumber) {
  const std::vector<Floor> floors = {Once("2026-11-27 08:00", "2026-11-27 14:00", 10),
                                     Once("2026-11-27 09:00", "2026-11-27 11:00", 40),
                                     Once("2026-11-27 10:00", "2026-11-27 12:00", 20)};
  EXPECT_EQ(Words(floors, "2026-11-27 08:30"),
            "10 until 2026-11-27 09:00, next 40 at 2026-11-27 09:00");
  EXPECT_EQ(Words(floors, "2026-11-27 09:30"),
            "40 until 2026-11-27 11:00, next 20 at 2026-11-27 10:00");
  EXPECT_EQ(Words(floors, "2026-11-27 10:30"), "40 until 2026-11-27 11:00");
  EXPECT_EQ(Words(floors, "2026-11-27 11:30"), "20 until 2026-11-27 12:00");
  EXPECT_EQ(Words(floors, "2026-11-27 12:30"), "10 until 2026-11-27 14:00");
  EXPECT_EQ(Words(floors, "2026-11-27 14:00"), "0");
}

TEST(Floors, OfEqualOnesTheFirstIsNamedAndTheLongestCounts) {
  const std::vector<Floor> floors = {Once("2026-11-27 08:00", "2026-11-27 09:00", 10),
                                     Once("2026-11-27 08:00", "2026-11-27 10:00", 10),
                                     Once("2026-11-27 10:00", "2026-11-27 11:00", 10),
                                     Once("2026-11-27 11:00:01", "2026-11-27 12:00", 10)};
  EXPECT_EQ(FloorsAt(floors, Utc("2026-11-27 08:30")).index, 0U);
  EXPECT_EQ(FloorsAt(floors, Utc("2026-11-27 09:30")).index, 1U);
  EXPECT_EQ(FloorsAt(floors, Utc("2026-11-27 08:30")).until, Utc("2026-11-27 11:00"));
}

TEST(Floors, OccurrencesThatOverlapAreOneEvent) {
  // Each lasts until after the one after the next; the night has none.
  const std::vector<Floor> floors = {Recurring("0 9-11 * * *", "UTC", minutes(150), 7)};
  EXPECT_EQ(Words(floors, "2026-11-27 09:00"),
            "7 until 2026-11-27 13:30, next 7 at 2026-11-27 10:00");
  EXPECT_EQ(Words(floors, "2026-11-27 13:29:59"),
            "7 until 2026-11-27 13:30, next 7 at 2026-11-28 09:00");
  EXPECT_EQ(Words(floors, "2026-11-27 13:30"),
            "0 until 2026-11-28 09:00, next 7 at 2026-11-28 09:00");
}

TEST(Floors, OneThatNeverEndsHoldsUntilALargerOneOrWithoutEnd) {
  std::vector<Floor> floors = {Recurring("0 0 * * *", "UTC", hours(30), 3)};
  EXPECT_EQ(Words(floors, "2026-11-27 09:00"), "3, next 3 at 2026-11-28 00:00");
  floors.push_back(Recurring("0 9 * * MON", "UTC", hours(1), 8));
  EXPECT_EQ(Words(floors, "2026-11-27 09:00"),
            "3 until 2026-11-30 09:00, next 3 at 2026-11-28 00:00");
}

TEST(Floors, AnEventLastsElapsedTimeAcrossAChangeOfTheClocks) {
  // From 01:00 local time; two hours later the clock shows 04:00 and 02:00.
  const std::vector<Floor> floors = {Recurring("0 1 * * *", "Europe/Berlin", hours(2), 4)};
  EXPECT_EQ(Words(floors, "2027-03-28 00:00"),
            "4 until 2027-03-28 02:00, next 4 at 2027-03-28 23:00");
  EXPECT_EQ(Words(floors, "2027-10-30 23:00"),
            "4 until 2027-10-31 01:00, next 4 at 2027-11-01 00:00");
}

TEST(Floors, AStartThatTheClocksLeaveOutIsTheInstantOfTheChange) {
  const std::vector<Floor> floors = {
      Recurring("30 2 * * *", "America/New_York", hours(1), 4, minutes(10))};
  EXPECT_EQ(Words(floors, "2027-03-14 06:49"),
            "0 until 2027-03-14 06:50, next 4 at 2027-03-14 07:00");
  EXPECT_EQ(Words(floors, "2027-03-14 07:59"),
            "4 until 2027-03-14 08:00, next 4 at 2027-03-15 06:30");
}

TEST(Floors, TheNextOneIsTheFirstToTakeEffect) {
  // The later event has the longer lead.
  const std::vector<Floor> floors = {Once("2026-11-27 09:00", "2026-11-27 11:00", 10),
                                     Once("2026-11-27 10:00", "2026-11-27 11:00", 20, hours(2))};
  EXPECT_EQ(Words(floors, "2026-11-27 07:00"),
            "0 until 2026-11-27 08:00, next 20 at 2026-11-27 10:00");
  EXPECT_EQ(Words(floors, "2026-11-27 08:00"),
            "20 until 2026-11-27 11:00, next 10 at 2026-11-27 09:00");
}

TEST(Floors, OfTwoThatBeginTogetherTheLargerIsNextThenTheEarlierToStart) {
  EXPECT_EQ(Words({Once("2026-11-27 09:00", "2026-11-27 11:00", 10),
                   Once("2026-11-27 10:00", "2026-11-27 11:00", 20, hours(1))},
                  "2026-11-27 07:00"),
            "0 until 2026-11-27 09:00, next 20 at 2026-11-27 10:00");
  EXPECT_EQ(Words({Once("2026-11-27 10:00", "2026-11-27 11:00", 20, hours(1)),
                   Once("2026-11-27 09:00", "2026-11-27 11:00", 20)},
                  "2026-11-27 07:00"),
            "0 until 2026-11-27 09:00, next 20 at 2026-11-27 09:00");
}

TEST(Floors, OneThatIsOverIsNeitherActiveNorNext) {
  EXPECT_EQ(Words({Once("2020-01-01 00:00", "2020-01-02 00:00", 10, hours(1))}, "2026-11-27 00:00"),
            "0");
}

TEST(Floors, FarTimesDoNotOverflow) {
  const std::vector<Floor> floors = {
      Recurring("0 0 29 2 *", "Europe/Berlin", kLongestDuration, 4, kLongestDuration),
      Once("1678-01-01 00:00", "2261-12-31 00:00", 2, kLongestDuration)};
  for (const char* t : {"1678-01-01 00:00", "1970-01-01 00:00", "2038-01-19 03:14:08",
                        "2100-02-28 00:00", "2261-12-31 23:59"}) {
    EXPECT_EQ(FloorsAt(floors, Utc(t)).workers, 4) << t;
  }
  EXPECT_EQ(FloorsAt(floors, WallTime::min()).workers, 4);
  EXPECT_EQ(FloorsAt(floors, WallTime::max()).next, std::nullopt);
}

}  // namespace
}  // namespace headroom
