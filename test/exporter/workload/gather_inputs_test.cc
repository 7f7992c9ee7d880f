#include "exporter/workload/gather_inputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "exporter/workload/evaluate.h"
#include "test/support/pooler.h"
#include "test/support/workload.h"

namespace headroom {
namespace {

using test::PoolIn;
using test::ViewOf;
using testing::ElementsAre;
using testing::IsEmpty;
using Limit = CapMember::Limit;

Reading BrokerReading() {
  Queue orders;
  orders.name = "orders";
  orders.vhost = "/";
  orders.has_in_flight = orders.has_consumers = true;
  orders.ready = 100;
  orders.in_flight = 20;
  orders.consumers = 5;
  Queue other = orders;
  other.vhost = "other";
  other.ready = 7;
  WorkerGroup group;
  group.group = "g";
  group.states = {{"idle", 1, 4}, {"working", 10, 3}, {"draining", 2, 0}, {"other", 9, 0}};
  Reading reading;
  reading.queues = {other, orders};
  reading.worker_groups = {group};
  return reading;
}

struct GatherBacklog : testing::Test {
  GatherBacklog() {
    options = test::Workload(10, 0, 100);
    options.queues = {{"broker", "orders", "/"}};
    options.worker_group = WorkloadGroup{"broker", "g", {"working", "draining"}};
  }
  WorkloadInputs Gathered() const {
    return GatherInputs(options, std::vector{ViewOf("broker", "rabbitmq", reading)}, {});
  }
  WorkloadOptions options;
  Reading reading = BrokerReading();
};

TEST_F(GatherBacklog, TakesTheQueueOfThatVhost) {
  const QueueInput queue = Gathered().queues.at(0);
  EXPECT_EQ(queue.ready, 100U);
  EXPECT_EQ(queue.in_flight, 20U);
  EXPECT_EQ(queue.consumers, 5U);
  EXPECT_TRUE(queue.has_in_flight && queue.has_consumers);
  EXPECT_THAT(queue.why, IsEmpty());
}

TEST_F(GatherBacklog, TakesTheFloorAsItIs) {
  FloorState floor;
  floor.workers = 40;
  EXPECT_EQ(GatherInputs(options, {}, floor).floor, floor);
}

TEST_F(GatherBacklog, AQueueThatTheRunDoesNotHaveIsUnknownWithItsKind) {
  options.queues[0].queue = "absent";
  const QueueInput queue = Gathered().queues.at(0);
  EXPECT_EQ(queue.ready, std::nullopt);
  EXPECT_TRUE(queue.has_in_flight && queue.has_consumers);
  EXPECT_EQ(queue.why, "the target's last run does not have it");
}

TEST_F(GatherBacklog, AMissingDeclaredQueueCountsZeroAsItsReadingSays) {
  reading.queues[1].ready = reading.queues[1].in_flight = reading.queues[1].consumers = 0;
  reading.queues[1].missing = true;
  EXPECT_EQ(Evaluate(options, Gathered()).backlog_messages, 0U);
}

TEST_F(GatherBacklog, AQueueOfAnotherDatabaseIsAnotherQueue) {
  reading.queues[1].db = "3";
  EXPECT_EQ(Gathered().queues.at(0).ready, 100U);
  options.queues[0].db = "3";
  EXPECT_EQ(Gathered().queues.at(0).ready, 100U);
  options.queues[0].db = "4";
  EXPECT_EQ(Gathered().queues.at(0).ready, std::nullopt);
}

TEST_F(GatherBacklog, UnknownMessagesInFlightAreNotZero) {
  reading.queues[1].in_flight.reset();
  const WorkloadInputs inputs = Gathered();
  EXPECT_EQ(inputs.queues.at(0).why, "the last run does not say how many messages are in flight");
  EXPECT_EQ(Evaluate(options, inputs).backlog_messages, std::nullopt);
}

TEST_F(GatherBacklog, SaysWhatTheRunSaysOfTheObjectAndElseOfTheFailedPart) {
  reading.queues[1].consumers.reset();
  EXPECT_EQ(Gathered().queues.at(0).why, "the last run does not say how many consumers it has");
  reading.parts = {{"consumers", false, Error{ErrorKind::kTimeout, "no answer in 2s"}}};
  EXPECT_EQ(Gathered().queues.at(0).why, "consumers is unanswered: no answer in 2s");
  Problem problem{"for people", Error{ErrorKind::kUnsupported, "holds another type"}};
  problem.queue = "orders";
  problem.vhost = "other";
  reading.problems = {problem};
  EXPECT_EQ(Gathered().queues.at(0).why, "consumers is unanswered: no answer in 2s");
  reading.problems[0].vhost = "/";
  EXPECT_EQ(Gathered().queues.at(0).why, "holds another type");
}

TEST_F(GatherBacklog, BusyAreTheLiveWorkersInBusyStatesAndNotTheStaleOnes) {
  EXPECT_EQ(Gathered().group.busy, 12U);
}

TEST_F(GatherBacklog, LiveAreTheWorkersInAllStatesAndNotTheStaleOnes) {
  EXPECT_EQ(Gathered().group.live, 22U);
  EXPECT_EQ(Evaluate(options, Gathered()).live_workers, 22U);
  options.worker_group->busy_states = {"asleep"};
  EXPECT_EQ(Gathered().group.live, 22U);
}

TEST_F(GatherBacklog, AGroupWithoutALiveWorkerHasZeroAndOneThatCannotBeReadIsUnknown) {
  for (WorkerState& state : reading.worker_groups[0].states) state.live = 0;
  EXPECT_EQ(Evaluate(options, Gathered()).live_workers, 0U);
  reading.worker_groups.clear();
  EXPECT_EQ(Evaluate(options, Gathered()).live_workers, std::nullopt);
}

TEST_F(GatherBacklog, WithoutAWorkerGroupConsumersAreNotTakenForLiveWorkers) {
  options.worker_group.reset();
  ASSERT_EQ(Gathered().queues.at(0).consumers, 5U);
  EXPECT_EQ(Evaluate(options, Gathered()).live_workers, std::nullopt);
}

TEST_F(GatherBacklog, AGroupOrAStateThatTheRunDoesNotHaveIsUnknown) {
  options.worker_group->busy_states = {"working", "asleep"};
  EXPECT_EQ(Gathered().group.busy, std::nullopt);
  EXPECT_EQ(Gathered().group.why, "it has no state \"asleep\"");
  reading.worker_groups.clear();
  EXPECT_EQ(Gathered().group.busy, std::nullopt);
  Problem problem{"g", Error{ErrorKind::kPermission, "may not be read"}};
  problem.group = "g";
  reading.problems = {problem};
  EXPECT_EQ(Gathered().group.why, "may not be read");
  reading.problems.clear();
  EXPECT_EQ(Gathered().group.why, "the target's last run does not have it");
}

TEST_F(GatherBacklog, ATargetWithoutARunIsUnknownAndSaysWhy) {
  TargetView view = ViewOf("broker", "rabbitmq", std::nullopt);
  const auto why = [&] {
    const WorkloadInputs inputs = GatherInputs(options, std::vector{view}, {});
    EXPECT_EQ(inputs.queues.at(0).ready, std::nullopt);
    EXPECT_EQ(inputs.group.busy, std::nullopt);
    EXPECT_EQ(inputs.group.live, std::nullopt);
    EXPECT_EQ(inputs.group.why, inputs.queues.at(0).why);
    return inputs.group.why;
  };
  EXPECT_EQ(why(), "target broker has not answered yet");
  auto run = std::make_shared<Snapshot>();
  view.status.last = run;
  EXPECT_EQ(why(), "target broker has not answered in time");
  run->error = Error{ErrorKind::kConnect, "refused"};
  EXPECT_EQ(why(), "target broker is down: refused");
  view.target = "another";
  EXPECT_EQ(why(), "target broker was not asked");
}

}  // namespace
}  // namespace headroom
