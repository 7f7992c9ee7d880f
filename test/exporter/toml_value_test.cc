#include "exporter/config/toml_value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "test/support/scratch.h"
#include "test/support/toml.h"

namespace headroom {
namespace {

using test::Messages;
using test::Toml;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

std::vector<std::string> Mistakes(std::string_view text) {
  Diagnostics diagnostics;
  EXPECT_FALSE(ParseToml(text, "t.toml", diagnostics).has_value()) << text;
  return Messages(diagnostics);
}

std::string Repeat(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(ParseToml, KeepsTheOrderAndThePlacesOfTheFile) {
  const Value root = Toml("z = 1\n[[b]]\n  y = 'q'\n  a = 2\n[a]\n");
  const auto& table = std::get<Value::Table>(root.data);
  ASSERT_EQ(table.size(), 3U);
  EXPECT_EQ(table[0].key, "z");
  EXPECT_EQ(table[1].key, "b");
  EXPECT_EQ(table[2].key, "a");
  const Value& b = std::get<Value::List>(table[1].value.data).at(0);
  const auto& keys = std::get<Value::Table>(b.data);
  EXPECT_EQ(keys[0].key, "y");
  EXPECT_EQ(keys[1].key, "a");
  EXPECT_EQ(keys[1].value.position.source, "t.toml");
  EXPECT_EQ(keys[1].value.position.line, 4U);
  EXPECT_EQ(keys[1].value.position.column, 3U);
}

TEST(ParseToml, SyntaxErrorsHaveLineAndColumn) {
  EXPECT_THAT(Mistakes("a = 1\nb = \n"),
              ElementsAre(StartsWith("t.toml:2:5: not valid TOML: Error while parsing")));
  EXPECT_THAT(Mistakes("a = 1\na = 2\n"),
              ElementsAre("t.toml:2:5: not valid TOML: Error while parsing key-value pair: cannot "
                          "redefine existing integer 'a'"));
  EXPECT_THAT(Mistakes("[a\n"), ElementsAre(StartsWith("t.toml:1:3: not valid TOML: ")));
  EXPECT_THAT(Mistakes("x = 'abc"), ElementsAre(StartsWith("t.toml:1:9: not valid TOML: ")));
}

TEST(ParseToml, ForgottenQuotesAreExplained) {
  const char* hint = " (text and durations stand in straight quotes: \"5s\")";
  EXPECT_THAT(Mistakes("timeout = 2s"), ElementsAre(testing::EndsWith(hint)));
  EXPECT_THAT(Mistakes("url = redis://u:hunter2@h"),
              ElementsAre(testing::AllOf(testing::EndsWith(hint),
                                         testing::Not(testing::HasSubstr("hunter2")))));
}

TEST(ParseToml, AnOpenQuoteAndALoneBackslashAreExplained) {
  EXPECT_THAT(Mistakes("a = \"x\nb = \"y\"\n"),
              ElementsAre(testing::EndsWith(" (is a closing quote missing?)")));
  EXPECT_THAT(Mistakes(R"(include = ["orders\..*"])"),
              ElementsAre(testing::HasSubstr("single quotes take it as it is")));
}

TEST(ParseToml, MessagesAreOneLineWhateverTheParserSays) {
  EXPECT_THAT(
      Mistakes("url=tr\ntls=[]\n"),
      ElementsAre("t.toml:1:7: not valid TOML: Error while parsing boolean: expected 'true', "
                  "saw 'tr\\x0a' (text and durations stand in straight quotes: \"5s\")"));
}

TEST(ParseToml, BytesThatAreNotUtf8AreRefused) {
  EXPECT_THAT(Mistakes("a = '\xff'"), ElementsAre(StartsWith("t.toml:1:")));
  EXPECT_THAT(Mistakes("\xc0\x80 = 1"), ElementsAre(StartsWith("t.toml:1:")));
  EXPECT_THAT(Mistakes("a = '\xed\xa0\x80'"), ElementsAre(StartsWith("t.toml:1:")));
  EXPECT_THAT(Mistakes(std::string_view("a = 1\0", 6)), ElementsAre(StartsWith("t.toml:1:")));
}

TEST(ParseToml, DeepNestingIsRefusedBeforeItCosts) {
  const char* deep = "nested deeper than 32 levels";
  EXPECT_THAT(Mistakes("a = " + Repeat("[", 100'000)),
              ElementsAre(std::string("t.toml:1:37: ") + deep));
  EXPECT_THAT(Mistakes("x = 1\na = " + Repeat("{b=", 100'000)),
              ElementsAre(std::string("t.toml:2:101: ") + deep));
  EXPECT_THAT(Mistakes(Repeat("a.", 400'000) + "a = 1"), ElementsAre(testing::EndsWith(deep)));
  EXPECT_THAT(Mistakes("[" + Repeat("a . ", 200'000) + "a]"), ElementsAre(testing::EndsWith(deep)));
  EXPECT_THAT(Mistakes(Repeat("'a'.\"a\".", 1000) + "a = 1"), ElementsAre(testing::EndsWith(deep)));
  Toml("a = " + Repeat("[", 32) + Repeat("]", 32));
}

// toml++ 3.3 and 3.4 run into undefined behaviour on these where tomlplusplus.h does not mend it.
TEST(ParseToml, LettersBeyondAsciiBehindAValueAreAMistakeLikeOthers) {
  EXPECT_THAT(Mistakes("a = 1\nb = '\u00e9' # \u00e9\nx = 5\u00e9\n"),
              ElementsAre(testing::StartsWith("t.toml:3:6: not valid TOML: ")));
  EXPECT_THAT(Mistakes("a = \"\\\u00e9\""),
              ElementsAre(testing::StartsWith("t.toml:1:7: not valid TOML: ")));
  EXPECT_THAT(Mistakes("\u00e9 = 5\n"),
              ElementsAre(testing::StartsWith("t.toml:1:1: not valid TOML: ")));
}

TEST(ParseToml, ABraceForAKeyIsAMistakeLikeOthers) {
  EXPECT_THAT(Mistakes("[}}ut=' 1s"),
              ElementsAre(testing::StartsWith("t.toml:1:2: not valid TOML: ")));
}

TEST(ParseToml, LettersBeyondAsciiInQuotesAndCommentsAreFine) {
  Toml("\ufeff'\u00e9' = \"\u00e9\" # \u00e9\nb = '''\n\u00e9'''\n");
  Toml("a = \"\"\"x\\\n  \u00e9\"\"\"\n");
}

TEST(ParseToml, BracketsAndDotsInStringsAndCommentsDoNotCount) {
  const std::string many = Repeat("[{.", 50);
  Toml("# " + many + "\na = '" + many + "'\nb = \"\\\"" + many + "\"\nc = '''\n" + many +
       "'\n'''\nd = \"\"\"" + many + "\"\"\"\"\"\ne = ['a.b.c', '" + many + "']\n");
}

TEST(ParseToml, DateTimesKeepWhetherTheyHaveAnOffset) {
  const Value root = Toml(
      "a = 2026-11-27T09:00:30.25\nb = 2026-11-27 09:00:30-03:30\nc = 2000-02-29T00:00:00Z\n"
      "d = 2026-11-27\ne = 09:00:00\n");
  const auto& table = std::get<Value::Table>(root.data);
  const auto a = std::get<WrittenDateTime>(table[0].value.data);
  const auto b = std::get<WrittenDateTime>(table[1].value.data);
  const auto c = std::get<WrittenDateTime>(table[2].value.data);
  EXPECT_EQ(a.local.time_since_epoch().count(), 1'795'770'030);
  EXPECT_EQ(a.fraction, std::chrono::milliseconds(250));
  EXPECT_EQ(a.offset, std::nullopt);
  EXPECT_EQ(b.local, a.local);
  EXPECT_EQ(b.offset, std::chrono::minutes(-210));
  EXPECT_EQ(c.local.time_since_epoch().count(), 951'782'400);
  EXPECT_EQ(c.offset, std::chrono::minutes(0));
  EXPECT_EQ(table[3].value.TypeName(), "a date");
  EXPECT_EQ(table[4].value.TypeName(), "a time");
}

TEST(ParseToml, DateTimesAreTheSameWhenWrittenTheSame) {
  EXPECT_TRUE(Toml("a = 2026-11-27T09:00:00").SameAs(Toml("a = 2026-11-27 09:00:00")));
  EXPECT_FALSE(Toml("a = 2026-11-27T09:00:00").SameAs(Toml("a = 2026-11-27T09:00:01")));
  EXPECT_FALSE(Toml("a = 2026-11-27T09:00:00").SameAs(Toml("a = 2026-11-27T09:00:00Z")));
  EXPECT_THAT(Mistakes("a = 2026-02-29T09:00:00"), ElementsAre(StartsWith("t.toml:1:")));
}

TEST(ParseToml, LargerThanOneMebibyteIsRefused) {
  const std::string fits(kMaxConfigBytes, '\n');
  Toml(fits);
  EXPECT_THAT(Mistakes(fits + "\n"), ElementsAre("t.toml:1:1: the file is larger than 1 MiB"));
}

TEST(ReadTomlFile, UnreadableFilesSayWhy) {
  const auto mistakes = [](const std::string& path) {
    Diagnostics diagnostics;
    EXPECT_FALSE(ReadTomlFile(path, diagnostics).has_value());
    return Messages(diagnostics);
  };
  EXPECT_THAT(mistakes("/nonexistent/h.toml"),
              ElementsAre("/nonexistent/h.toml:1:1: cannot read the configuration: No such file or "
                          "directory"));
  EXPECT_THAT(mistakes("/tmp"),
              ElementsAre("/tmp:1:1: cannot read the configuration: Is a directory"));
  EXPECT_THAT(mistakes("/dev/zero"),
              ElementsAre("/dev/zero:1:1: cannot read the configuration: not a regular file"));
}

TEST(ReadTomlFile, ReadsAFile) {
  const test::Scratch scratch;
  Diagnostics diagnostics;
  const auto value = ReadTomlFile(scratch.Write("h.toml", "a = 1\n"), diagnostics);
  ASSERT_TRUE(value.has_value());
  EXPECT_TRUE(value->SameAs(Toml("a = 1")));
  EXPECT_THAT(Messages(diagnostics), IsEmpty());
}

}  // namespace
}  // namespace headroom
