// The pressure counters of a target, from readings to the lines on its page.
#include "exporter/pressure/pressure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "exporter/exposition/reading_renderer.h"
#include "test/support/pooler.h"

namespace headroom {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

Queue List(std::string_view name, std::optional<std::uint64_t> ready) {
  Queue queue;
  queue.name = std::string(name);
  queue.db = "0";
  queue.ready = ready;
  return queue;
}

class PressureTest : public testing::Test {
 protected:
  void Run(const Reading& reading, Duration after = 1s) {
    now_ += after;
    Pressure::Run run(pressure_, now_, 3s);
    page_ = renderer_.Render(reading, now_, &run);
  }
  void Run(std::vector<Queue> queues, Duration after = 1s) {
    Reading reading;
    reading.queues = std::move(queues);
    Run(reading, after);
  }
  void RunPool(const Pool& pool) {
    Reading reading;
    reading.pools = {pool};
    Run(reading);
  }
  // The lines of a family, without its name and the target's labels.
  std::vector<std::string> Lines(std::string_view family) const {
    const std::string head = std::string(family) + "{target=\"main\",system=\"redis\"";
    std::vector<std::string> lines;
    std::string_view text = pressure_.blocks()->text;
    while (!text.empty()) {
      const std::string_view line = text.substr(0, text.find('\n'));
      text.remove_prefix(line.size() + 1);
      if (line.starts_with(head)) lines.emplace_back(line.substr(head.size()));
    }
    return lines;
  }
  std::vector<std::string> Messages() const {
    return Lines("headroom_queue_message_seconds_total");
  }
  std::vector<std::string> Saturated() const {
    return Lines("headroom_pool_saturated_seconds_total");
  }
  std::vector<std::string> Waiting() const {
    return Lines("headroom_pool_waiting_client_seconds_total");
  }
  std::vector<std::string> Observed() const {
    return Lines("headroom_pressure_observed_seconds_total");
  }

