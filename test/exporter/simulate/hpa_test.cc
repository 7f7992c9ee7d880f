// Examples from Kubernetes' documentation ("Horizontal Pod Autoscaling": algorithm details,
// configurable scaling behavior), and what its controller does where that is silent.
#include "exporter/simulate/hpa.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace headroom {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using Policy = HpaPolicy::Type;
using Select = HpaRules::Select;

constexpr Ratio kTenth{1, 10};

HpaOptions Between(std::uint64_t min, std::uint64_t max) {
  HpaOptions options;
  options.min = min;
  options.max = max;
  return options;
}

// An autoscaler with pods that are ready at once, fed with one metric of target AverageValue 1.
class Loop {
 public:
  Loop(HpaOptions options, std::uint64_t replicas) : hpa_(std::move(options)), now_(replicas) {}

  std::uint64_t Sync(std::optional<std::uint64_t> value) {
    const std::vector<HpaMetric> metrics = {{value}};
    now_ = hpa_.Sync(at_, {now_, now_}, metrics);
    at_ += step;
    return now_;
  }
  std::vector<std::uint64_t> Syncs(std::uint64_t value, int times) {
    std::vector<std::uint64_t> replicas;
    for (int i = 0; i < times; ++i) replicas.push_back(Sync(value));
    return replicas;
  }

  Duration step = seconds(15);

 private:
  Hpa hpa_;
  Duration at_{};
  std::uint64_t now_;
};

TEST(Hpa, ValueTwiceTheTargetDoublesAndHalfOfItHalves) {
  EXPECT_EQ(ValueReplicas(200, 100, {5, 5}, kTenth), 10U);
  EXPECT_EQ(ValueReplicas(50, 100, {6, 6}, kTenth), 3U);
  EXPECT_EQ(ValueReplicas(50, 100, {5, 5}, kTenth), 3U);  // 2.5, rounded up
}

TEST(Hpa, ValueMultipliesThePodsThatAreReady) {
  EXPECT_EQ(ValueReplicas(200, 100, {8, 3}, kTenth), 6U);
  EXPECT_EQ(ValueReplicas(200, 100, {8, 0}, kTenth), 0U);
  EXPECT_EQ(ValueReplicas(250, 100, {0, 0}, kTenth), 3U);
}

TEST(Hpa, AverageValueDividesAndRoundsUp) {
  EXPECT_EQ(AverageValueReplicas(100, 1, {2, 2}, kTenth), 100U);
  EXPECT_EQ(AverageValueReplicas(510, 50, {2, 2}, kTenth), 11U);
  EXPECT_EQ(AverageValueReplicas(0, 50, {2, 2}, kTenth), 0U);
}

TEST(Hpa, AverageValueDoesNotAskWhoIsReady) {
  EXPECT_EQ(AverageValueReplicas(100, 10, {4, 0}, kTenth), 10U);
}

TEST(Hpa, WithinTheToleranceNothingChanges) {
  EXPECT_EQ(AverageValueReplicas(200, 1, {182, 182}, kTenth), 182U);
  EXPECT_EQ(AverageValueReplicas(200, 1, {181, 181}, kTenth), 200U);
  EXPECT_EQ(AverageValueReplicas(100, 1, {111, 111}, kTenth), 111U);
  EXPECT_EQ(AverageValueReplicas(100, 1, {112, 112}, kTenth), 100U);
  EXPECT_EQ(ValueReplicas(109, 100, {50, 50}, kTenth), 50U);
  EXPECT_EQ(ValueReplicas(112, 100, {50, 50}, kTenth), 56U);
}

TEST(Hpa, OnTheEdgeOfTheToleranceIsWithinIt) {
  EXPECT_EQ(AverageValueReplicas(11, 1, {10, 10}, kTenth), 10U);
  EXPECT_EQ(AverageValueReplicas(9, 1, {10, 10}, kTenth), 10U);
}

TEST(Hpa, WithoutToleranceEachDifferenceCounts) {
  EXPECT_EQ(AverageValueReplicas(101, 1, {100, 100}, std::nullopt), 101U);
  EXPECT_EQ(AverageValueReplicas(100, 1, {100, 100}, std::nullopt), 100U);
}

TEST(Hpa, NoReplicasAndNothingToDoStaysAtNone) {
  EXPECT_EQ(AverageValueReplicas(0, 10, {0, 0}, kTenth), 0U);
  EXPECT_EQ(AverageValueReplicas(1, 10, {0, 0}, kTenth), 1U);
}

TEST(Hpa, TheLargestOfSeveralMetricsCounts) {
  const std::vector<HpaMetric> metrics = {{12}, {40}};
  EXPECT_EQ(ProposedReplicas(metrics, {20, 20}, kTenth), 40U);
}

TEST(Hpa, WithAMetricMissingItScalesUpButNotDown) {
  const std::vector<HpaMetric> metrics = {{std::nullopt}, {40}};
  EXPECT_EQ(ProposedReplicas(metrics, {20, 20}, kTenth), 40U);
  EXPECT_EQ(ProposedReplicas(metrics, {60, 60}, kTenth), std::nullopt);
}

TEST(Hpa, WithoutAnyMetricNothingChanges) {
  Loop loop(Between(1, 100), 7);
  EXPECT_EQ(loop.Sync(std::nullopt), 7U);
}

TEST(Hpa, DefaultDoublesOrAddsFourWhicheverIsMore) {
  EXPECT_THAT(Loop(Between(1, 100), 2).Syncs(100, 6), ElementsAre(6, 12, 24, 48, 96, 96));
  EXPECT_THAT(Loop(Between(1, 100), 1).Syncs(7, 3), ElementsAre(5, 7, 7));
}

