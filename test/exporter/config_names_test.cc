// Names of targets in a configuration: their own, and those of the targets that they belong to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "exporter/config/config.h"
#include "test/exporter/config_fixture.h"

namespace headroom {
namespace {

using test::config::Mistakes;
using test::config::Outcome;
using test::config::Parse;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(ParseConfig, NamesAreUniqueOverAllSystems) {
  EXPECT_THAT(Mistakes("[[broker]]\nname='a'\n[[redis]]\nname='a'\nurl='u'\n"
                       "[[redis]]\nname='a'\nurl='u'\n"),
              ElementsAre("t.toml:4:1: redis[0].name: the name \"a\" is taken by the target at "
                          "t.toml:2:1; names are unique over all systems",
                          "t.toml:7:1: redis[1].name: the name \"a\" is taken by the target at "
                          "t.toml:2:1; names are unique over all systems"));
}

TEST(ParseConfig, NamesAreExpandedBeforeTheyAreCompared) {
  ::setenv("HEADROOM_TEST_POD", "pod-1", 1);
  const Outcome fine = Parse("[[broker]]\nname='${HEADROOM_TEST_POD}'\n");
  EXPECT_EQ(fine.config.value().targets.at(0).name, "pod-1");
  EXPECT_THAT(Mistakes("[[broker]]\nname='${HEADROOM_TEST_POD}'\n[[broker]]\nname='pod-1'\n"),
              ElementsAre(HasSubstr("the name \"pod-1\" is taken")));
}

TEST(ParseConfig, AnUnsetVariableIsAnErrorThatNamesIt) {
  ::unsetenv("HEADROOM_TEST_UNSET");
  EXPECT_THAT(Mistakes("[[redis]]\nname='${HEADROOM_TEST_UNSET}'\n"
                       "url='redis://u:hunter2@${HEADROOM_TEST_UNSET}'\n"),
              ElementsAre("t.toml:2:1: redis[0].name: the environment variable HEADROOM_TEST_UNSET "
                          "is not set",
                          "t.toml:3:1: redis[0].url: the environment variable HEADROOM_TEST_UNSET "
                          "is not set"));
}

TEST(ParseConfig, NamesThatCannotBeLabelsAreRefused) {
  ::setenv("HEADROOM_TEST_BYTES", "\xff", 1);
  const auto mistake = [](const std::string& name) {
    return Mistakes("[[broker]]\nname = " + name + "\n");
  };
  EXPECT_THAT(mistake("''"), ElementsAre(HasSubstr("expected a name that is not empty")));
  EXPECT_THAT(mistake("7"), ElementsAre(HasSubstr("expected a string, got an integer")));
  EXPECT_THAT(mistake("'${HEADROOM_TEST_BYTES}'"), ElementsAre(HasSubstr("valid UTF-8")));
  EXPECT_THAT(mistake("\"a\\nb\""), ElementsAre(HasSubstr("without control characters")));
  std::string longest;
  for (int i = 0; i < 128; ++i) longest += "\xc3\xa9";  // two bytes, one character
  EXPECT_THAT(mistake("'" + longest + "'"), IsEmpty());
  EXPECT_THAT(mistake("'" + longest + "x'"), ElementsAre(HasSubstr("at most 128 characters")));
}

constexpr char kServers[] = "[[postgresql]]\nname='db'\n[[postgresql]]\nname='archive'\n";

std::string Pooler(const std::string& keys) {
  return std::string(kServers) + "[[pgbouncer]]\nname='a'\n" + keys;
}

TEST(Links, TheNamesOfTargetsThatExistAreKept) {
  const Outcome outcome =
      Parse(Pooler("postgresql='db'\n[[pgbouncer.databases]]\nname='old'\npostgresql='archive'\n"
                   "[[pgbouncer.databases]]\nname='unwatched'\npostgresql=''\n"));
  ASSERT_THAT(outcome.messages, IsEmpty());
  EXPECT_THAT(LinkedTargets(outcome.config->targets.back()), ElementsAre("db", "archive"));
  EXPECT_THAT(LinkedTargets(outcome.config->targets.front()), IsEmpty());
}

TEST(Links, AnUnknownNameIsAnErrorAtItsPlace) {
  EXPECT_THAT(Mistakes(Pooler("postgresql='archve'\n")),
              ElementsAre("t.toml:7:1: pgbouncer[0].postgresql: there is no [[postgresql]] target "
                          "\"archve\": did you mean \"archive\"?"));
  EXPECT_THAT(Mistakes(Pooler("[[pgbouncer.databases]]\nname='x'\npostgresql='other'\n")),
              ElementsAre("t.toml:9:1: pgbouncer[0].databases[0].postgresql: there is no "
                          "[[postgresql]] target \"other\""));
}

TEST(Links, ATargetOfAnotherSystemIsAnError) {
  EXPECT_THAT(Mistakes(Pooler("postgresql='a'\n")),
              ElementsAre("t.toml:7:1: pgbouncer[0].postgresql: expected the name of a "
                          "[[postgresql]] target, and \"a\" is a [[pgbouncer]] one"));
}

TEST(Links, AnotherServerIsAnotherTarget) {
  const auto pooler = [](const char* server) {
    return Parse(Pooler("postgresql='" + std::string(server) + "'\n")).config->targets.back();
  };
  EXPECT_TRUE(pooler("db").SameAs(pooler("db")));
  EXPECT_FALSE(pooler("db").SameAs(pooler("archive")));
}

}  // namespace
}  // namespace headroom
