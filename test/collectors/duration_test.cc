#include <gtest/gtest.h>

#include <chrono>
#include <string_view>

#include "collectors/options.h"

namespace headroom {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(ParseDuration, ReadsSumsOfUnits) {
  EXPECT_EQ(ParseDuration("250ms"), milliseconds(250));
  EXPECT_EQ(ParseDuration("1s"), seconds(1));
  EXPECT_EQ(ParseDuration("1m30s"), seconds(90));
  EXPECT_EQ(ParseDuration("2h"), hours(2));
  EXPECT_EQ(ParseDuration("7d"), hours(168));
  EXPECT_EQ(ParseDuration("1d2h3m4s5ms"), hours(26) + minutes(3) + seconds(4) + milliseconds(5));
  EXPECT_EQ(ParseDuration("0s"), seconds(0));
  EXPECT_EQ(ParseDuration("1m1ms"), minutes(1) + milliseconds(1));
}

TEST(ParseDuration, RefusesWhatIsNotOne) {
  for (const std::string_view bad :
       {"",    " ",    "5",    "s",  "ms",  "5x",  "-1s",  "+1s",    "1.5s", " 1s",  "1s ",
        "1 s", "1s1s", "1s1m", "1S", "1µs", "1ns", "0x1s", "1s-1ms", "1e3s", "1ms1s"}) {
    EXPECT_EQ(ParseDuration(bad), std::nullopt) << '"' << bad << '"';
  }
}

TEST(ParseDuration, EndsAtTenYearsAndNeverOverflows) {
  EXPECT_EQ(ParseDuration("3650d"), kLongestDuration);
  for (const std::string_view bad :
       {"3650d1ms", "3651d", "9223372036854775807s", "18446744073709551615d",
        "18446744073709551616ms", "99999999999999999999999999ms", "315360000001ms"}) {
    EXPECT_EQ(ParseDuration(bad), std::nullopt) << bad;
  }
}

TEST(FormatDuration, UsesTheLargestUnits) {
  EXPECT_EQ(FormatDuration(seconds(90)), "1m30s");
  EXPECT_EQ(FormatDuration(milliseconds(250)), "250ms");
  EXPECT_EQ(FormatDuration(hours(168)), "7d");
  EXPECT_EQ(FormatDuration(milliseconds(1001)), "1s1ms");
  EXPECT_EQ(FormatDuration(Duration::zero()), "0s");
}

TEST(FormatDuration, IsReadBackUnchanged) {
  for (std::int64_t ms = 1; ms < kLongestDuration / milliseconds(1); ms = ms * 3 + 1) {
    const Duration duration = milliseconds(ms);
    EXPECT_EQ(ParseDuration(FormatDuration(duration)), duration) << ms;
  }
}

}  // namespace
}  // namespace headroom
