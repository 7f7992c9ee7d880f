#include "exporter/exposition/labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace headroom {
namespace {

using std::string_view_literals::operator""sv;
using testing::MatchesRegex;
using testing::StartsWith;

constexpr char kSuffix[] = "~[0-9a-f]+";

TEST(Labels, CleanNamesStayByteForByte) {
  for (const std::string_view name :
       {""sv, "queue:decisions"sv, "a\"b\\c\nd"sv, "nul\0inside"sv, "큐"sv, "\xF0\x9F\x98\x80"sv,
        "\xF4\x8F\xBF\xBF"sv, "\xED\x9F\xBF"sv, "\xEE\x80\x80"sv, "\xC2\x80"sv,
        "seven77\xC3\xA9"sv}) {
    EXPECT_EQ(CleanLabelValue(name), name);
  }
}

TEST(Labels, InvalidBytesBecomeReplacementCharactersWithAHash) {
  EXPECT_THAT(CleanLabelValue("a\xFFz"), MatchesRegex(std::string("a\xEF\xBF\xBDz") + kSuffix));
  EXPECT_EQ(CleanLabelValue("a\xFFz").size(), 5U + 17U);
}

TEST(Labels, HashIsFnv1aOfTheRawBytes) {
  // Computed apart: FNV-1a, 64 bits, of the single byte FF.
  EXPECT_EQ(CleanLabelValue("\xFF"), "\xEF\xBF\xBD~af64724c8602eb6e");
}

TEST(Labels, EverySortOfInvalidUtf8IsReplaced) {
  for (const std::string_view bad : {"\x80"sv,
                                     "\xBF"sv,
                                     "\xC0\x80"sv,
                                     "\xC1\xBF"sv,
                                     "\xE0\x80\x80"sv,
                                     "\xE0\x9F\xBF"sv,
                                     "\xF0\x80\x80\x80"sv,
                                     "\xF0\x8F\xBF\xBF"sv,
                                     "\xED\xA0\x80"sv,
                                     "\xED\xBF\xBF"sv,
                                     "\xF4\x90\x80\x80"sv,
                                     "\xF5\x80\x80\x80"sv,
                                     "\xFE"sv,
                                     "\xFF"sv,
                                     "\xC3"sv,
                                     "\xE2\x82"sv,
                                     "\xF0\x9F\x98"sv,
                                     "\xC3(\xA9"sv,
                                     "\xE2\x28\xA1"sv,
                                     "\xF0\x28\x8C\xBC"sv}) {
    EXPECT_FALSE(IsCleanLabelValue(bad));
    EXPECT_THAT(CleanLabelValue(bad), StartsWith("\xEF\xBF\xBD"));
    EXPECT_TRUE(IsCleanLabelValue(CleanLabelValue(bad)));
  }
}

TEST(Labels, NamesThatDifferOnlyInInvalidBytesStayDistinct) {
  EXPECT_NE(CleanLabelValue("a\xFE"), CleanLabelValue("a\xFF"));
}

TEST(Labels, LongNamesAreCutAndStayDistinct) {
  const std::string longest(kMaxLabelBytes, 'x');
  EXPECT_EQ(CleanLabelValue(longest), longest);

  const std::string huge(65536, 'x');
  EXPECT_EQ(CleanLabelValue(huge).size(), kMaxLabelBytes);
  EXPECT_THAT(CleanLabelValue(huge), MatchesRegex(std::string("x+") + kSuffix));
  EXPECT_NE(CleanLabelValue(huge), CleanLabelValue(huge + "y"));
}

TEST(Labels, CutsAtACodePointBoundary) {
  for (std::size_t shift = 0; shift < 3; ++shift) {
    std::string name(shift, 'x');
    for (int i = 0; i < 300; ++i) name += "큐";
    const std::string clean = CleanLabelValue(name);
    EXPECT_TRUE(IsCleanLabelValue(clean));
    EXPECT_EQ(clean.substr(0, clean.size() - 17), name.substr(0, clean.size() - 17));
    EXPECT_GT(clean.size(), kMaxLabelBytes - 4);
  }
}

TEST(Labels, InvalidBytesDoNotGrowAValueBeyondTheLimit) {
  EXPECT_LE(CleanLabelValue(std::string(500, '\xFF')).size(), kMaxLabelBytes);
}

TEST(Labels, ARealQueueNamedOtherIsToldFromTheSum) {
  EXPECT_THAT(CleanQueueName("_other"), MatchesRegex(std::string("_other") + kSuffix));
  EXPECT_EQ(CleanQueueName("_others"), "_others");
  EXPECT_EQ(CleanLabelValue("_other"), "_other");
}

TEST(Labels, EscapesBackslashQuoteAndLineFeedOnly) {
  std::string out;
  AppendEscaped(out, "\\a\"\n\t\r\0z"sv);
  EXPECT_EQ(out, "\\\\a\\\"\\n\t\r\0z"sv);
}

TEST(Labels, CleanerReturnsCleanValuesWithoutACopy) {
  LabelCleaner cleaner;
  const std::string name = "queue";
  EXPECT_EQ(cleaner.Clean(name).data(), name.data());
  const std::string_view first = cleaner.Clean("\xFF");
  for (int i = 0; i < 1000; ++i) cleaner.Clean("\xFE");
  EXPECT_EQ(first, CleanLabelValue("\xFF"));
}

}  // namespace
}  // namespace headroom
