#include "exporter/workload/evaluate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <limits>

#include "test/support/workload.h"

namespace headroom {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using test::BrokerInput;
using test::Inputs;
using test::ListInput;
using test::Workload;
using test::WorkloadWithin;
using testing::ElementsAre;

constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max();

TEST(Workload, OneRoundPerWorkerWhenItMustBeDoneInOneServiceTime) {
  const WorkloadOptions options = WorkloadWithin(minutes(6), minutes(6));
  const WorkloadResult result = Evaluate(options, Inputs(ListInput(100)));
  EXPECT_EQ(result.backlog_workers, 100U);
  EXPECT_EQ(result.recommended_workers, 100U);
  EXPECT_EQ(result.expected_drain_seconds, 360.0);
  EXPECT_EQ(result.finish_within_seconds, 360.0);
}

TEST(Workload, TenWorkersNeedTenRoundsForAHundredMessages) {
  WorkloadOptions options = WorkloadWithin(minutes(6), minutes(6));
  options.max = 10;
  const WorkloadResult result = Evaluate(options, Inputs(ListInput(100)));
  EXPECT_EQ(result.recommended_workers, 10U);
  EXPECT_EQ(result.limited, (Limited{true, false}));
  EXPECT_EQ(result.expected_drain_seconds, 3600.0);
}

TEST(Workload, ARoundThatDoesNotFitIsNoRound) {
  const WorkloadOptions options = WorkloadWithin(minutes(6), minutes(10));
  const WorkloadResult result = Evaluate(options, Inputs(ListInput(100)));
  EXPECT_EQ(result.recommended_workers, 100U);  // 60 would need 2 rounds, 12 minutes
  EXPECT_EQ(result.expected_drain_seconds, 360.0);
}

TEST(Workload, BusyWorkersAreNotTakenAwayFromTheirMessages) {
  const WorkloadOptions options = WorkloadWithin(minutes(6), hours(1));
  const WorkloadResult result = Evaluate(options, Inputs(BrokerInput(100, 10, 10)));
  EXPECT_EQ(result.queue_workers, 11U);
  EXPECT_EQ(result.busy_workers, 10U);
  EXPECT_EQ(result.backlog_workers, 11U);
  EXPECT_EQ(result.backlog_messages, 110U);
}

TEST(Workload, TenBusyWorkersOfALongJobStayThoughOneCouldTakeTheMessages) {
  WorkloadOptions options = Workload(50, 0, 100);
  options.worker_group = WorkloadGroup{"main", "decision-workers", {"working"}};
  WorkloadInputs inputs = Inputs(ListInput(0));
  inputs.group.busy = 10;
  EXPECT_EQ(Evaluate(options, inputs).recommended_workers, 10U);
}

TEST(Workload, PrefetchedMessagesAreNotBusyWorkers) {
  const WorkloadOptions options = Workload(50, 0, 100);
  const WorkloadResult result = Evaluate(options, Inputs(BrokerInput(0, 500, 10)));
  EXPECT_EQ(result.busy_workers, 10U);
  EXPECT_EQ(result.recommended_workers, 10U);
}

TEST(Workload, IdleConsumersAreNotBusyWorkers) {
  WorkloadOptions options = Workload(50, 0, 100);
  options.concurrency = 4;
  options.consumers_per_worker = 3;
  EXPECT_EQ(Evaluate(options, Inputs(BrokerInput(0, 9, 100))).busy_workers, 3U);  // 9 / 4
  EXPECT_EQ(Evaluate(options, Inputs(BrokerInput(0, 99, 7))).busy_workers, 3U);   // 7 / 3
}

TEST(Workload, BusyOfSeveralQueuesIsTheSumOfWhatEachBearsOut) {
  WorkloadOptions options = Workload(50, 0, 100);
  options.queues = {{"broker", "a"}, {"broker", "b"}};
  WorkloadInputs inputs;
  inputs.queues = {BrokerInput(0, 9, 2), BrokerInput(0, 1, 5)};
  EXPECT_EQ(Evaluate(options, inputs).busy_workers, 3U);  // and not min(10, 7)
}

TEST(Workload, FractionsOfWorkersAreRoundedUpOnceForAllQueues) {
  WorkloadOptions options = Workload(50, 0, 100);
  options.queues = {{"main", "queue:decisions"}, {"main", "queue:pipelines"}};
  options.queues[1].messages_per_worker = 20;
  WorkloadInputs inputs;
  inputs.queues = {ListInput(420), ListInput(90)};
  const WorkloadResult result = Evaluate(options, inputs);
  EXPECT_EQ(result.recommended_workers, 13U);  // 8.4 + 4.5
  EXPECT_EQ(result.queues[0].messages_per_worker, 50U);
  EXPECT_EQ(result.queues[1].messages_per_worker, 20U);
}

TEST(Workload, ShortJobsInManySlotsAreManyPerWorker) {
  const WorkloadOptions options = WorkloadWithin(milliseconds(500), seconds(30), 10);
  const WorkloadResult result = Evaluate(options, Inputs(ListInput(15000)));
  EXPECT_EQ(result.queues[0].messages_per_worker, 600U);
  EXPECT_EQ(result.recommended_workers, 25U);
  EXPECT_EQ(result.expected_drain_seconds, 30.0);
}

TEST(Workload, AnEventThatTheDatabaseCannotBearIsCutAndSaysSo) {
  WorkloadOptions options = Workload(1, 0, 200);
  options.connections_per_worker = {3, 1};
  options.reserve = 10;
  WorkloadInputs inputs = Inputs(ListInput(0));
  inputs.cap = {test::ServerOf(200, 3, 0, 0)};
  inputs.floor.next = NextFloor{0, 120, WallTime(hours(1000))};
  EXPECT_EQ(Evaluate(options, inputs).pool_cap_workers, 62U);
  EXPECT_EQ(Evaluate(options, inputs).next_floor->workers, 120);
  inputs.floor.workers = 120;
  const WorkloadResult result = Evaluate(options, inputs);
  EXPECT_EQ(result.recommended_workers, 62U);
  EXPECT_EQ(result.minimum_workers, 62U);
  EXPECT_EQ(result.limited, (Limited{false, true}));
}

TEST(Workload, AnUnknownBacklogLeavesThePlannedMinimum) {
  WorkloadOptions options = Workload(1, 2, 50);
  WorkloadInputs inputs = Inputs(ListInput(std::nullopt));
  inputs.floor.workers = 40;
  const WorkloadResult result = Evaluate(options, inputs);
  EXPECT_EQ(result.recommended_workers, std::nullopt);
  EXPECT_EQ(result.minimum_workers, 40U);
  EXPECT_EQ(result.floor_workers, 40U);
}

TEST(Workload, OneUnknownQueueOfThreeMakesTheBacklogUnknownAndNotTheSumOfTwo) {
  WorkloadOptions options = Workload(1, 0, 100);
  options.queues = {{"a", "q"}, {"b", "q"}, {"c", "q"}};
  WorkloadInputs inputs;
  inputs.queues = {ListInput(10), ListInput(std::nullopt), ListInput(5)};
  const WorkloadResult result = Evaluate(options, inputs);
  EXPECT_EQ(result.backlog_messages, std::nullopt);
  EXPECT_EQ(result.backlog_workers, std::nullopt);
  EXPECT_EQ(result.recommended_workers, std::nullopt);
  EXPECT_EQ(result.queues[2].counted, 5U);
}

TEST(Workload, NothingIsKnownOfAQueueByDefault) {
  const WorkloadResult result = Evaluate(Workload(1, 0, 9), Inputs(QueueInput{}));
  EXPECT_EQ(result.backlog_messages, std::nullopt);
  EXPECT_EQ(result.busy_workers, std::nullopt);
}

TEST(Workload, MinBeatsMaxAndThePools) {
  const WorkloadOptions options = Workload(1, 8, 5);
  WorkloadInputs inputs = Inputs(ListInput(20));
  inputs.cap = {test::PoolOf(false, 3)};
  const WorkloadResult result = Evaluate(options, inputs);
  EXPECT_EQ(result.recommended_workers, 8U);
  EXPECT_EQ(result.minimum_workers, 8U);
  EXPECT_EQ(result.limited, (Limited{true, true}));
}

TEST(Workload, WithoutQueuesThereIsNothingToDoButTheCalendar) {
  WorkloadOptions options = Workload(1, 1, 9);
  options.queues.clear();
  WorkloadInputs inputs;
  inputs.floor.workers = 4;
  const WorkloadResult result = Evaluate(options, inputs);
  EXPECT_EQ(result.backlog_messages, 0U);
  EXPECT_EQ(result.recommended_workers, 4U);
}

TEST(ExpectedDrain, IsZeroWhenNothingIsCountedWhoeverIsThere) {
  WorkloadOptions options = WorkloadWithin(minutes(1), minutes(5));
  EXPECT_EQ(Evaluate(options, Inputs(ListInput(0))).expected_drain_seconds, 0.0);
  WorkloadInputs inputs = Inputs(ListInput(0));
  inputs.cap = {test::PoolOf(false, -1)};  // unknown: no recommendation
  EXPECT_EQ(Evaluate(options, inputs).recommended_workers, std::nullopt);
  EXPECT_EQ(Evaluate(options, inputs).expected_drain_seconds, 0.0);
}

TEST(ExpectedDrain, IsAbsentWhenNobodyShallDoTheWork) {
  WorkloadOptions options = WorkloadWithin(minutes(1), minutes(5));
  WorkloadInputs inputs = Inputs(ListInput(10));
  inputs.cap = {test::PoolOf(false, 0)};
  EXPECT_EQ(Evaluate(options, inputs).recommended_workers, 0U);
  EXPECT_EQ(Evaluate(options, inputs).expected_drain_seconds, std::nullopt);
}

TEST(ExpectedDrain, NeedsAServiceTime) {
  EXPECT_EQ(Evaluate(Workload(1, 0, 9), Inputs(ListInput(0))).expected_drain_seconds, std::nullopt);
  WorkloadOptions options = Workload(50, 0, 9);
  options.service_time = milliseconds(1500);
  options.concurrency = 2;
  const WorkloadResult result = Evaluate(options, Inputs(ListInput(101)));  // 3 workers, 6 slots
  EXPECT_EQ(result.expected_drain_seconds, 17 * 1.5);
  EXPECT_EQ(result.finish_within_seconds, std::nullopt);
}

TEST(ExpectedDrain, IsTheVeryNumberOfThePromiseWhenItIsTheSameTime) {
  for (Duration time = milliseconds(10); time <= minutes(2); time += milliseconds(10)) {
    const WorkloadResult result = Evaluate(WorkloadWithin(time, time), Inputs(ListInput(1)));
    ASSERT_EQ(result.expected_drain_seconds, result.finish_within_seconds) << Seconds(time);
  }
  const WorkloadResult result =
      Evaluate(WorkloadWithin(milliseconds(1140), milliseconds(1140)), Inputs(ListInput(1)));
  EXPECT_EQ(result.expected_drain_seconds, 1.14);
}

TEST(MessagesPerWorker, CountsWholeServiceTimesInExactTime) {
  const auto per_worker = [](Duration service_time, Duration finish_within, std::uint64_t slots) {
    const WorkloadOptions options = WorkloadWithin(service_time, finish_within, slots);
    return MessagesPerWorker(options, options.queues[0]);
  };
  EXPECT_EQ(per_worker(milliseconds(300), milliseconds(899), 1), 2U);
  EXPECT_EQ(per_worker(milliseconds(300), milliseconds(900), 1), 3U);  // 0.9 / 0.3 < 3 as doubles
  EXPECT_EQ(per_worker(milliseconds(100), milliseconds(300), 7), 21U);
  EXPECT_EQ(per_worker(hours(87600), hours(87600), 1), 1U);
  EXPECT_EQ(per_worker(Duration(1), hours(87600), 1000), kLargest);  // 3.2e20
}

TEST(MessagesPerWorker, OfAQueueComesBeforeThatOfTheWorkload) {
  WorkloadOptions options = WorkloadWithin(minutes(1), minutes(5));
  options.queues[0].messages_per_worker = 7;
  EXPECT_EQ(MessagesPerWorker(options, options.queues[0]), 7U);
}

TEST(Workload, HugeNumbersStopAtTheLargestInsteadOfWrapping) {
  WorkloadOptions options = WorkloadWithin(hours(87600), hours(87600));
  options.queues = {{"a", "q"}, {"b", "q"}};
  options.max = kLargest;
  WorkloadInputs inputs;
  inputs.queues = {BrokerInput(kLargest, kLargest, kLargest), BrokerInput(kLargest, 1, 1)};
  const WorkloadResult result = Evaluate(options, inputs);
  EXPECT_EQ(result.backlog_messages, kLargest);
  EXPECT_EQ(result.busy_workers, kLargest);
  EXPECT_EQ(result.recommended_workers, kLargest);
  EXPECT_EQ(result.expected_drain_seconds, 87600.0 * 3600);
  options.max = 1;
  EXPECT_DOUBLE_EQ(*Evaluate(options, inputs).expected_drain_seconds, 0x1p64 * 87600 * 3600);
}

}  // namespace
}  // namespace headroom
