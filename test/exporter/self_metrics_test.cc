#include "exporter/self_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "exporter/exposition/page.h"

namespace headroom {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string Text(const SelfMetrics& metrics) {
  const std::vector<prometheus::MetricFamily> families = metrics.Collect();
  return RenderFamilies(families).text;
}

std::string Errors(std::string_view reason, int count) {
  return "headroom_target_errors_total{target=\"main\",system=\"redis\",reason=\"" +
         std::string(reason) + "\"} " + std::to_string(count) + "\n";
}

TEST(SelfMetrics, SaysItsVersion) {
  EXPECT_EQ(Text(SelfMetrics("1.2.3")), "headroom_build_info{version=\"1.2.3\"} 1\n");
}

TEST(SelfMetrics, AllReasonsAreAtZeroAsSoonAsATargetIsAdded) {
  SelfMetrics metrics("1");
  const auto errors = metrics.AddTarget("main", "redis");
  const std::string text = Text(metrics);
  for (const ErrorKind kind : kAllErrorKinds) EXPECT_THAT(text, HasSubstr(Errors(Name(kind), 0)));
}

TEST(SelfMetrics, CountsEachReasonApart) {
  SelfMetrics metrics("1");
  const auto errors = metrics.AddTarget("main", "redis");
  errors->Count(ErrorKind::kAuth);
  errors->Count(ErrorKind::kAuth);
  errors->Count(ErrorKind::kInternal);
  const std::string text = Text(metrics);
  EXPECT_THAT(text, HasSubstr(Errors("auth", 2)));
  EXPECT_THAT(text, HasSubstr(Errors("internal", 1)));
  EXPECT_THAT(text, HasSubstr(Errors("connect", 0)));
}

TEST(SelfMetrics, ATargetThatIsKeptOverAReloadKeepsItsCounts) {
  SelfMetrics metrics("1");
  auto before = metrics.AddTarget("main", "redis");
  before->Count(ErrorKind::kTimeout);
  const auto after = metrics.AddTarget("main", "redis");
  before.reset();
  after->Count(ErrorKind::kTimeout);
  EXPECT_THAT(Text(metrics), HasSubstr(Errors("timeout", 2)));
}

TEST(SelfMetrics, ATargetThatIsGoneLeavesThePage) {
  SelfMetrics metrics("1");
  metrics.AddTarget("main", "redis").reset();
  EXPECT_THAT(Text(metrics), Not(HasSubstr("headroom_target_errors_total")));
}

TEST(SelfMetrics, AFailedReloadKeepsTheTimeOfTheLastSuccess) {
  SelfMetrics metrics("1");
  const WallTime start{std::chrono::milliseconds(1'767'225'600'500)};
  metrics.ConfigLoaded(true, start);
  metrics.ConfigLoaded(false, start + std::chrono::hours(1));
  const std::string text = Text(metrics);
  EXPECT_THAT(text, HasSubstr("headroom_config_last_reload_successful 0\n"));
  EXPECT_THAT(text,
              HasSubstr("headroom_config_last_reload_success_timestamp_seconds 1767225600.5\n"));
}

TEST(SelfMetrics, TargetsComeGoAndCountFromManyThreads) {
  SelfMetrics metrics("1");
  const auto held = metrics.AddTarget("held", "redis");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&metrics, &held] {
      for (int i = 0; i < 200; ++i) {
        metrics.AddTarget("main", "redis")->Count(ErrorKind::kConnect);
        held->Count(ErrorKind::kConnect);
        metrics.Collect();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::string text = Text(metrics);
  EXPECT_THAT(text, HasSubstr("{target=\"held\",system=\"redis\",reason=\"connect\"} 800\n"));
  EXPECT_THAT(text, Not(HasSubstr("main")));
}

}  // namespace
}  // namespace headroom
