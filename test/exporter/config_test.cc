#include "exporter/config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "test/exporter/config_fixture.h"

namespace headroom {
namespace {

using std::chrono::seconds;
using test::config::Mistakes;
using test::config::Outcome;
using test::config::Parse;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kDocumented = R"(
[defaults]
timeout = "2s"
max_age = "1s"
# sample_interval = "1s"
max_series = 50000

[[redis]]
name = "main"
url = "redis://monitor@127.0.0.1:6379/0"
password_file = "/run/secrets/redis"
lists = ["queue:decisions", "queue:pipelines"]
list_patterns = ["queue:*"]
discovery_interval = "30s"
# pattern_ttl = "1h"
  [redis.tls]
  ca_file = "/etc/ssl/redis-ca.pem"
  [[redis.workers]]
  group = "decision-workers"
  keys = "consumer:*"
  state_field = "state"
  states = ["idle", "working", "draining"]
  heartbeat_field = "updated_at"
  # heartbeat_ttl = "60s"
  stale_after = "60s"
)";

TEST(ParseConfig, TheDocumentedShapeIsAccepted) {
  const Outcome outcome = Parse(kDocumented);
  ASSERT_THAT(outcome.messages, IsEmpty());
  ASSERT_EQ(outcome.config->targets.size(), 1U);
  const TargetConfig& target = outcome.config->targets[0];
  EXPECT_EQ(target.name, "main");
  EXPECT_EQ(target.type->system, "redis");
  EXPECT_EQ(target.sample_interval, std::nullopt);
  EXPECT_TRUE(target.make);
}

TEST(ParseConfig, WithoutDefaultsTheBuiltInOnesHold) {
  const Outcome outcome = Parse("[[redis]]\nname='a'\nurl='u'\n");
  const TargetConfig& target = outcome.config.value().targets.at(0);
  EXPECT_EQ(target.timeout, seconds(2));
  EXPECT_EQ(target.max_age, seconds(1));
  EXPECT_EQ(target.sample_interval, std::nullopt);
  EXPECT_EQ(target.max_series, 50'000);
  EXPECT_EQ(target.max_duty, 0.1);
}

TEST(ParseConfig, ATargetOverridesTheDefaults) {
  const Outcome outcome = Parse(
      "[defaults]\ntimeout='3s'\nmax_age='2s'\nsample_interval='1s'\nmax_series=7\nmax_duty=0.5\n"
      "[[redis]]\nname='a'\nurl='u'\n"
      "[[redis]]\nname='b'\nurl='u'\ntimeout='1s'\nmax_age='0s'\nsample_interval='0s'\n"
      "max_series=9\nmax_duty=1\n");
  ASSERT_THAT(outcome.messages, IsEmpty());
  const TargetConfig& a = outcome.config->targets.at(0);
  EXPECT_EQ(a.timeout, seconds(3));
  EXPECT_EQ(a.max_age, seconds(2));
  EXPECT_EQ(a.sample_interval, seconds(1));
  EXPECT_EQ(a.max_series, 7);
  EXPECT_EQ(a.max_duty, 0.5);
  const TargetConfig& b = outcome.config->targets.at(1);
  EXPECT_EQ(b.timeout, seconds(1));
  EXPECT_EQ(b.max_age, seconds(0));
  EXPECT_EQ(b.sample_interval, std::nullopt);
  EXPECT_EQ(b.max_series, 9);
  EXPECT_EQ(b.max_duty, 1.0);
}

TEST(ParseConfig, EveryMistakeIsReportedInTheOrderOfTheFile) {
  EXPECT_THAT(
      Mistakes("[defalts]\ntimeout = '1s'\n"
               "[[redis]]\nname = 'a'\nurl = 'u'\nlsts = ['x']\ntimeout = 5\n"
               "[[redis]]\nurl = 'u'\ndiscovery_interval = '1ms'\n"
               "  [[redis.workers]]\n  group = 'g'\n  stale_afer = '60s'\n  lists = ['y']\n"
               "[[reddis]]\n"),
      ElementsAre(
          "t.toml:1:2: defalts: unknown key \"defalts\": did you mean \"defaults\"?",
          "t.toml:6:1: redis[0].lsts: unknown key \"lsts\": did you mean \"lists\"?",
          "t.toml:7:1: redis[0].timeout: expected a duration such as \"5s\", got 5",
          "t.toml:8:1: redis[1]: name is missing",
          "t.toml:10:1: redis[1].discovery_interval: expected a duration of at least 100ms, got "
          "\"1ms\"",
          "t.toml:13:3: redis[1].workers[0].stale_afer: unknown key \"stale_afer\": did you mean "
          "\"stale_after\"?",
          "t.toml:14:3: redis[1].workers[0].lists: belongs to [[redis]], but stands after "
          "[[redis.workers]], so TOML gives it to that table: move it above",
          "t.toml:15:3: reddis: unknown key \"reddis\": did you mean \"redis\"?"));
}

// The keys that all targets share are known without the collector's help.
TEST(ParseConfig, ACommonKeyAfterAWorkerGroupIsMisplaced) {
  EXPECT_THAT(
      Mistakes("[[redis]]\nname='a'\nurl='u'\n[[redis.workers]]\ngroup='g'\ntimeout='5s'\n"),
      ElementsAre("t.toml:6:1: redis[0].workers[0].timeout: belongs to [[redis]], but "
                  "stands after [[redis.workers]], so TOML gives it to that table: "
                  "move it above"));
}

struct Bound {
  std::string setting;
  std::string message;
};

class ConfigBound : public testing::TestWithParam<Bound> {};

TEST_P(ConfigBound, HoldsInDefaultsAndOnATarget) {
  const auto& [setting, message] = GetParam();
  const std::string key = setting.substr(0, setting.find(' '));
  EXPECT_THAT(Mistakes("[defaults]\n" + setting + "\n[[broker]]\nname='a'\n"),
              ElementsAre("t.toml:2:1: defaults." + key + ": " + message));
  EXPECT_THAT(Mistakes("[[broker]]\nname='a'\n" + setting + "\n"),
              ElementsAre("t.toml:3:1: broker[0]." + key + ": " + message));
}

const std::vector<Bound> kBounds = {
    {"timeout = '0s'", "expected a duration from 1ms to 1m, got \"0s\""},
    {"timeout = '60001ms'", "expected a duration from 1ms to 1m, got \"60001ms\""},
    {"max_age = '301s'", "expected a duration from 0s to 5m, got \"301s\""},
    {"sample_interval = '61s'", "expected a duration from 0s to 1m, got \"61s\""},
    {"max_series = 0", "expected an integer from 1 to 10000000, got 0"},
    {"max_series = 10000001", "expected an integer from 1 to 10000000, got 10000001"},
    {"max_duty = 0", "expected a number from 0.001 to 1, got 0"},
    {"max_duty = 1.01", "expected a number from 0.001 to 1, got 1.01"},
};

INSTANTIATE_TEST_SUITE_P(All, ConfigBound, testing::ValuesIn(kBounds));

TEST(ParseConfig, ADefaultSampleIntervalIsRaisedToWhatTheSystemBears) {
  const Outcome outcome = Parse(
      "[defaults]\nsample_interval='1s'\n[[broker]]\nname='b'\n[[redis]]\nname='r'\nurl='u'\n");
  EXPECT_THAT(outcome.messages,
              ElementsAre("t.toml:3:1: warning: broker[0]: the sample_interval of [defaults], 1s, "
                          "is raised to 5s here"));
  // By system: redis first, then the broker.
  EXPECT_EQ(outcome.config.value().targets.at(0).sample_interval, seconds(1));
  EXPECT_EQ(outcome.config.value().targets.at(1).sample_interval, seconds(5));
}

TEST(ParseConfig, ATargetsOwnSampleIntervalIsNotRaised) {
  EXPECT_THAT(Mistakes("[[broker]]\nname='b'\nsample_interval='1s'\n"),
              ElementsAre("t.toml:3:1: broker[0].sample_interval: expected a duration of at least "
                          "5s here (or \"0s\": no sampling), got \"1s\""));
}

TEST(ParseConfig, NothingToWatchSaysHowToAddATarget) {
  const char* message =
      "t.toml:1:1: nothing to watch: add a table such as [[redis]], [[broker]], "
      "[[postgresql]], [[pgbouncer]] to a file for "
      "--config.file, or give --redis.url (or HEADROOM_REDIS_URL)";
  EXPECT_THAT(Mistakes(""), ElementsAre(message));
  EXPECT_THAT(Mistakes("redis = []\n"), ElementsAre(message));
}

TEST(ParseConfig, SinglesForDoublesAreExplained) {
  EXPECT_THAT(Mistakes("[redis]\nname='a'\n"),
              ElementsAre("t.toml:1:2: redis: expected [[redis]], in double brackets, or redis = "
                          "[{ ... }]: there may be several"));
}

TEST(TargetConfigSameAs, SeesEverySettingAndNoLayout) {
  const auto target = [](const std::string& text) { return Parse(text).config->targets.at(0); };
  const TargetConfig a = target("[[redis]]\nname='a'\nurl='u'\nlists=['x']\n");
  EXPECT_TRUE(a.SameAs(target("\n\n[[redis]]\nlists = [\n'x',\n]\nurl = \"u\"\nname='a'\n")));
  EXPECT_TRUE(
      a.SameAs(target("[defaults]\ntimeout='2s'\n[[redis]]\nname='a'\nurl='u'\nlists=['x']")));
  const std::string same = "[[redis]]\nname='a'\nurl='u'\nlists=['x']\n";
  for (const char* defaults :
       {"timeout='3s'", "max_age='2s'", "sample_interval='1s'", "max_series=5", "max_duty=0.2"}) {
    EXPECT_FALSE(a.SameAs(target("[defaults]\n" + std::string(defaults) + "\n" + same)))
        << defaults;
  }
  EXPECT_FALSE(a.SameAs(target("[[redis]]\nname='a'\nurl='u'\nlists=['y']\n")));
  EXPECT_FALSE(a.SameAs(target("[[redis]]\nname='b'\nurl='u'\nlists=['x']\n")));
  EXPECT_FALSE(
      target("[[broker]]\nname='a'\nurl='u'\n").SameAs(target("[[redis]]\nname='a'\nurl='u'\n")));
}

}  // namespace
}  // namespace headroom
