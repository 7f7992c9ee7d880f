#include "exporter/calendar/time_zone.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "exporter/calendar/zone_names.h"
#include "test/support/calendar.h"
#include "test/support/scratch.h"

namespace headroom {
namespace {

using std::chrono::seconds;
using test::Civil;
using test::Text;
using test::Utc;
using test::Zone;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

std::string Instant(const std::string& zone, const std::string& local) {
  return Text(Zone(zone).ToInstant(Civil(local)));
}

std::string Latest(const std::string& zone, const std::string& utc) {
  return Text(Zone(zone).LatestLocal(Utc(utc)));
}

std::string Mistake(const std::string& name) {
  const auto zone = TimeZone::Load(name);
  return zone.ok() ? "" : zone.error().message;
}

TEST(TimeZone, OrdinaryLocalTimesHaveOneInstantAndBack) {
  EXPECT_EQ(Instant("Asia/Seoul", "2026-11-27 09:00"), "2026-11-27 00:00");
  EXPECT_EQ(Instant("Europe/Berlin", "2026-11-27 09:00"), "2026-11-27 08:00");
  EXPECT_EQ(Instant("America/New_York", "2026-07-01 09:00"), "2026-07-01 13:00");
  EXPECT_EQ(Instant("UTC", "2026-07-01 09:00:07"), "2026-07-01 09:00:07");
  EXPECT_EQ(Text(Zone("Asia/Kathmandu").ToLocal(Utc("2026-07-01 00:00"))), "2026-07-01 05:45");
  EXPECT_EQ(Zone("Asia/Kathmandu").name(), "Asia/Kathmandu");
}

TEST(TimeZone, SummerTimeGoesOnAfter2037) {
  EXPECT_EQ(Instant("America/New_York", "2050-07-01 09:00"), "2050-07-01 13:00");
  EXPECT_EQ(Instant("America/New_York", "2050-12-01 09:00"), "2050-12-01 14:00");
  EXPECT_EQ(Instant("Europe/Berlin", "2200-07-01 09:00"), "2200-07-01 07:00");
}

TEST(TimeZone, LeftOutLocalTimesAreTheInstantOfTheChange) {
  EXPECT_EQ(Instant("Europe/Berlin", "2027-03-28 01:59:59"), "2027-03-28 00:59:59");
  EXPECT_EQ(Instant("Europe/Berlin", "2027-03-28 02:00"), "2027-03-28 01:00");
  EXPECT_EQ(Instant("Europe/Berlin", "2027-03-28 02:59:59"), "2027-03-28 01:00");
  EXPECT_EQ(Instant("Europe/Berlin", "2027-03-28 03:00"), "2027-03-28 01:00");
  EXPECT_EQ(Instant("America/New_York", "2027-03-14 02:30"), "2027-03-14 07:00");
  EXPECT_EQ(Instant("Australia/Lord_Howe", "2027-10-03 02:15"), "2027-10-02 15:30");
}

TEST(TimeZone, RepeatedLocalTimesAreTheFirstOfTheTwo) {
  EXPECT_EQ(Instant("Europe/Berlin", "2027-10-31 02:30"), "2027-10-31 00:30");
  EXPECT_EQ(Instant("Europe/Berlin", "2027-10-31 03:00"), "2027-10-31 02:00");
  EXPECT_EQ(Instant("America/New_York", "2027-11-07 01:30"), "2027-11-07 05:30");
  EXPECT_EQ(Instant("Australia/Lord_Howe", "2027-04-04 01:45"), "2027-04-03 14:45");
}

TEST(TimeZone, LatestLocalIsTheEndOfTheRepeatedTimesInTheirSecondPass) {
  EXPECT_EQ(Latest("Europe/Berlin", "2027-10-31 00:10"), "2027-10-31 02:10");
  EXPECT_EQ(Latest("Europe/Berlin", "2027-10-31 00:59:59"), "2027-10-31 02:59:59");
  EXPECT_EQ(Latest("Europe/Berlin", "2027-10-31 01:00"), "2027-10-31 02:59:59");
  EXPECT_EQ(Latest("Europe/Berlin", "2027-10-31 01:59:59"), "2027-10-31 02:59:59");
  EXPECT_EQ(Latest("Europe/Berlin", "2027-10-31 02:00"), "2027-10-31 03:00");
}

TEST(TimeZone, LatestLocalCoversTheLeftOutTimesAtTheInstantOfTheChange) {
  EXPECT_EQ(Latest("Europe/Berlin", "2027-03-28 00:59:59"), "2027-03-28 01:59:59");
  EXPECT_EQ(Latest("Europe/Berlin", "2027-03-28 01:00"), "2027-03-28 03:00");
}

// What LatestLocal promises, second by second around each change of the clocks.
TEST(TimeZone, LatestLocalIsTheLastThatToInstantPutsAtOrBefore) {
  const std::pair<const char*, const char*> changes[] = {
      {"Europe/Berlin", "2027-03-28 01:00"},       {"Europe/Berlin", "2027-10-31 01:00"},
      {"America/New_York", "2027-03-14 07:00"},    {"America/New_York", "2027-11-07 06:00"},
      {"Australia/Lord_Howe", "2027-10-02 15:30"}, {"Australia/Lord_Howe", "2027-04-03 15:00"},
      {"Pacific/Apia", "2011-12-30 10:00"}};
  for (const auto& [name, change] : changes) {
    const TimeZone zone = Zone(name);
    for (seconds away(-4000); away <= seconds(4000); away += seconds(7)) {
      const auto t = Utc(change) + away;
      const auto latest = zone.LatestLocal(t);
      ASSERT_LE(zone.ToInstant(latest), t) << name << " " << Text(t);
      ASSERT_GT(zone.ToInstant(latest + seconds(1)), t) << name << " " << Text(t);
    }
  }
}

TEST(TimeZone, AnUnknownNameIsAnErrorWithTheNameThatWasMeant) {
  for (const std::string name : {"GMT+9", "UTC+9", "KST", "PST", "Etc/GMT+99"}) {
    EXPECT_EQ(Mistake(name), "unknown time zone \"" + name +
                                 "\": expected an IANA name such as \"Europe/Berlin\"");
  }
  EXPECT_EQ(Mistake("Asia/Soul"), "unknown time zone \"Asia/Soul\": did you mean \"Asia/Seoul\"?");
  EXPECT_EQ(Mistake("europe/berlin"),
            "unknown time zone \"europe/berlin\": did you mean \"Europe/Berlin\"?");
  EXPECT_EQ(Mistake("new york"),
            "unknown time zone \"new york\": did you mean \"America/New_York\"?");
  EXPECT_EQ(Mistake("Middle-earth/Hobbiton"),
            "unknown time zone \"Middle-earth/Hobbiton\": expected an IANA name such as "
            "\"Europe/Berlin\"");
}

TEST(TimeZone, PathsAndNamesThatAreNoPlaceAreRefused) {
  for (const char* name :
       {"", "/usr/share/zoneinfo/Europe/Berlin", "../zoneinfo/Europe/Berlin", "../../etc/passwd",
        "file:Europe/Berlin", "localtime", "posixrules", "Factory", "right/Europe/Berlin",
        "Fixed/UTC+09:00:00", "Europe", "Europe/", "zone.tab", "UTC+9"}) {
    EXPECT_THAT(Mistake(name), StartsWith("unknown time zone")) << name;
  }
}

TEST(TimeZone, NamesAreListedWithoutTheTablesBesideThem) {
  const auto names = ZoneNames(ZoneFolder());
  EXPECT_THAT(names, AllOf(Contains("Asia/Seoul"), Contains("UTC"),
                           Contains("America/Argentina/Buenos_Aires")));
  EXPECT_THAT(names, Each(Not(testing::AnyOf(HasSubstr(".tab"), StartsWith("right/"),
                                             StartsWith("posix"), HasSubstr("leap")))));
}

// Zones are kept for the life of the process, so these use names that no other test does.
class ZoneFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(scratch_.Path("Mars"));
    ::setenv("TZDIR", folder_.c_str(), 1);
  }
  void TearDown() override { ::unsetenv("TZDIR"); }