  SteadyTime now_{1h};
  Pressure pressure_{"main", "redis"};
  ReadingRenderer renderer_{"main", "redis", 5};  // of a queue: info, messages, area; per state
  ReadingRenderer::Output page_;
};

TEST_F(PressureTest, BeforeTheFirstRunNothingWasObserved) {
  EXPECT_THAT(Observed(), ElementsAre("} 0"));
  EXPECT_EQ(pressure_.blocks()->series, 1U);
}

TEST_F(PressureTest, AQueueHasAnAreaForEachStateThatIsKnown) {
  Queue queue = List("a", 4);
  queue.in_flight = 1;
  Run({queue});
  EXPECT_THAT(Messages(), ElementsAre(",queue=\"a\",db=\"0\",state=\"in_flight\"} 0",
                                      ",queue=\"a\",db=\"0\",state=\"ready\"} 0"));
  queue.ready = 5;
  queue.in_flight.reset();
  Run({queue}, 500ms);
  EXPECT_THAT(Messages(), ElementsAre(",queue=\"a\",db=\"0\",state=\"ready\"} 2.25"));
  EXPECT_THAT(Observed(), ElementsAre("} 0.5"));
}

TEST_F(PressureTest, AQueueThatIsUnknownIsAbsentAndGoesOnLater) {
  Run({List("a", 4)});
  Run({List("a", 4)});
  Run({List("a", std::nullopt)});
  EXPECT_THAT(Messages(), IsEmpty());
  Run({List("a", 4)});
  EXPECT_THAT(Messages(), ElementsAre(",queue=\"a\",db=\"0\",state=\"ready\"} 4"));
}

TEST_F(PressureTest, AFailureMovesNothingAndKeepsTheLines) {
  Run({List("a", 4)});
  Run({List("a", 4)});
  pressure_.OnFailure();
  EXPECT_THAT(Messages(), ElementsAre(",queue=\"a\",db=\"0\",state=\"ready\"} 4"));
  Run({List("a", 4)});
  EXPECT_THAT(Messages(), ElementsAre(",queue=\"a\",db=\"0\",state=\"ready\"} 4"));
  EXPECT_THAT(Observed(), ElementsAre("} 1"));
}

// max_series lets one queue in.
TEST_F(PressureTest, WhatIsFoldedHasNoCounterAndIsInNone) {
  Run({List("big", 9), List("small", 1)});
  Run({List("big", 9), List("small", 1)});
  EXPECT_EQ(page_.dropped_series, 3U);
  EXPECT_THAT(page_.blocks.text, testing::HasSubstr("queue=\"_other\""));
  EXPECT_THAT(Messages(), ElementsAre(",queue=\"big\",db=\"0\",state=\"ready\"} 9"));
}

// Who is idle for five minutes yields its place to one that is not.
TEST_F(PressureTest, AQueueThatWasFoldedStartsAgainWithoutThatTime) {
  Run({List("a", 2)});
  Run({List("a", 2)});
  EXPECT_THAT(Messages(), ElementsAre(",queue=\"a\",db=\"0\",state=\"ready\"} 2"));
  for (int i = 0; i < 200; ++i) Run({List("a", 0), List("b", 0)}, 2s);
  Run({List("a", 0), List("b", 7)});
  EXPECT_THAT(Messages(), ElementsAre(",queue=\"b\",db=\"0\",state=\"ready\"} 0"));
  for (int i = 0; i < 200; ++i) Run({List("a", 0), List("b", 0)}, 2s);
  Run({List("a", 1000), List("b", 0)});
  EXPECT_THAT(Messages(), ElementsAre(",queue=\"a\",db=\"0\",state=\"ready\"} 0"));
}

TEST_F(PressureTest, OfTwoQueuesThatLookTheSameOneCounts) {
  Run({List("a", 4), List("a", 100)});
  Run({List("a", 4), List("a", 100)});
  EXPECT_THAT(Messages(), ElementsAre(",queue=\"a\",db=\"0\",state=\"ready\"} 4"));
}

TEST_F(PressureTest, APoolersPoolIsSaturatedWhileSomebodyWaits) {
  Reading reading = test::PoolerReading("db");
  reading.pools[0].waiting_clients = 6;
  Run(reading);
  reading.pools[0].waiting_clients = 0;
  Run(reading);
  const std::string pool = ",scope=\"pool\",pool=\"app/web\",database=\"app\",user=\"web\"} ";
  EXPECT_THAT(Saturated(), ElementsAre(pool + "0.5"));
  EXPECT_THAT(Waiting(), ElementsAre(pool + "3"));
}

// It is full, and what is idle is handed out: nobody waits. At the scope of the database nobody
// counts who does.
TEST_F(PressureTest, APoolerAtItsLimitIsNotSaturatedByThat) {
  Reading reading = test::PoolerReading("db");
  reading.pools[0].max_connections = 8;
  reading.pools[1].max_connections = 8;
  Run(reading);
  Run(reading);
  EXPECT_THAT(Saturated(),
              ElementsAre(",scope=\"pool\",pool=\"app/web\",database=\"app\",user=\"web\"} 0"));
}

TEST_F(PressureTest, APoolersPoolOfUnknownWaitersIsUnknown) {
  Reading reading = test::PoolerReading("db");
  reading.pools[0].waiting_clients.reset();
  Run(reading);
  EXPECT_THAT(Saturated(), IsEmpty());
  EXPECT_THAT(Waiting(), IsEmpty());
}

TEST_F(PressureTest, AServerIsSaturatedWhenOnlyReservedConnectionsAreLeft) {
  Pool server = test::Row(PoolScope::kServer, "server", {{"active", 90}, {"idle", 6}}, 100);
  server.reserved_connections = 3;
  RunPool(server);
  RunPool(server);
  const std::string pool = ",scope=\"server\",pool=\"server\"} ";
  EXPECT_THAT(Saturated(), ElementsAre(pool + "0"));
  server.own_sessions = 1;  // ours takes the last one
  RunPool(server);
  RunPool(server);
  EXPECT_THAT(Saturated(), ElementsAre(pool + "1.5"));
  EXPECT_THAT(Waiting(), IsEmpty());
}

TEST_F(PressureTest, AServerWithoutReserveIsSaturatedWhenItIsFull) {
  Pool clients = test::Row(PoolScope::kServer, "server", {{"open", 99}}, 100);
  RunPool(clients);
  clients.connections[0].count = 100;
  RunPool(clients);
  clients.connections[0].count = 101;  // more than it may: the limit was lowered
  RunPool(clients);
  EXPECT_THAT(Saturated(), ElementsAre(",scope=\"server\",pool=\"server\"} 1.5"));
}

TEST_F(PressureTest, WithoutALimitOrWithAnUnknownOneThereIsNoSaturation) {
  Pool pool = test::Row(PoolScope::kUser, "web", {{"active", 90}}, std::nullopt);
  RunPool(pool);
  EXPECT_THAT(Saturated(), IsEmpty());
  pool.max_known = false;
  RunPool(pool);
  EXPECT_THAT(Saturated(), IsEmpty());
  pool = test::Row(PoolScope::kServer, "server", {}, 100);  // how many are open is unknown
  RunPool(pool);
  EXPECT_THAT(Saturated(), IsEmpty());
}

// Somebody has closed it on purpose.
TEST_F(PressureTest, ALimitOfNoConnectionsIsNoSaturation) {
  RunPool(test::Row(PoolScope::kUser, "web", {{"active", 0}}, 0));
  EXPECT_THAT(Saturated(), IsEmpty());
  RunPool(test::Row(PoolScope::kDatabase, "app", {{"active", 0}}, 0));
  EXPECT_THAT(Saturated(), IsEmpty());
}

// A monitor's role that may connect once is full for as long as it is watched.
TEST_F(PressureTest, OurOwnSessionsDoNotSaturateADatabaseOrAUser) {
  for (const PoolScope scope : {PoolScope::kUser, PoolScope::kDatabase}) {
    Pool pool = test::Row(scope, "monitor", {{"active", 0}}, 1);
    pool.own_sessions = 1;
    RunPool(pool);
    RunPool(pool);
    EXPECT_THAT(Saturated(), ElementsAre(testing::EndsWith("} 0")));
    pool.connections[0].count = 1;
    RunPool(pool);
    EXPECT_THAT(Saturated(), ElementsAre(testing::EndsWith("} 0.5")));
  }
}

}  // namespace
}  // namespace headroom
