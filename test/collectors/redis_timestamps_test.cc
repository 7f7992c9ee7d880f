#include <gtest/gtest.h>

#include <chrono>
#include <string_view>

#include "collectors/redis/timestamps.h"

namespace headroom::redis {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

// 2026-01-01T00:00:00Z
constexpr WallTime kNewYear{seconds(1'767'225'600)};

struct Readable {
  std::string_view text;
  Duration after_new_year;
};

class RedisTimestamps : public testing::TestWithParam<Readable> {};

TEST_P(RedisTimestamps, ReadsWhatIsMeant) {
  auto time = ParseTimestamp(GetParam().text);
  ASSERT_TRUE(time.has_value()) << GetParam().text;
  const Duration off = *time - kNewYear - GetParam().after_new_year;
  EXPECT_LT(std::chrono::abs(off), std::chrono::microseconds(1)) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Formats, RedisTimestamps,
    testing::Values(
        Readable{"1767225600", seconds(0)}, Readable{"1767225600.5", milliseconds(500)},
        Readable{"1.7672256e9", seconds(0)}, Readable{"1767225600123", milliseconds(123)},
        Readable{"1767225600123.25", nanoseconds(123'250'000)},
        Readable{"2026-01-01T00:00:00Z", seconds(0)}, Readable{"2026-01-01t00:00:00z", seconds(0)},
        Readable{"2026-01-01 00:00:07", seconds(7)}, Readable{"2026-01-01T00:01", seconds(60)},
        Readable{"2026-01-01T00:00:00.25Z", milliseconds(250)},
        Readable{"2026-01-01T00:00:00,25Z", milliseconds(250)},
        Readable{"2026-01-01T00:00:00.123456789123Z", nanoseconds(123'456'789)},
        Readable{"2026-01-01T09:00:00+09:00", seconds(0)},
        Readable{"2025-12-31T19:30:00-0430", seconds(0)},
        Readable{"2025-12-31T14:00:00-10", seconds(0)},
        Readable{"2025-12-31T23:59:60Z", seconds(0)},  // a leap second
        Readable{"2028-02-29T00:00:00Z", std::chrono::hours(24) * (365 + 365 + 59)}));

class RedisTimestampsGarbage : public testing::TestWithParam<std::string_view> {};

TEST_P(RedisTimestampsGarbage, IsUnknown) {
  EXPECT_FALSE(ParseTimestamp(GetParam()).has_value()) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(
    Texts, RedisTimestampsGarbage,
    testing::Values("", " ", "now", "nan", "inf", "-1", "1e300", "12 34", "1767225600s",
                    "1767225600000000000",  // nanoseconds: nobody promised to read them
                    "2026-01-01", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z",
                    "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z",
                    "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+", "2026-01-01T00:00:00+9:00",
                    "2026-01-01T00:00:00Zulu", "1969-12-31T23:59:59Z", "2262-01-01T00:00:00Z",
                    "26-01-01T00:00:00Z"));

TEST(RedisTimestampsBoundary, NumbersFrom1e11AreMilliseconds) {
  EXPECT_EQ(ParseTimestamp("100000000000"), WallTime(seconds(100'000'000)));
  EXPECT_FALSE(ParseTimestamp("99999999999").has_value());  // seconds, in the year 5138
}

TEST(RedisTimestampsBoundary, ZeroIsTheEpoch) { EXPECT_EQ(ParseTimestamp("0"), WallTime()); }

}  // namespace
}  // namespace headroom::redis