TEST(Hpa, APolicyLimitsTheChangeWithinItsPeriodNotPerSync) {
  HpaOptions options = Between(1, 100);
  options.up.policies = {{Policy::kPods, 4, seconds(60)}};
  // The fifth sync is 60 s after the first.
  EXPECT_THAT(Loop(options, 1).Syncs(100, 6), ElementsAre(5, 5, 5, 5, 9, 9));
}

TEST(Hpa, PodsAsManyAsTheMaximumIsOneStep) {
  HpaOptions options = Between(2, 200);
  options.up.policies = {{Policy::kPods, 200, seconds(15)}};
  EXPECT_EQ(Loop(options, 2).Sync(200), 200U);
}

TEST(Hpa, MaxReplicasAndMinReplicasBound) {
  HpaOptions options = Between(3, 20);
  options.down.stabilization_window = seconds(0);
  Loop loop(options, 10);
  EXPECT_EQ(loop.Sync(1000), 20U);
  EXPECT_EQ(loop.Sync(0), 3U);
}

TEST(Hpa, ReplicasOutsideTheBoundsAreSetToThemWithoutPolicies) {
  HpaOptions options = Between(10, 20);
  options.up.policies = {{Policy::kPods, 1, seconds(60)}};
  options.down.policies = {{Policy::kPods, 1, seconds(60)}};
  EXPECT_EQ(Loop(options, 2).Sync(15), 10U);
  EXPECT_EQ(Loop(options, 50).Sync(15), 20U);
}

TEST(Hpa, NoReplicasAreAutoscalingSwitchedOff) {
  EXPECT_EQ(Loop(Between(1, 100), 0).Sync(50), 0U);
  EXPECT_EQ(Loop(Between(0, 100), 0).Sync(50), 4U);
}

// "80 replicas, to be scaled down to 10": 8, then 10 % of 72 rounded up to 8, and 4 at a time below
// 40.
TEST(Hpa, DownByTenPercentOrFourPodsAMinute) {
  HpaOptions options = Between(1, 100);
  options.down = {seconds(0),
                  Select::kMax,
                  {{Policy::kPods, 4, minutes(1)}, {Policy::kPercent, 10, minutes(1)}}};
  Loop loop(options, 80);
  loop.step = minutes(1);
  EXPECT_THAT(loop.Syncs(10, 8), ElementsAre(72, 64, 57, 51, 45, 40, 36, 32));
}

TEST(Hpa, SelectMinTakesThePolicyThatChangesLeast) {
  HpaOptions options = Between(1, 100);
  options.down = {seconds(0),
                  Select::kMin,
                  {{Policy::kPercent, 10, minutes(1)}, {Policy::kPods, 5, minutes(1)}}};
  EXPECT_EQ(Loop(options, 80).Sync(10), 75U);
  EXPECT_EQ(Loop(options, 20).Sync(10), 18U);
  options.up = {seconds(0),
                Select::kMin,
                {{Policy::kPercent, 100, minutes(1)}, {Policy::kPods, 5, minutes(1)}}};
  EXPECT_EQ(Loop(options, 20).Sync(90), 25U);
  EXPECT_EQ(Loop(options, 2).Sync(90), 4U);
}

TEST(Hpa, SelectDisabledNeverScalesThatWay) {
  HpaOptions options = Between(1, 100);
  options.down.stabilization_window = seconds(0);
  options.down.select = Select::kDisabled;
  EXPECT_EQ(Loop(options, 80).Sync(10), 80U);
  EXPECT_EQ(Loop(options, 80).Sync(100), 100U);
  options.up.select = Select::kDisabled;
  EXPECT_EQ(Loop(options, 80).Sync(100), 80U);
}

TEST(Hpa, DownGoesToTheLargestRecommendationOfTheLastFiveMinutes) {
  Loop loop(Between(1, 100), 50);
  EXPECT_EQ(loop.Sync(80), 80U);  // at 0 s
  // Until 285 s it remembers the 80; at 300 s it is as old as the window, and over.
  EXPECT_THAT(loop.Syncs(10, 19), testing::Each(80U));
  EXPECT_EQ(loop.Sync(10), 10U);
}

TEST(Hpa, UpGoesToTheSmallestRecommendationOfItsWindow) {
  HpaOptions options = Between(1, 100);
  options.up.stabilization_window = seconds(60);
  Loop loop(options, 10);
  EXPECT_EQ(loop.Sync(10), 10U);
  // The last recommendation of 10 was at 0 s.
  EXPECT_THAT(loop.Syncs(20, 4), ElementsAre(10, 10, 10, 20));
}

TEST(Hpa, AControllerThatStartsTakesWhatIsThereForTheLastRecommendation) {
  Loop loop(Between(1, 100), 40);
  EXPECT_EQ(loop.Sync(10), 40U);
}

TEST(Hpa, RemovedPodsMakeRoomForThePolicyOfTheOtherWay) {
  HpaOptions options = Between(1, 100);
  options.down.stabilization_window = seconds(0);
  options.up.policies = {{Policy::kPods, 2, seconds(60)}};
  Loop loop(options, 20);
  EXPECT_EQ(loop.Sync(10), 10U);
  // 60 s ago there were 20: two more than those are allowed.
  EXPECT_EQ(loop.Sync(100), 22U);
}

}  // namespace
}  // namespace headroom