  test::Scratch scratch_;
  const std::string folder_ = scratch_.folder();
};

TEST_F(ZoneFiles, WithoutAnyTheErrorSaysThatTzdataIsMissing) {
  EXPECT_EQ(Mistake("Pacific/Chatham"), "tzdata is not installed: " + folder_ +
                                            " has no time zones, so that \"Pacific/Chatham\" "
                                            "cannot be looked up (Debian: apt-get install tzdata)");
  ::setenv("TZDIR", "/nonexistent", 1);
  EXPECT_THAT(Mistake("Pacific/Fiji"), StartsWith("tzdata is not installed: /nonexistent has"));
}

TEST_F(ZoneFiles, UtcNeedsNone) { EXPECT_EQ(Mistake("UTC"), ""); }

TEST_F(ZoneFiles, ADamagedOneIsToldApartFromAnUnknownName) {
  scratch_.Write("Mars/Olympus", "TZif2 and then nothing");
  EXPECT_EQ(Mistake("Mars/Olympus"), "the file of the time zone \"Mars/Olympus\" in " + folder_ +
                                         " cannot be read, or is damaged");
  EXPECT_EQ(Mistake("Mars/Olympia"),
            "unknown time zone \"Mars/Olympia\": did you mean \"Mars/Olympus\"?");
}

}  // namespace
}  // namespace headroom
