#include "exporter/simulate/arrivals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <vector>

namespace headroom {
namespace {

using std::chrono::days;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::Each;
using testing::ElementsAre;

TEST(Arrivals, AtOnceIsOneInstant) {
  EXPECT_THAT(ArrivalTimes({{Burst{seconds(3), {}, 4}}}),
              ElementsAre(seconds(3), seconds(3), seconds(3), seconds(3)));
}

TEST(Arrivals, SpreadIsEvenFromTheBeginningOn) {
  EXPECT_THAT(
      ArrivalTimes({{Burst{seconds(3), seconds(1), 4}}}),
      ElementsAre(milliseconds(3000), milliseconds(3250), milliseconds(3500), milliseconds(3750)));
}

TEST(Arrivals, PiecesAreMergedInOrder) {
  EXPECT_THAT(ArrivalTimes({{Burst{seconds(2), {}, 1}, Burst{seconds(1), seconds(2), 2}}}),
              ElementsAre(seconds(1), seconds(2), seconds(2)));
}

TEST(Arrivals, ARampWithOneRateIsASpread) {
  EXPECT_EQ(ArrivalTimes({{Ramp{seconds(5), minutes(1), 30, 30}}}),
            ArrivalTimes({{Burst{seconds(5), minutes(1), 30}}}));
}

TEST(Arrivals, ARampFromNothingBringsAQuarterInItsFirstHalf) {
  const std::vector<Arrivals> ramp = {Ramp{{}, minutes(2), 0, 400}};
  const auto times = ArrivalTimes(ramp);
  EXPECT_EQ(times.size(), 400U);
  EXPECT_EQ(std::count_if(times.begin(), times.end(), [](Duration t) { return t < minutes(1); }),
            100);
  // n of 400 after 2 min x sqrt(n / 400): the fourth in a tenth of it.
  EXPECT_EQ(times[4], seconds(12));
}

TEST(Arrivals, ARampDownMirrorsOneUp) {
  const auto times = ArrivalTimes({{Ramp{{}, minutes(2), 400, 0}}});
  EXPECT_EQ(times.size(), 400U);
  EXPECT_EQ(std::count_if(times.begin(), times.end(), [](Duration t) { return t < minutes(1); }),
            300);
}

TEST(Arrivals, TheLargestRampIsCountedExactly) {
  EXPECT_EQ(CountOf(Ramp{{}, days(7), 0, 10'000'000}), Wide{10'000'000} * 7 * 24 * 60 / 2);
  EXPECT_EQ(CountOf(Ramp{{}, days(7), 10'000'000, 10'000'000}), Wide{10'000'000} * 7 * 24 * 60);
}

TEST(ServiceTimes, WithoutASpreadAreAllTheSame) {
  EXPECT_THAT(DrawServiceTimes({{seconds(6)}, {}, 1}, 5), Each(seconds(6)));
}

TEST(ServiceTimes, ASpreadStaysWithinItsBoundsAndKeepsTheMean) {
  const auto times = DrawServiceTimes({{seconds(60)}, seconds(20), 1}, 10'000);
  const auto [least, most] = std::minmax_element(times.begin(), times.end());
  EXPECT_GE(*least, seconds(40));
  EXPECT_LT(*least, milliseconds(40'100));
  EXPECT_LE(*most, seconds(80));
  EXPECT_GT(*most, milliseconds(79'900));
  Duration sum{};
  for (const Duration time : times) sum += time;
  EXPECT_NEAR(Seconds(sum) / 10'000, 60, 0.5);
}

TEST(ServiceTimes, OfAListEachIsAsLikely) {
  const auto times = DrawServiceTimes({{seconds(1), seconds(2), seconds(9)}, {}, 1}, 9'000);
  for (const Duration time : {seconds(1), seconds(2), seconds(9)}) {
    EXPECT_NEAR(static_cast<double>(std::count(times.begin(), times.end(), time)), 3000, 150);
  }
}

TEST(ServiceTimes, TheSameSeedDrawsTheSame) {
  const auto draw = [](std::uint64_t seed) {
    return DrawServiceTimes({{seconds(60)}, seconds(20), seed}, 50);
  };
  EXPECT_EQ(draw(7), draw(7));
  EXPECT_NE(draw(7), draw(8));
}

}  // namespace
}  // namespace headroom
