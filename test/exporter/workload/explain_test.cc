#include "exporter/workload/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "test/support/workload.h"

namespace headroom {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using test::BrokerInput;
using test::ListInput;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr WallTime kNoon = std::chrono::sys_days(std::chrono::year(2026) / 11 / 27) + hours(12);

struct Explained : testing::Test {
  Explained() {
    options = test::WorkloadWithin(minutes(6), minutes(66));
    options.queues = {{"main", "queue:decisions"}};
    options.min = 2;
    options.max = 200;
    inputs.queues = {ListInput(132)};
  }
  std::vector<std::string> Lines() const {
    return Explain(options, inputs, Evaluate(options, inputs), kNoon);
  }
  std::string Summary() const { return Lines().at(0); }

  // One event at 13:00 UTC; its 40 workers are asked for until 15:00.
  void PlanEvent() {
    options.floors = {Floor{SingleEvent{kNoon + hours(1), kNoon + hours(3)}, hours(2), 40}};
    inputs.floor.workers = 40;
    inputs.floor.index = 0;
    inputs.floor.until = kNoon + hours(3);
  }

  WorkloadOptions options;
  WorkloadInputs inputs;
};

TEST_F(Explained, TheFirstLineIsAllOfItInShort) {
  PlanEvent();
  inputs.cap = {test::PoolOf(false, 34)};
  EXPECT_EQ(
      Summary(),
      "132 waiting / 11 per worker = 12; calendar asks 40 until 15:00 UTC; database bears 34: "
      "recommended 34, limited by pool app/decisions of pooler-a");
}

TEST_F(Explained, EachNumberHasItsLineWithTheArithmetic) {
  PlanEvent();
  options.connections_per_worker = {3, 1};
  options.reserve = 10;
  inputs.cap = {test::PoolOf(false, 50), test::ServerOf(200, 3, 31, 10)};
  std::vector<std::string> lines = Lines();
  lines.erase(lines.begin());
  EXPECT_THAT(
      lines,
      ElementsAre(
          "queue queue:decisions of target main: 132 ready, 11 per worker (1 slot at once x 11 "
          "rounds in 1h6m of 6m)",
          "messages: 132 waiting / 11 per worker, rounded up = 12 workers",
          "busy workers: not known for queues of this kind without a worker_group, counted as 0",
          "backlog: the larger of 12 for the messages and 0 busy = 12 workers",
          "floor: calendar asks 40 until 15:00 UTC",
          "pool app/decisions of pooler-a: pool size 50 - 10 of reserve = 40 connections",
          "server db: the server's maximum 200 - 3 that ordinary clients never get - 21 of others "
          "- 10 of reserve = 166 connections",
          "pool cap: 40 connections / 3 per worker, rounded down = 13 workers, by pool "
          "app/decisions of pooler-a",
          "wanted: the largest of 12 for the backlog, 40 by the calendar and min 2 = 40 workers",
          "recommended: 40 wanted, at most max 200 and pool cap 13, then at least min 2 = 13 "
          "workers",
          "minimum, whatever the backlog is: 40 by the calendar, at most max 200 and pool cap 13, "
          "then at least min 2 = 13 workers",
          "expected drain: 132 messages / (13 workers x 1 slot), rounded up = 11 rounds of 6m = "
          "1h6m, within finish_within 1h6m",
          "next event: none"));
}

TEST_F(Explained, SeveralQueuesAreAddedUp) {
  options = test::Workload(50, 0, 100);
  options.queues.push_back({"main", "queue:pipelines"});
  options.queues[1].messages_per_worker = 20;
  inputs.queues = {ListInput(420), ListInput(90)};
  EXPECT_EQ(
      Summary(),
      "420 waiting / 50 per worker + 90 waiting / 20 per worker, rounded up = 13: recommended 13");
}

TEST_F(Explained, BusyWorkersThatHoldTheNumberUpAreNamed) {
  options = test::Workload(50, 0, 100);
  inputs.queues = {BrokerInput(0, 500, 10)};
  EXPECT_EQ(Summary(), "500 messages / 50 per worker = 10: recommended 10");
  inputs.queues = {BrokerInput(0, 400, 10)};
  EXPECT_EQ(Summary(), "400 messages / 50 per worker = 8; 10 busy: recommended 10");
  EXPECT_THAT(Lines(), Contains("queue queue:decisions of target main: 0 ready + 400 in flight = "
                                "400, 50 per worker; busy: the smaller of 400 in flight / 1 slot "
                                "and 10 consumers / 1 per worker, rounded up = 10"));
}

TEST_F(Explained, AQueueThatCannotSayWhoIsBusyIsNamed) {
  EXPECT_THAT(Lines(), Contains("busy workers: not known for queues of this kind without a "
                                "worker_group, counted as 0"));
  options.queues.push_back({"broker", "orders"});
  inputs.queues.push_back(BrokerInput(0, 3, 3));
  EXPECT_THAT(Lines(), Contains("busy workers: 3 by the queues; not known without a worker_group "
                                "for queue queue:decisions of target main, counted as 0"));
  options.queues.erase(options.queues.begin());
  inputs.queues.erase(inputs.queues.begin());
  EXPECT_THAT(Lines(), Contains("busy workers: 3 by the queues"));
}

TEST_F(Explained, AWorkerGroupIsNamedWithItsStates) {
  options.worker_group = WorkloadGroup{"main", "decision-workers", {"working", "draining"}};
  inputs.group.live = 20;
  inputs.group.busy = 15;
  EXPECT_THAT(Lines(), Contains("busy workers: 15 live in working, draining in worker group "
                                "decision-workers of target main, which has 20 live"));
  inputs.group.stale = 3;
  EXPECT_THAT(Lines(), Contains(testing::EndsWith("which has 20 live and 3 stale (without a recent "
                                                  "heartbeat), which are not counted")));
}

TEST_F(Explained, AnUnknownQueueIsNamedWithTheReasonAndWhatIsLeft) {
  inputs.queues = {ListInput(std::nullopt)};
  EXPECT_EQ(Summary(),
            "queue queue:decisions of target main is unknown: target main is down: refused: no "
            "recommendation, but at least 2");
  EXPECT_THAT(Lines(),
              AllOf(Contains("backlog: unknown"), Contains("wanted: unknown, as the backlog is"),
                    Contains("recommended: nothing, as the backlog is unknown")));
}

TEST_F(Explained, AnUnknownWorkerGroupIsNamed) {
  options.worker_group = WorkloadGroup{"main", "g", {"working"}};
  inputs.group.why = "target main is down: refused";
  EXPECT_THAT(Summary(),
              HasSubstr("worker group g of target main is unknown: target main is down"));
}

TEST_F(Explained, AnUnknownPoolHoldsOrIsIgnoredAndIsNamedEitherWay) {
  inputs.cap = {test::PoolOf(false, -1)};
  const char* why = "pool app/decisions of pooler-a is unknown: target pooler-a is down: refused";
  EXPECT_THAT(Summary(), AllOf(HasSubstr(why), HasSubstr("no recommendation, but at least 2")));
  EXPECT_THAT(Lines(), Contains("pool cap: unknown, so nothing is recommended "
                                "(pool_when_unknown = \"hold\")"));
  options.pool_when_unknown = WhenPoolUnknown::kIgnore;
  EXPECT_THAT(Summary(), AllOf(HasSubstr(why), testing::EndsWith(": recommended 12")));
}

TEST_F(Explained, WhatDecidedTheNumberIsNamed) {
  inputs.queues = {ListInput(0)};
  EXPECT_THAT(Summary(), testing::EndsWith(": recommended 2, which is min"));
  inputs.queues = {ListInput(22000)};
  EXPECT_THAT(Summary(), testing::EndsWith(": recommended 200, limited by max 200"));
  inputs.cap = {test::PoolOf(false, 300)};
  EXPECT_THAT(Summary(), testing::EndsWith(": recommended 200, limited by max 200"));
  inputs.cap = {test::PoolOf(false, 200)};
  EXPECT_THAT(Summary(),
              testing::EndsWith(
                  ": recommended 200, limited by max 200 and pool app/decisions of pooler-a"));
  inputs.cap = {test::PoolOf(false, 2)};
  EXPECT_THAT(Summary(),
              testing::EndsWith(": recommended 2, limited by pool app/decisions of pooler-a"));
  inputs.cap = {test::PoolOf(false, 1)};
  EXPECT_THAT(
      Summary(),
      testing::EndsWith(": recommended 2, which is min and beats pool app/decisions of pooler-a"));
}

// limited{by="pool"} is 1 then, and nothing on the page would say why.
TEST_F(Explained, ThatMinBeatsALimitIsSaidAlsoWhereTheBacklogAsksForNoMore) {
  options.min = 12;
  inputs.cap = {test::PoolOf(false, 3)};
  EXPECT_EQ(Summary(),
            "132 waiting / 11 per worker = 12; database bears 3: recommended 12, which is min and "
            "beats pool "
            "app/decisions of pooler-a");
}

TEST_F(Explained, TheServersLimitsOfADatabaseAndARoleHaveTheirLines) {
  options.reserve = 1;
  CapScope database = test::ServerOf(30, 0, 9, 4);
  database.scope = CapScope::Kind::kServerDatabase;
  database.members[0].name = "appdb of db";
  CapScope role = test::ServerOf(5, 0, 4, 4);
  role.scope = CapScope::Kind::kServerRole;
  role.members[0].name = "web of db";
  inputs.cap = {database, role};
  EXPECT_THAT(Lines(), Contains("server's database appdb of db: the database's connection limit 30 "
                                "- 5 of others - 1 of reserve = 24 connections"));
  EXPECT_THAT(Lines(), Contains("server's role web of db: the role's connection limit 5 - 0 of "
                                "others - 1 of reserve = 4 connections"));
  EXPECT_THAT(Summary(), testing::EndsWith(": recommended 4, limited by server's role web of db"));
}

TEST_F(Explained, WhatElseThereIsToSayOfAPoolIsBehindItsLine) {
  inputs.cap = {test::PoolOf(false, 34)};
  inputs.cap[0].members[0].note = "no client has used it yet";
  EXPECT_THAT(Lines(), Contains("pool app/decisions of pooler-a: pool size 34 = 34 connections (no "
                                "client has used it yet)"));
}

TEST_F(Explained, AScopeThatDoesNotBindSaysWhy) {
  inputs.cap = {test::PoolOf(true, 0)};
  EXPECT_THAT(Lines(), Contains("pool app/decisions of pooler-a does not bind: app/decisions of "
                                "pooler-a has no limit"));
  EXPECT_THAT(Lines(), Contains("pool cap: none, no scope binds"));
}

TEST_F(Explained, APromiseThatCannotBeKeptIsSaid) {
  options.max = 10;
  EXPECT_THAT(Lines(),
              Contains("expected drain: 132 messages / (10 workers x 1 slot), rounded up = "
                       "14 rounds of 6m = 1h24m, later than finish_within 1h6m"));
}

TEST_F(Explained, APromiseThatIsKeptToTheNanosecondIsKept) {
  options.service_time = options.finish_within = milliseconds(1140);
  inputs.queues = {ListInput(1)};
  EXPECT_THAT(Lines(), Contains(AllOf(HasSubstr("expected drain: "),
                                      HasSubstr("1s140ms, within finish_within 1s140ms"))));
  *options.service_time += Duration(1);
  EXPECT_THAT(Lines(), Contains(HasSubstr("later than finish_within 1s140ms")));
}

TEST_F(Explained, TheNextEventIsToldInItsOwnTimeAndWhetherItCanBeMet) {
  const auto zone = TimeZone::Load("Asia/Seoul");
  ASSERT_TRUE(zone.ok());
  const auto schedule = CronSchedule::Parse("0 9 * * FRI");
  ASSERT_TRUE(schedule.ok());
  options.floors = {Floor{RecurringEvent{*schedule, *zone, hours(2)}, minutes(30), 250}};
  inputs.floor.next = NextFloor{0, 250, kNoon + hours(12)};
  inputs.cap = {test::PoolOf(false, 62)};
  EXPECT_THAT(Lines(),
              Contains("next event: 250 workers at 2026-11-28 09:00 Asia/Seoul; max allows "
                       "200; the database bears 62"));
}

TEST_F(Explained, NamesAndReasonsCannotBreakALine) {
  options.queues[0].queue = "a\nb";
  inputs.queues = {ListInput(std::nullopt)};
  inputs.queues[0].why = "said\r\nthis\tand\x7fthat";
  EXPECT_THAT(Summary(), HasSubstr("queue a b of target main is unknown: said  this and that"));
  EXPECT_THAT(Lines(), Each(Not(HasSubstr("\n"))));
}

TEST_F(Explained, HugeNumbersAreToldWithoutOverflow) {
  options.max = 1;
  options.min = 0;
  options.service_time = hours(87600);
  options.finish_within = hours(87600);
  inputs.queues = {ListInput(~std::uint64_t{0})};
  EXPECT_THAT(Lines(), Contains(HasSubstr("= 18446744073709551615 rounds of 3650d = 5.82e+27 s")));
}

}  // namespace
}  // namespace headroom
