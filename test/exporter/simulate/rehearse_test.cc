#include "exporter/simulate/rehearse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <ctime>
#include <string>

#include "test/support/rehearsal.h"

namespace headroom {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using test::Played;

const Moment& At(const Outcome& outcome, Duration at) {
  for (const Moment& moment : outcome.table) {
    if (moment.at == at) return moment;
  }
  throw std::out_of_range("no such row");
}

std::string Fixed(int workers, const std::string& arrivals) {
  return "play = \"2h\"\n[workload]\nservice_time = \"6m\"\nfinish_within = \"6m\"\nmax = 200\n" +
         arrivals + "[workers]\nfixed = " + std::to_string(workers) + "\n";
}

TEST(Rehearsal, TenWorkersNeedAnHourForAHundredMessagesOfSixMinutes) {
  const Outcome outcome = Played(Fixed(10, "[[arrivals]]\nmessages = 100\n"));
  EXPECT_EQ(outcome.drained, minutes(60));
  EXPECT_EQ(outcome.until_done.max, minutes(60));
  EXPECT_EQ(outcome.until_start.mean, minutes(27));
  EXPECT_EQ(outcome.backlog.number, 100U);
  EXPECT_EQ(outcome.waiting_peak.number, 90U);
  EXPECT_EQ(outcome.promise->kept, 10U);
  EXPECT_EQ(outcome.promise->broken, 90U);
  EXPECT_EQ(outcome.pod_nanoseconds, static_cast<Wide>(Duration(minutes(1200)).count()));
}

TEST(Rehearsal, OneWorkerPerMessageNeedsOneServiceTime) {
  const Outcome outcome = Played(Fixed(100, "[[arrivals]]\nat = \"1m\"\nmessages = 100\n"));
  EXPECT_EQ(outcome.drained, minutes(7));
  EXPECT_EQ(outcome.first_arrival, minutes(1));
  EXPECT_EQ(outcome.promise->kept, 100U);
  EXPECT_EQ(outcome.waiting_peak.number, 0U);
}

TEST(Rehearsal, TheTableSaysWhatTheExporterWould) {
  const Outcome outcome = Played(Fixed(10, "[[arrivals]]\nmessages = 100\n"));
  EXPECT_EQ(At(outcome, minutes(0)).says.recommended_workers, 100U);
  EXPECT_EQ(At(outcome, minutes(30)).done, 50U);
  EXPECT_EQ(At(outcome, minutes(30)).says.recommended_workers, 50U);
  EXPECT_EQ(At(outcome, minutes(55)).says.busy_workers, 10U);
}

TEST(Rehearsal, WhatIsNotDrainedIsSaidAndWhatIsTooLateIsBroken) {
  const Outcome outcome = Played(Fixed(1,
                                       "[[arrivals]]\nmessages = 30\n[[arrivals]]\n"
                                       "at = \"119m\"\nmessages = 5\n"));
  EXPECT_EQ(outcome.drained, std::nullopt);
  EXPECT_EQ(outcome.done, 20U);
  EXPECT_EQ(outcome.waiting, 14U);
  EXPECT_EQ(outcome.in_flight, 1U);
  EXPECT_EQ(outcome.promise->kept, 1U);
  EXPECT_EQ(outcome.promise->broken, 29U);
  EXPECT_EQ(outcome.promise->open, 5U);
}

constexpr const char* kScaled = R"(
play = "20m"
[workload]
service_time = "1m"
finish_within = "2m"
min = 2
max = 50
[[arrivals]]
at = "7s"
messages = 60
[workers]
startup = "20s"
grace = "30s"
[workers.hpa]
)";

TEST(Rehearsal, TheHpaSeesACrowdOneScrapeAndOneSyncLater) {
  const Outcome outcome = Played(kScaled);
  // Scraped at 15 s, synced at 30 s, working 20 s after that.
  const auto first_more = std::find_if(outcome.curve.begin(), outcome.curve.end(),
                                       [](const Moment& m) { return m.starting > 0; });
  EXPECT_GE(first_more->at, seconds(30));
  EXPECT_LT(first_more->at, seconds(37));
  const auto working = std::find_if(outcome.curve.begin(), outcome.curve.end(),
                                    [](const Moment& m) { return m.working > 2; });
  EXPECT_GE(working->at, seconds(50));
  EXPECT_LT(working->at, seconds(57));
}

TEST(Rehearsal, AFasterScrapeReactsSooner) {
  std::string text = kScaled;
  const Outcome slow = Played(text);
  const Outcome fast = Played(text + "scrape_interval = \"1s\"\n");
  EXPECT_LT(*fast.drained, *slow.drained);
}

TEST(Rehearsal, ScaledInWorkersFinishWithinTheirGraceOrAreInterrupted) {
  // The signal does not count busy workers: it forgets what is in flight as soon as it is few.
  std::string text = kScaled;
  text +=
      "signal = \"backlog\"\ntarget = 10\n"
      "scale_down = { stabilization_window = \"0s\" }\n";
  const Outcome killed = Played(text);
  EXPECT_GT(killed.interrupted, 0U);
  EXPECT_EQ(killed.done, 60U);  // they are begun again
  text.replace(text.find("grace = \"30s\""), 13, "grace = \"60s\"");
  EXPECT_EQ(Played(text).interrupted, 0U);
}

TEST(Rehearsal, TheRecommendationNeverInterruptsMoreThanItMust) {
  // Busy workers are counted: with grace for one message nobody is killed.
  std::string text = kScaled;
  text.replace(text.find("grace = \"30s\""), 13, "grace = \"60s\"");
  EXPECT_EQ(Played(text).interrupted, 0U);
}

