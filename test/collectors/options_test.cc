#include "collectors/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "collectors/suggest.h"
#include "test/support/toml.h"

namespace headroom {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::Messages;
using test::Toml;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// What is said about `text` when it is read by `read`.
std::vector<std::string> Read(std::string_view text,
                              const std::function<void(OptionsReader&)>& read) {
  const Value value = Toml(text);
  Diagnostics diagnostics;
  OptionsReader options(value, "", diagnostics);
  read(options);
  options.Finish();
  return Messages(diagnostics);
}

TEST(OptionsReader, HandsOutWhatIsThereAndNothingElse) {
  const Value value = Toml("s='x'\nb=true\ni=7\nn=0.5\nw=2\nd='1m30s'\nl=['a','b']\no='list'\n");
  Diagnostics diagnostics;
  OptionsReader options(value, "", diagnostics);
  EXPECT_EQ(options.String("s"), "x");
  EXPECT_EQ(options.Bool("b"), true);
  EXPECT_EQ(options.Integer("i", 0, 10), 7);
  EXPECT_EQ(options.Number("n", 0, 1), 0.5);
  EXPECT_EQ(options.Number("w", 0, 2), 2.0);
  EXPECT_EQ(options.DurationAtLeast("d", seconds(1)), seconds(90));
  EXPECT_THAT(options.Strings("l"), ElementsAre("a", "b"));
  EXPECT_EQ(options.OneOf("o", {"list", "zset"}), "list");
  EXPECT_EQ(options.Integer("absent", 0, 10), std::nullopt);
  EXPECT_EQ(options.Bool("absent"), std::nullopt);
  options.Finish();
  EXPECT_THAT(Messages(diagnostics), IsEmpty());
  EXPECT_TRUE(options.ok());
}

struct Case {
  std::string text;
  std::function<void(OptionsReader&)> read;
  std::string message;
};

class OptionsMistake : public testing::TestWithParam<Case> {};

TEST_P(OptionsMistake, IsReportedAtItsPlace) {
  EXPECT_THAT(Read(GetParam().text, GetParam().read), ElementsAre(GetParam().message));
}

const std::vector<Case> kCases = {
    {"x = 5", [](auto& o) { o.String("x"); }, "t.toml:1:1: x: expected a string, got an integer"},
    {"x = 1979-05-27", [](auto& o) { o.String("x"); },
     "t.toml:1:1: x: expected a string, got a date"},
    {"x = 1979-05-27T07:32:00Z", [](auto& o) { o.String("x"); },
     "t.toml:1:1: x: expected a string, got a date-time"},
    {"x = '1979-05-27T07:32:00'", [](auto& o) { o.DateTime("x"); },
     "t.toml:1:1: x: expected a date-time without quotes, such as 2026-11-27T09:00:00 or "
     "2026-11-27T09:00:00+09:00, got \"1979-05-27T07:32:00\""},
    {"  x = 'yes'", [](auto& o) { o.Bool("x"); },
     "t.toml:1:3: x: expected true or false without quotes, got \"yes\""},
    {"x = '7'", [](auto& o) { o.Integer("x", 1, 10); },
     "t.toml:1:1: x: expected an integer from 1 to 10, got \"7\""},
    {"x = 11", [](auto& o) { o.Integer("x", 1, 10); },
     "t.toml:1:1: x: expected an integer from 1 to 10, got 11"},
    {"x = 7.0", [](auto& o) { o.Integer("x", 1, 10); },
     "t.toml:1:1: x: expected an integer from 1 to 10, got 7"},
    {"x = nan", [](auto& o) { o.Number("x", 0, 1); },
     "t.toml:1:1: x: expected a number from 0 to 1, got nan"},
    {"x = inf", [](auto& o) { o.Number("x", 0, 1); },
     "t.toml:1:1: x: expected a number from 0 to 1, got inf"},
    {"x = 5", [](auto& o) { o.DurationAtLeast("x", seconds(0)); },
     "t.toml:1:1: x: expected a duration such as \"5s\", got 5"},
    {"x = 30", [](auto& o) { o.DurationAtLeast("x", seconds(0)); },
     "t.toml:1:1: x: expected a duration such as \"30s\", got 30"},
    {"x = 0.5", [](auto& o) { o.DurationAtLeast("x", seconds(0)); },
     "t.toml:1:1: x: expected a duration such as \"500ms\", got 0.5"},
    {"x = '5 seconds'", [](auto& o) { o.DurationAtLeast("x", seconds(0)); },
     "t.toml:1:1: x: expected a duration such as \"5s\", got \"5 seconds\" (whole numbers of d, h, "
     "m, s and ms)"},
    {"x = '10ms'", [](auto& o) { o.DurationAtLeast("x", milliseconds(50)); },
     "t.toml:1:1: x: expected a duration of at least 50ms, got \"10ms\""},
    {"x = '2m'", [](auto& o) { o.DurationBetween("x", milliseconds(1), seconds(60)); },
     "t.toml:1:1: x: expected a duration from 1ms to 1m, got \"2m\""},
    {"x = 'set'",
     [](auto& o) {
       o.OneOf("x", {"list", "zset"});
     },
     "t.toml:1:1: x: expected \"list\" or \"zset\", got \"set\""},
    {"x = 'a'", [](auto& o) { o.Strings("x"); },
     "t.toml:1:1: x: expected a list of strings such as [\"a\", \"b\"], got a string"},
    {"x = ['a',\n  7]", [](auto& o) { o.Strings("x"); },
     "t.toml:2:3: x[1]: expected a string, got 7"},
    {"x = ['a', '']", [](auto& o) { o.Strings("x"); },
     "t.toml:1:11: x[1]: expected a string that is not empty"},
    {"x = ['a', 'b', 'a']", [](auto& o) { o.Strings("x"); },
     "t.toml:1:16: x[2]: \"a\" is listed twice"},
    {"lsts = []", [](auto& o) { o.Strings("lists"); },
     "t.toml:1:1: lsts: unknown key \"lsts\": did you mean \"lists\"?"},
    {"zzz = []", [](auto& o) { o.Strings("lists"); }, "t.toml:1:1: zzz: unknown key \"zzz\""},
    {"'a b' = 1", [](auto&) {}, "t.toml:1:1: \"a b\": unknown key \"a b\""},
    {"x = 1", [](auto& o) { o.Table("x"); },
     "t.toml:1:1: x: expected a table, [x], got an integer"},
    {"[[x]]", [](auto& o) { o.Table("x"); },
     "t.toml:1:3: x: expected a table, [x], got a list: there is only one, in single brackets"},
    {"[x]", [](auto& o) { o.Tables("x"); },
     "t.toml:1:2: x: expected [[x]], in double brackets, or x = [{ ... }]: there may be several"},
    {"x = 'a'", [](auto& o) { o.Tables("x"); },
     "t.toml:1:1: x: expected [[x]] tables, or x = [{ ... }], got a string"},
    {"x = [{}, 5]", [](auto& o) { o.Tables("x"); },
     "t.toml:1:10: x[1]: expected a table, { ... }, got 5"},
    {"", [](auto& o) { o.Require("name"); }, "t.toml:1:1: name is missing"},
};

INSTANTIATE_TEST_SUITE_P(All, OptionsMistake, testing::ValuesIn(kCases));

TEST(OptionsReader, AKeyOfTheParentIsSentBackThere) {
  const auto read = [](OptionsReader& root) {
    for (OptionsReader& redis : root.Tables("redis")) {
      redis.String("url");
      redis.Strings("lists");
      for (OptionsReader& workers : redis.Tables("workers")) {
        workers.String("group");
        workers.Finish();
      }
      redis.Finish();
    }
  };
  EXPECT_THAT(Read("[[redis]]\n[[redis.workers]]\ngroup = 'g'\nlists = []\nurl = 'x'\n", read),
              ElementsAre("t.toml:4:1: redis[0].workers[0].lists: belongs to [[redis]], but stands "
                          "after [[redis.workers]], so TOML gives it to that table: move it "
                          "above",
                          "t.toml:5:1: redis[0].workers[0].url: belongs to [[redis]], but stands "
                          "after [[redis.workers]], so TOML gives it to that table: move it "
                          "above"));
  EXPECT_THAT(Read("[[redis]]\nworkers = [{group = 'g', url = 'x'}]\n", read),
              ElementsAre("t.toml:2:26: redis[0].workers[0].url: belongs to [[redis]]: move it out "
                          "of this table"));
}

TEST(OptionsReader, AVariableWhereNoneIsReplacedIsAWarning) {
  const Value value = Toml(
      "list = '${PREFIX}:jobs'\nlists = ['a', '${P}:b']\n"
      "password_file = '${DIR}/redis'\n");
  Diagnostics diagnostics;
  OptionsReader options(value, "", diagnostics);
  EXPECT_EQ(options.String("list"), "${PREFIX}:jobs");
  EXPECT_EQ(options.Strings("lists").size(), 2U);
  options.SecretFrom("password");
  std::vector<std::string> places;
  for (const Diagnostic& d : diagnostics.all()) {
    EXPECT_EQ(d.severity, Diagnostic::Severity::kWarning);
    EXPECT_THAT(d.message, testing::HasSubstr("variables are replaced in name, url"));
    places.push_back(d.key);
  }
  EXPECT_THAT(places, ElementsAre("list", "lists[1]", "password_file"));
}

TEST(OptionsReader, OkIsAboutThisReaderAlone) {
  const Value value = Toml("[[t]]\nx = 1\n[[t]]\nx = 'fine'\n");
  Diagnostics diagnostics;
  OptionsReader root(value, "", diagnostics);
  std::vector<OptionsReader> tables = root.Tables("t");
  ASSERT_EQ(tables.size(), 2U);
  tables[0].String("x");
  EXPECT_FALSE(tables[0].ok());
  OptionsReader second(tables[1].table(), "t[1]", diagnostics);
  second.String("x");
  EXPECT_TRUE(second.ok());
}

TEST(OptionsReader, FinishingTwiceSaysItOnce) {
  EXPECT_THAT(Read("x = 1", [](OptionsReader& o) { o.Finish(); }),
              ElementsAre("t.toml:1:1: x: unknown key \"x\""));
}

TEST(OptionsReader, SecretsComeFromAFileOrAVariable) {
  ::setenv("HEADROOM_TEST_PASSWORD", "hunter2", 1);
  const Value value = Toml("a_file = '/run/a'\nb_env = 'HEADROOM_TEST_PASSWORD'\n");
  Diagnostics diagnostics;
  OptionsReader options(value, "", diagnostics);
  EXPECT_EQ(options.SecretFrom("a").place, "/run/a");
  EXPECT_EQ(options.SecretFrom("b").Read()->Reveal(), "hunter2");
  EXPECT_EQ(options.SecretFrom("c").from, SecretSource::From::kNone);
  EXPECT_THAT(Messages(diagnostics), IsEmpty());
}

// People write the password itself into the key at hand: no message may repeat it.
TEST(OptionsReader, NoMessageAboutASecretRepeatsIt) {
  ::setenv("HEADROOM_TEST_PASSWORD", "hunter2", 1);
  const auto read = [](OptionsReader& o) { o.SecretFrom("password"); };
  EXPECT_THAT(Read("password_env = 'HEADROOM_TEST_PASSWORD'\npassword_file = '/hunter2'", read),
              ElementsAre("t.toml:1:1: password_env: give either password_file or password_env, "
                          "not both"));
  EXPECT_THAT(Read("password_env = 'hunter2'", read),
              ElementsAre("t.toml:1:1: password_env: names an environment variable that is not set "
                          "(the key takes the variable's name, not the secret itself)"));
  EXPECT_THAT(Read("password_env = 'hunter 2'", read),
              ElementsAre(testing::Not(HasSubstr("hunter"))));
  EXPECT_THAT(Read("password_file = 123456", read),
              ElementsAre("t.toml:1:1: password_file: expected the path of a file, as a string, "
                          "got an integer"));
  EXPECT_THAT(
      Read("password = 'hunter2'", read),
      ElementsAre("t.toml:1:1: password: unknown key \"password\": passwords are not allowed "
                  "in the configuration, use password_file or password_env"));
}

TEST(Quoted, IsOneShortLineOfUtf8) {
  EXPECT_EQ(Quoted("a \"b\" \\c"), "\"a \\\"b\\\" \\\\c\"");
  EXPECT_EQ(Quoted("a\nb\x7f\xff\u00e9"), "\"a\\x0ab\\x7f\\xff\u00e9\"");
  EXPECT_EQ(Quoted(std::string(61, 'x')), "\"" + std::string(60, 'x') + "...\"");
  EXPECT_EQ(Quoted(std::string(59, 'x') + "\u00e9"), "\"" + std::string(59, 'x') + "...\"");
}

TEST(Suggest, ToleratesAThirdOfTheLetters) {
  const std::vector<std::string> keys = {"lists", "list_patterns", "url", "db"};
  EXPECT_EQ(Suggest("lsts", keys), "lists");
  EXPECT_EQ(Suggest("lits", keys), "lists");
  EXPECT_EQ(Suggest("ilsts", keys), "lists");
  EXPECT_EQ(Suggest("urll", keys), "url");
  EXPECT_EQ(Suggest("lru", keys), std::nullopt);
  EXPECT_EQ(Suggest("list-patern", keys), "list_patterns");
  EXPECT_EQ(Suggest("x", keys), std::nullopt);
  EXPECT_EQ(Suggest(std::string(100'000, 'l'), keys), std::nullopt);
}

TEST(ExpandEnvironment, ReplacesVariables) {
  ::setenv("HEADROOM_TEST_A", "alpha", 1);
  ::setenv("HEADROOM_TEST_EMPTY", "", 1);
  std::string error;
  EXPECT_EQ(ExpandEnvironment("x-${HEADROOM_TEST_A}-${HEADROOM_TEST_A}", &error), "x-alpha-alpha");
  EXPECT_EQ(ExpandEnvironment("[${HEADROOM_TEST_EMPTY}]", &error), "[]");
  EXPECT_EQ(ExpandEnvironment("$${HEADROOM_TEST_A} $$ $x 5$", &error),
            "${HEADROOM_TEST_A} $ $x 5$");
  EXPECT_EQ(ExpandEnvironment("", &error), "");
  EXPECT_EQ(error, "");
}

TEST(ExpandEnvironment, MistakesNameTheVariableAndNotTheText) {
  ::unsetenv("HEADROOM_TEST_UNSET");
  std::string error;
  EXPECT_EQ(ExpandEnvironment("redis://u:hunter2@${HEADROOM_TEST_UNSET}", &error), std::nullopt);
  EXPECT_EQ(error, "the environment variable HEADROOM_TEST_UNSET is not set");
  for (const char* bad : {"${", "${}", "${hunter2@h", "${hun ter2}", "${1A}", "hunter2${"}) {
    EXPECT_EQ(ExpandEnvironment(bad, &error), std::nullopt) << bad;
    EXPECT_EQ(error,
              "expected the name of an environment variable between \"${\" and \"}\" (a dollar "
              "sign itself is written $$)");
  }
}

TEST(ValueSameAs, ComparesContentAndNotPlace) {
  const Value a = Toml("x = 1\n[[r]]\nl = ['a', 'b']\nf = 0.5\n");
  EXPECT_TRUE(a.SameAs(Toml("r = [{f = 0.5, l = ['a', 'b']}]\n  x = 1\n")));
  for (const char* other :
       {"x = 2\n[[r]]\nl = ['a', 'b']\nf = 0.5\n", "x = 1\n[[r]]\nl = ['b', 'a']\nf = 0.5\n",
        "x = 1\n[[r]]\nl = ['a']\nf = 0.5\n", "x = 1.0\n[[r]]\nl = ['a', 'b']\nf = 0.5\n",
        "x = 1\n[[r]]\nl = ['a', 'b']\ng = 0.5\n"}) {
    EXPECT_FALSE(a.SameAs(Toml(other))) << other;
  }
}

}  // namespace
}  // namespace headroom
