#include "exporter/workload/ratio.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "exporter/workload/fraction_sum.h"

namespace headroom {
namespace {

constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max();

TEST(Ratio, IsWhatWasWritten) {
  EXPECT_EQ(ParseRatio("3"), (Ratio{3, 1}));
  EXPECT_EQ(ParseRatio("0.9"), (Ratio{9, 10}));
  EXPECT_EQ(ParseRatio("2.50"), (Ratio{5, 2}));
  EXPECT_EQ(ParseRatio("1200"), (Ratio{1200, 1}));
  EXPECT_EQ(ParseRatio("1e-3"), (Ratio{1, 1000}));
  EXPECT_EQ(ParseRatio("1.25e+2"), (Ratio{125, 1}));
  EXPECT_EQ(ParseRatio("0.333333333333333333"), (Ratio{333333333333333333, 1000000000000000000}));
  EXPECT_EQ(ParseRatio("1.0000000000000000000000000"), (Ratio{1, 1}));
}

TEST(Ratio, RefusesWhatIsNoPositiveNumberOrNotExact) {
  for (const char* text : {"",
                           "0",
                           "0.0",
                           "-1",
                           "+1",
                           ".5",
                           "5.",
                           "1.2.3",
                           "1e",
                           "e1",
                           "1e5x",
                           "inf",
                           "nan",
                           "0x1",
                           "1 ",
                           "1e19",
                           "1e99",
                           "1e-19",
                           "1234567890123456789",
                           "0.1234567890123456789",
                           "1e99999999999"}) {
    EXPECT_EQ(ParseRatio(text), std::nullopt) << text;
  }
}

TEST(Ratio, OfADoubleIsTheDecimalsThatWereWritten) {
  EXPECT_EQ(RatioOf(0.9), (Ratio{9, 10}));
  EXPECT_EQ(RatioOf(0.1 + 0.2), ParseRatio("0.30000000000000004"));
  EXPECT_EQ(RatioOf(3.0), (Ratio{3, 1}));
  EXPECT_EQ(RatioOf(1e-7), (Ratio{1, 10'000'000}));
  EXPECT_EQ(RatioOf(0.0), std::nullopt);
  EXPECT_EQ(RatioOf(std::numeric_limits<double>::quiet_NaN()), std::nullopt);
}

TEST(Ratio, ReadsAsDecimals) {
  for (const char* text : {"3", "0.9", "2.5", "0.000000000000000001", "1200.05"}) {
    EXPECT_EQ(ToString(*ParseRatio(text)), text);
  }
  EXPECT_EQ(ToString(Ratio{1, 3}), "1/3");
}

TEST(Ratio, DividesDownWithoutRoundingOnTheWay) {
  EXPECT_EQ(DivideDown(9, *ParseRatio("0.9")), 10U);
  EXPECT_EQ(DivideDown(187, *ParseRatio("3")), 62U);
  EXPECT_EQ(DivideDown(kLargest, *ParseRatio("1")), kLargest);
  EXPECT_EQ(DivideDown(kLargest, *ParseRatio("1e-18")), kLargest);
  EXPECT_EQ(DivideDown(0, *ParseRatio("1e-18")), 0U);
}

std::uint64_t Ceiling(const std::vector<std::pair<std::uint64_t, std::uint64_t>>& fractions) {
  FractionSum sum;
  for (const auto& [count, per] : fractions) sum.Add(count, per);
  return sum.Ceiling();
}

TEST(FractionSum, IsRoundedUpOnceAtTheEnd) {
  EXPECT_EQ(Ceiling({}), 0U);
  EXPECT_EQ(Ceiling({{420, 50}, {90, 20}}), 13U);
  EXPECT_EQ(Ceiling({{1, 3}, {1, 3}, {1, 3}}), 1U);
  EXPECT_EQ(Ceiling({{1, 3}, {1, 3}, {1, 3}, {1, 1'000'000}}), 2U);
  EXPECT_EQ(Ceiling({{1, 2}, {1, 3}, {1, 6}}), 1U);
  EXPECT_EQ(Ceiling({{kLargest, 1}, {1, 7}}), kLargest);
  EXPECT_EQ(Ceiling({{kLargest, kLargest}, {kLargest - 1, kLargest}}), 2U);
}

TEST(FractionSum, AgreesWithTheCommonMultipleOfSmallNumbers) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> fractions(1 + random() % 6);
    std::uint64_t multiple = 1;
    for (auto& [count, per] : fractions) {
      count = random() % 100;
      per = 1 + random() % 12;
      multiple = std::lcm(multiple, per);
    }
    std::uint64_t numerator = 0;
    for (const auto& [count, per] : fractions) numerator += count * (multiple / per);
    EXPECT_EQ(Ceiling(fractions), (numerator + multiple - 1) / multiple);
  }
}

TEST(FractionSum, WithoutACommonMultipleIsAtMostOneTooLargePerFractionAndNeverFalls) {
  constexpr std::uint64_t kPrimes[] = {18446744073709551557U, 18446744073709551533U,
                                       18446744073709551521U};
  std::vector<std::pair<std::uint64_t, std::uint64_t>> fractions;
  for (const std::uint64_t prime : kPrimes) fractions.emplace_back(prime / 4, prime);
  const std::uint64_t sum = Ceiling(fractions);
  EXPECT_GE(sum, 1U);
  EXPECT_LE(sum, 3U);
  fractions[1].first = fractions[1].second;
  EXPECT_GE(Ceiling(fractions), sum);
}

}  // namespace
}  // namespace headroom
