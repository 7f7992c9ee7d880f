// The counters of a TargetWorker that samples.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "exporter/target_worker.h"
#include "test/exporter/target_worker_fixture.h"

namespace headroom {
namespace {

using namespace std::chrono_literals;

// The counters are told apart by their values alone: one queue with one message, so that the area
// is the observed time.
class SampledWorkerTest : public TargetWorkerTest {
 protected:
  SampledWorkerTest() {
    options_.sample_interval = 100ms;
    Answer(1);
  }
  void Answer(std::uint64_t ready) {
    script_->answer = [ready] {
      Reading reading;
      reading.queues.push_back(Queue{.name = "q", .declared = true, .ready = ready});
      return Result<Reading>(std::move(reading));
    };
  }
  static std::string Text(const std::shared_ptr<const Blocks>& pressure) {
    return pressure ? pressure->text : "not sampled";
  }
  static std::string Counters(const std::string& observed, const std::string& messages) {
    return "headroom_pressure_observed_seconds_total{target=\"main\",system=\"redis\"} " +
           observed +
           "\nheadroom_queue_message_seconds_total{target=\"main\",system=\"redis\",queue=\"q\"," +
           "state=\"ready\"} " + messages + "\n";
  }
  SnapshotPtr Tick(SnapshotPtr last) {
    clock_.Advance(100ms);
    return WaitPublished(last);
  }
};

TEST_F(SampledWorkerTest, EachRunMovesTheCountersOnce) {
  Start();
  SnapshotPtr run = WaitPublished(nullptr);
  EXPECT_EQ(Text(run->pressure), Counters("0", "0"));
  Answer(3);
  run = Tick(run);
  EXPECT_EQ(Text(run->pressure), Counters("0.1", "0.2"));
  for (int scrape = 0; scrape < 10; ++scrape) EXPECT_EQ(AskAndWait(), run);
  run = Tick(run);
  EXPECT_EQ(Text(run->pressure), Counters("0.2", "0.5"));
}

TEST_F(SampledWorkerTest, TheTimeOfASampleIsWhenItsReplyWasThere) {
  Start();
  SnapshotPtr run = WaitPublished(nullptr);
  script_->block = true;
  clock_.Advance(100ms);
  script_->WaitStarted(2);
  clock_.Advance(50ms);
  script_->block = false;
  EXPECT_EQ(Text(WaitPublished(run)->pressure), Counters("0.15", "0.15"));
}

// 40 ms are a tenth of 400: the ticks are four intervals apart, because the worker wants it so.
TEST_F(SampledWorkerTest, ATargetThatIsAlwaysSlowIsObservedAtThePaceOfItsDuty) {
  script_->block = true;
  Start();
  script_->WaitStarted(1);
  clock_.Advance(40ms);
  script_->block = false;
  SnapshotPtr run = WaitPublished(nullptr);
  for (int i = 0; i < 3; ++i) run = RunThatTakes(40ms, 360ms, run);
  EXPECT_EQ(Text(run->pressure), Counters("1.2", "1.2"));
}

TEST_F(SampledWorkerTest, ARunOfMoreThanTwoIntervalsIsFollowedAtTheNextTick) {
  options_.max_duty = 1;
  script_->block = true;
  Start();
  script_->WaitStarted(1);
  clock_.Advance(210ms);
  script_->block = false;
  const auto first = WaitPublished(nullptr);
  const auto second = RunThatTakes(210ms, 90ms, first);
  EXPECT_EQ(second->started - first->started, 300ms);
  EXPECT_EQ(Text(second->pressure), Counters("0.3", "0.3"));
}

TEST_F(SampledWorkerTest, ATargetThatIsDownKeepsItsCountersWhereTheyWere) {
  Start();
  SnapshotPtr run = Tick(WaitPublished(nullptr));
  FailFrom(ErrorKind::kConnect);
  run = Tick(run);
  EXPECT_FALSE(run->ok());
  EXPECT_EQ(Text(run->pressure), Counters("0.1", "0.1"));
  EXPECT_EQ(Text(worker_->status().pressure), Counters("0.1", "0.1"));
  Answer(1);
  run = Tick(run);
  EXPECT_EQ(Text(run->pressure), Counters("0.1", "0.1"));  // the time of the failure adds nothing
  run = Tick(run);
  EXPECT_EQ(Text(run->pressure), Counters("0.2", "0.2"));
}

TEST_F(SampledWorkerTest, BeforeTheFirstAnswerNothingWasObserved) {
  script_->block = true;
  Start();
  EXPECT_EQ(Text(worker_->status().pressure),
            "headroom_pressure_observed_seconds_total{target=\"main\",system=\"redis\"} 0\n");
}

TEST_F(SampledWorkerTest, WithoutSamplingThereAreNoCounters) {
  options_.sample_interval.reset();
  Start();
  EXPECT_EQ(AskAndWait()->pressure, nullptr);
  EXPECT_EQ(worker_->status().pressure, nullptr);
}

}  // namespace
}  // namespace headroom