constexpr const char* kFloor = R"(
start = 2026-11-27T08:00:00+09:00
play = "2h"
[workload]
service_time = "6m"
finish_within = "6m"
min = 2
max = 200
[[workload.floor]]
schedule = "0 9 * * FRI"
time_zone = "Asia/Seoul"
lead = "30m"
duration = "45m"
workers = 100
[[arrivals]]
at = "1h"
messages = 100
[workers]
startup = "1m"
grace = "6m"
[workers.hpa]
)";

TEST(Rehearsal, AFloorOfTheCalendarHasItsWorkersBeforeTheCrowd) {
  const Outcome outcome = Played(kFloor);
  EXPECT_EQ(outcome.first_floor->at, minutes(30));
  EXPECT_EQ(outcome.first_floor->workers, 100U);
  EXPECT_EQ(At(outcome, minutes(25)).says.minimum_workers, 2U);
  EXPECT_EQ(At(outcome, minutes(30)).says.minimum_workers, 100U);
  EXPECT_EQ(At(outcome, minutes(105)).says.minimum_workers, 2U);
  EXPECT_GE(At(outcome, minutes(40)).working, 91U);  // 10 % is within the tolerance
}

TEST(Rehearsal, TheFloorFallsWhereTheCalendarHasIt) {
  std::string text = kFloor;
  text.replace(text.find("2026-11-27"), 10, "2026-11-26");  // a Thursday
  const Outcome outcome = Played(text);
  EXPECT_FALSE(outcome.first_floor.has_value());
  EXPECT_GT(*outcome.drained, *Played(kFloor).drained);
}

std::string WithDatabase(const std::string& workers) {
  return R"(
play = "30m"
[workload]
service_time = "2m"
finish_within = "2m"
min = 2
max = 100
connections_per_worker = 0.9
reserve = 5
[[arrivals]]
messages = 100
[database]
pool_size = 60
max_connections = 100
reserved_connections = 3
others_on_server = 47
[workers]
grace = "2m"
)" + workers;
}

TEST(Rehearsal, TheCapOfThePoolsKeepsTheDatabase) {
  const Outcome outcome = Played(WithDatabase("[workers.hpa]\n"));
  EXPECT_EQ(outcome.database->room, 50U);                 // 100 - 3 - 47
  EXPECT_EQ(outcome.database->room_beside_reserve, 45U);  // less the reserve
  EXPECT_EQ(outcome.database->cap_workers, 50U);          // 45 / 0.9, exactly
  EXPECT_LE(outcome.workers.number, 50U);
  EXPECT_EQ(outcome.database->exhausted.total, Duration::zero());
  EXPECT_EQ(outcome.database->into_reserve.total, Duration::zero());
}

TEST(Rehearsal, AScalerThatIgnoresTheCapExhaustsTheDatabase) {
  const Outcome outcome = Played(WithDatabase("[workers.hpa]\nsignal = \"wanted\"\n"));
  ASSERT_GT(outcome.workers.number, 60U);
  const DatabaseOutcome& database = *outcome.database;
  // Rounded up: a tenth of a connection is one.
  EXPECT_EQ(database.most_wanted, (outcome.workers.number * 9 + 9) / 10);
  EXPECT_EQ(database.exhausted.most, database.most_wanted - 50);
  EXPECT_GT(database.exhausted.total, seconds(30));
  EXPECT_GT(database.into_reserve.total, database.exhausted.total);
}

TEST(Rehearsal, FixedWorkersBeyondTheCapExhaustItAllTheTime) {
  const Outcome outcome = Played(
      WithDatabase("fixed = 60\n")
          .replace(WithDatabase("").find("grace"), std::string("grace = \"2m\"\n").size(), ""));
  EXPECT_EQ(outcome.database->exhausted.first, Duration::zero());
  EXPECT_EQ(outcome.database->exhausted.total, minutes(30));
  EXPECT_EQ(outcome.database->exhausted.most, 4U);
}

TEST(Rehearsal, AQueueThatForgetsWhatIsInFlightCountsOnlyWhatWaits) {
  const std::string text = Fixed(10, "[[arrivals]]\nmessages = 100\n");
  const Outcome outcome = Played("counts_in_flight = false\n" + text);
  EXPECT_EQ(outcome.drained, minutes(60));
  EXPECT_EQ(At(outcome, minutes(0)).says.recommended_workers, 90U);
  EXPECT_EQ(At(outcome, minutes(55)).says.recommended_workers, 10U);  // busy ones
  EXPECT_EQ(At(outcome, minutes(55)).says.live_workers, 10U);
}

TEST(Rehearsal, FifteenThousandMessagesTakeWellUnderASecond) {
  const std::clock_t begin = std::clock();  // of the processor: whoever else runs does not count
  const Outcome outcome = Played(R"(
play = "30m"
[workload]
service_time = "500ms"
finish_within = "30s"
concurrency = 10
min = 2
max = 60
[[arrivals]]
at = "1m"
over = "1s"
messages = 15000
[workers]
startup = "30s"
[workers.hpa]
)");
  EXPECT_EQ(outcome.done, 15000U);
  // Without optimisation and under a sanitizer; a release build takes a tenth.
  EXPECT_LT(std::clock() - begin, 5 * CLOCKS_PER_SEC);
}

TEST(Rehearsal, TooManyEventsAreRefused) {
  const Scenario scenario = test::ScenarioOf(Fixed(10, "[[arrivals]]\nmessages = 100\n"));
  EXPECT_TRUE(Rehearse(scenario, 200).ok());  // each message arrives and is done
  const auto outcome = Rehearse(scenario, 199);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().kind, ErrorKind::kLimit);
  EXPECT_THAT(outcome.error().message, testing::HasSubstr("more than 199 events"));
}

}  // namespace
}  // namespace headroom
