#include "exporter/sample_pace.h"

#include <gtest/gtest.h>

namespace headroom {
namespace {

using namespace std::chrono_literals;

TEST(SamplePace, ACheapRunIsSampledAsConfigured) {
  const SamplePace pace{50ms, 0.1, 5ms};
  EXPECT_EQ(pace.Every(), 50ms);
  EXPECT_EQ(pace.LongestGap(), 150ms);
}

TEST(SamplePace, ADearRunIsSampledLessOftenAndItsGapsMayBeLonger) {
  const SamplePace pace{50ms, 0.1, 23ms};
  EXPECT_EQ(pace.Every(), 230ms);
  EXPECT_EQ(pace.LongestGap(), 690ms);
}

TEST(SamplePace, ARunLongerThanItsIntervalIsFollowedAtTheNextPointOfTheGrid) {
  EXPECT_EQ((SamplePace{50ms, 1, 49ms}.Every()), 50ms);
  EXPECT_EQ((SamplePace{50ms, 1, 105ms}.Every()), 150ms);
}

TEST(SamplePace, NoPaceMakesAGapOfMoreThanTwoSecondsCount) {
  EXPECT_EQ((SamplePace{50ms, 0.1, 100ms}.LongestGap()), 2s);
  EXPECT_FALSE((SamplePace{50ms, 0.1, 200ms}.Blind()));
  EXPECT_TRUE((SamplePace{50ms, 0.1, 201ms}.Blind()));
}

TEST(SamplePace, ThreeIntervalsAlwaysCount) {
  EXPECT_EQ((SamplePace{5s, 0.1, 1ms}.LongestGap()), 15s);
  EXPECT_EQ((SamplePace{5s, 0.1, 1s}.LongestGap()), 15s);
  EXPECT_TRUE((SamplePace{5s, 0.1, 1600ms}.Blind()));
}

}  // namespace
}  // namespace headroom
