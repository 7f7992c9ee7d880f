#include "exporter/metrics_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "exporter/exposition/reading_renderer.h"
#include "exporter/pressure/pressure.h"
#include "test/support/fake_clock.h"

namespace headroom {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

class MetricsPage : public testing::Test {
 protected:
  std::shared_ptr<Snapshot> GoodRun(SteadyTime started) {
    auto run = std::make_shared<Snapshot>();
    run->started = started;
    run->finished = started + 100ms;
    run->reading.queues.push_back(Queue{.name = "q", .db = "0", .declared = true, .ready = 7});
    run->reading.parts = {{"queues", true, std::nullopt},
                          {"server", false, Error{ErrorKind::kPermission, "no"}}};
    run->blocks = ReadingRenderer("main", "redis", 100).Render(run->reading, started).blocks;
    return run;
  }
  std::string Page(const TargetView& view, PageScope scope = PageScope::kEverything) {
    return RenderMetricsPage({view}, self_, clock_.Now(), scope);
  }

  test::FakeClock clock_;
  SelfMetrics self_{"1.2.3"};
  std::shared_ptr<TargetErrors> errors_ = self_.AddTarget("main", "redis");
  TargetView view_{"main", "redis", nullptr, {}};
};

TEST_F(MetricsPage, ATargetBeforeItsFirstRunIsDownAndNothingElseIsKnown) {
  const std::string page = Page(view_);
  EXPECT_THAT(page, HasSubstr("headroom_target_up{target=\"main\",system=\"redis\"} 0\n"));
  EXPECT_THAT(page, HasSubstr("reason=\"timeout\"} 0\n"));
  EXPECT_THAT(page, Not(HasSubstr("headroom_target_data_age_seconds{")));
  EXPECT_THAT(page, Not(HasSubstr("headroom_target_last_success_timestamp_seconds{")));
  EXPECT_THAT(page, Not(HasSubstr("headroom_queue_messages{")));
}

TEST_F(MetricsPage, AgesAreThoseOfTheDataOnThePage) {
  view_.run = GoodRun(clock_.Now());
  clock_.Advance(2s);
  // The target has finished a newer run since it answered this request.
  Update(view_.status, GoodRun(clock_.Now()), clock_.WallNow());
  EXPECT_THAT(Page(view_),
              HasSubstr("headroom_target_data_age_seconds{target=\"main\",system=\"redis\"} 2\n"));
}

TEST_F(MetricsPage, APartThatFailedIsDownWhileItsTargetIsUp) {
  view_.run = GoodRun(clock_.Now());
  Update(view_.status, view_.run, clock_.WallNow());
  const std::string page = Page(view_);
  EXPECT_THAT(page, HasSubstr("part=\"queues\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("part=\"server\"} 0\n"));
  EXPECT_THAT(page, HasSubstr("queue=\"q\",db=\"0\",state=\"ready\"} 7\n"));
}

TEST_F(MetricsPage, PartsAreThoseOfTheRunOnThePage) {
  view_.run = GoodRun(clock_.Now());
  // Discovered since this target answered: nothing of it is on the page, so it is not up there.
  const auto newer = GoodRun(clock_.Now());
  newer->reading.parts.push_back({"workers", false, std::nullopt});
  Update(view_.status, newer, clock_.WallNow());
  const std::string page = Page(view_);
  EXPECT_THAT(page, HasSubstr("part=\"queues\"} 1\n"));
  EXPECT_THAT(page, Not(HasSubstr("part=\"workers\"")));
}

TEST_F(MetricsPage, ATargetThatWentDownKeepsItsAgeAndLosesItsNumbers) {
  Update(view_.status, GoodRun(clock_.Now()), clock_.WallNow());
  clock_.Advance(30s);
  auto failed = std::make_shared<Snapshot>();
  failed->started = failed->finished = clock_.Now();
  failed->error = Error{ErrorKind::kConnect, "refused"};
  Update(view_.status, failed, clock_.WallNow());
  const std::string page = Page(view_);
  EXPECT_THAT(page, HasSubstr("headroom_target_up{target=\"main\",system=\"redis\"} 0\n"));
  EXPECT_THAT(page,
              HasSubstr("headroom_target_data_age_seconds{target=\"main\",system=\"redis\"} 30\n"));
  EXPECT_THAT(page, HasSubstr("part=\"queues\"} 0\n"));
  EXPECT_THAT(page, Not(HasSubstr("headroom_queue_messages{")));
}

TEST_F(MetricsPage, PressureIsThatOfTheRunOnThePageAndOfATargetThatIsDownTheLast) {
  Pressure pressure("main", "redis");
  const auto run_at = [&](SteadyTime at) {
    auto run = GoodRun(at);
    Pressure::Run sink(pressure, at, 3s);
    ReadingRenderer("main", "redis", 100).Render(run->reading, at, &sink);
    run->pressure = pressure.blocks();
    Update(view_.status, run, clock_.WallNow());
    return run;
  };
  run_at(clock_.Now());
  view_.run = run_at(clock_.Now() + 1s);
  run_at(clock_.Now() + 2s);  // a newer one, finished since this request was answered
  const std::string observed =
      "headroom_pressure_observed_seconds_total{target=\"main\",system=\"redis\"} ";
  EXPECT_THAT(Page(view_), HasSubstr(observed + "1\n"));
  view_.run = nullptr;
  EXPECT_THAT(Page(view_), HasSubstr(observed + "2\n"));
  EXPECT_THAT(Page(view_), HasSubstr("queue=\"q\",db=\"0\",state=\"ready\"} 14\n"));
}

TEST_F(MetricsPage, ASelectionHasItsTargetsAndNotTheProcess) {
  const auto other = self_.AddTarget("other", "redis");
  const std::string page = Page(view_, PageScope::kNamedOnly);
  EXPECT_THAT(page, HasSubstr("headroom_target_errors_total{target=\"main\""));
  EXPECT_THAT(page, Not(HasSubstr("target=\"other\"")));
  EXPECT_THAT(page, Not(HasSubstr("process_cpu_seconds_total")));
  EXPECT_THAT(page, Not(HasSubstr("headroom_build_info")));
}

}  // namespace
}  // namespace headroom
