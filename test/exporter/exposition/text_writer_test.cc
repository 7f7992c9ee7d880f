#include "exporter/exposition/text_writer.h"

#include <gtest/gtest.h>

#include <array>
#include <clocale>
#include <cstdint>
#include <limits>
#include <string>

namespace headroom {
namespace {

constexpr FamilyDesc kGauge = {"g", "help"};

std::string Text(Number value) {
  std::string out;
  AppendNumber(out, value);
  return out;
}

TEST(Numbers, CountsAreDigits) {
  EXPECT_EQ(Text(std::uint64_t{0}), "0");
  EXPECT_EQ(Text(std::uint64_t{1'000'000}), "1000000");
  EXPECT_EQ(Text(std::uint64_t{9'007'199'254'740'993}), "9007199254740993");
  EXPECT_EQ(Text(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
}

TEST(Numbers, WholeDoublesAreDigitsAsLongAsTheyAreExact) {
  EXPECT_EQ(Text(1e6), "1000000");
  EXPECT_EQ(Text(1767225600.0), "1767225600");
  EXPECT_EQ(Text(-17.0), "-17");
  EXPECT_EQ(Text(9007199254740992.0), "9007199254740992");
  EXPECT_EQ(Text(1e21), "1e+21");
}

TEST(Numbers, DoublesAreTheShortestTextThatReadsBack) {
  EXPECT_EQ(Text(1767225600.123), "1767225600.123");
  EXPECT_EQ(Text(0.1), "0.1");
  EXPECT_EQ(Text(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(Text(5e-324), "5e-324");
  EXPECT_EQ(Text(1.7976931348623157e+308), "1.7976931348623157e+308");
  EXPECT_EQ(Text(-1e-7), "-1e-07");
}

TEST(Numbers, MinusZeroIsZero) { EXPECT_EQ(Text(-0.0), "0"); }

TEST(Numbers, LocaleChangesNothing) {
  const std::string before = std::setlocale(LC_ALL, nullptr);
  for (const char* name : {"de_DE.UTF-8", "de_DE", "fr_FR.UTF-8"}) std::setlocale(LC_ALL, name);
  EXPECT_EQ(Text(1234567.5), "1234567.5");
  std::setlocale(LC_ALL, before.c_str());
}

TEST(BlockBuilder, UnknownNumbersLeaveNoSampleAndNoFamily) {
  BlockBuilder builder;
  builder.Begin(kGauge);
  builder.Add("", {}, std::numeric_limits<double>::quiet_NaN());
  builder.Add("", {}, std::numeric_limits<double>::infinity());
  builder.Add("", {}, -std::numeric_limits<double>::infinity());
  builder.End();
  const Blocks blocks = std::move(builder).Take();
  EXPECT_EQ(blocks.text, "");
  EXPECT_TRUE(blocks.families.empty());
  EXPECT_EQ(blocks.series, 0U);
}

TEST(BlockBuilder, WritesLabelsOnlyWhereThereAreSome) {
  BlockBuilder builder;
  builder.Begin(kGauge);
  builder.Add("", {}, std::uint64_t{1});
  builder.Add("a=\"b\"", {}, std::uint64_t{2});
  builder.Add("", std::array{ExtraLabel{"state", "x\"y"}}, std::uint64_t{3});
  builder.Add("a=\"b\"", std::array{ExtraLabel{"state", "ready"}}, 0.5);
  builder.End();
  EXPECT_EQ(std::move(builder).Take().text,
            "g 1\ng{a=\"b\"} 2\ng{state=\"x\\\"y\"} 3\ng{a=\"b\",state=\"ready\"} 0.5\n");
}

TEST(BlockBuilder, FamiliesAreSortedByNameWhateverTheOrderOfWriting) {
  static constexpr FamilyDesc kSecond = {"b_total", "help", MetricType::kCounter};
  static constexpr FamilyDesc kFirst = {"a", "help"};
  BlockBuilder builder;
  for (const FamilyDesc& family : {kSecond, kFirst}) {
    builder.Begin(family);
    builder.Add("", {}, std::uint64_t{1});
    builder.End();
  }
  const Blocks blocks = std::move(builder).Take();
  ASSERT_EQ(blocks.families.size(), 2U);
  EXPECT_EQ(blocks.TextOf(blocks.families[0]), "a 1\n");
  EXPECT_EQ(blocks.TextOf(blocks.families[1]), "b_total 1\n");
  EXPECT_EQ(blocks.series, 2U);
}

}  // namespace
}  // namespace headroom
