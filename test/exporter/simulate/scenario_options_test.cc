#include "exporter/simulate/scenario_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>

#include "test/support/rehearsal.h"

namespace headroom {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using test::MistakesOf;
using test::ScenarioOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Line by line: play is line 1, [workload] line 2, [[arrivals]] line 6, [workers] line 8, its HPA
// line 9.
const std::string kGood = R"(play = "10m"
[workload]
service_time = "1m"
finish_within = "2m"
max = 10
[[arrivals]]
messages = 5
[workers]
[workers.hpa]
)";

std::string With(const std::string& from, const std::string& to) {
  std::string text = kGood;
  return text.replace(text.find(from), from.size(), to);
}

TEST(ScenarioOptions, DefaultsAreThoseOfKubernetes) {
  const Scenario scenario = ScenarioOf(kGood);
  const ScalingPlan& plan = *scenario.workers.scaling;
  EXPECT_EQ(plan.hpa.sync, seconds(15));
  EXPECT_EQ(plan.hpa.tolerance, (Ratio{1, 10}));
  EXPECT_EQ(plan.hpa.up.stabilization_window, seconds(0));
  EXPECT_EQ(plan.hpa.down.stabilization_window, seconds(300));
  EXPECT_EQ(plan.hpa.up.policies, DefaultScaleUp().policies);
  EXPECT_EQ(plan.grace, seconds(30));
  EXPECT_EQ(plan.hpa.max, 10U);
  EXPECT_EQ(scenario.done_within, minutes(2));
}

TEST(ScenarioOptions, ADirectionKeepsTheDefaultsOfWhatItDoesNotSay) {
  const Scenario scenario = ScenarioOf(
      kGood +
      "scale_down = { policies = [{ type = \"Percent\", value = 10, period = \"1m\" }] }\n");
  const HpaRules& down = scenario.workers.scaling->hpa.down;
  EXPECT_EQ(down.stabilization_window, seconds(300));
  EXPECT_THAT(down.policies, ElementsAre(HpaPolicy{HpaPolicy::Type::kPercent, 10, minutes(1)}));
}

TEST(ScenarioOptions, AToleranceOfZeroIsNone) {
  EXPECT_EQ(ScenarioOf(kGood + "tolerance = 0\n").workers.scaling->hpa.tolerance, std::nullopt);
}

TEST(ScenarioOptions, ATimeThatStandsThereTwiceIsTwiceAsLikely) {
  const std::string text =
      With("[workers]", "[service]\ntimes = [\"5s\", \"5s\", \"30s\"]\n[workers]");
  EXPECT_THAT(ScenarioOf(text).service.times, ElementsAre(seconds(5), seconds(5), seconds(30)));
}

TEST(ScenarioOptions, ATimeThatIsEmptyIsAnErrorWithItsPlace) {
  EXPECT_THAT(MistakesOf(With("[workers]", "[service]\ntimes = [\"5s\", \"\"]\n[workers]")),
              ElementsAre(HasSubstr("service.times[1]: expected a string that is not empty")));
}

TEST(ScenarioOptions, UnknownKeysAreErrorsWithFileAndLine) {
  EXPECT_THAT(MistakesOf(With("messages = 5", "mesages = 5")),
              Contains("t.toml:7:1: arrivals[0].mesages: unknown key \"mesages\": did you mean "
                       "\"messages\"?"));
  EXPECT_THAT(MistakesOf("plai = \"1m\"\n" + kGood), Contains(HasSubstr("did you mean \"play\"?")));
  EXPECT_THAT(MistakesOf(kGood + "synk = \"1s\"\n"), Contains(HasSubstr("did you mean \"sync\"?")));
}

TEST(ScenarioOptions, BadNumbersAreRefusedWithTheirLine) {
  EXPECT_THAT(MistakesOf(With("messages = 5", "messages = 0")),
              ElementsAre(HasSubstr("t.toml:7:1: arrivals[0].messages: ")));
  EXPECT_THAT(MistakesOf(With("max = 10", "max = -1")),
              ElementsAre(HasSubstr("t.toml:5:1: workload.max: ")));
  EXPECT_THAT(MistakesOf(With("\"10m\"", "\"8d\"")), ElementsAre(HasSubstr("t.toml:1:1: play: ")));
  EXPECT_THAT(MistakesOf(With("messages = 5", "messages = 1.5")),
              ElementsAre(HasSubstr(
                  "arrivals[0].messages: expected an integer from 1 to 1000000, got 1.5")));
}

TEST(ScenarioOptions, EveryMistakeIsReportedAtOnce) {
  EXPECT_THAT(MistakesOf("play = 5\n[workload]\nmax = 0\n[[arrivals]]\n[workers]\nfixed = 0\n"),
              testing::SizeIs(testing::Ge(4)));
}

TEST(ScenarioOptions, EmptySaysWhatIsMissing) {
  const auto mistakes = MistakesOf("");
  for (const char* key : {"play", "workload", "arrivals", "workers"}) {
    EXPECT_THAT(mistakes, Contains(HasSubstr(std::string(key) + " is missing")));
  }
}

TEST(ScenarioOptions, KeysOfAPastedWorkloadSayWhatToUse) {
  const auto mistakes =
      MistakesOf(With("max = 10",
                      "max = 10\nqueues = [{ target = \"main\", queue = \"q\" }]\n"
                      "pools = [{ target = \"pooler\", database = \"app\", user = \"w\" }]"));
  EXPECT_THAT(mistakes, ElementsAre(HasSubstr("workload.queues: has no meaning here: a rehearsal "
                                              "has [[arrivals]] in place of queues; leave it out"),
                                    HasSubstr("workload.pools: has no meaning here: a rehearsal "
                                              "has a [database] in place of pools")));
}

// What must not be accepted: the text, and what the message says.
TEST(ScenarioOptions, RefusesWhatContradictsItself) {
  const std::string hpa = kGood;
  const std::pair<std::string, const char*> cases[] = {
      {kGood + "signal = \"backlog\"\n", "backlog needs a target"},
      {kGood + "signal = \"depth\"\n", "expected \"recommended\" or \"wanted\" or \"backlog\""},
      {kGood + "tolerance = 2\n", "workers.hpa.tolerance"},
      {kGood + "scale_up = { policies = [] }\n", "must hold at least one policy"},
      {kGood + "scale_up = { stabilization_window = \"1500ms\" }\n", "expected whole seconds"},
      {kGood + "scale_up = { policies = [{ type = \"Pods\", value = 1, period = \"31m\" }] }\n",
       "policies[0].period"},
      {With("[workers]", "[workers]\nfixed = 3"), "expected either fixed"},
      {With("[workers.hpa]", ""), "expected either fixed"},
      {With("[workers.hpa]", "fixed = 3\ngrace = \"1s\""), "workers.grace: does not go with fixed"},
      {With("messages = 5", "over = \"1m\"\nto_per_minute = 4"), "from_per_minute is missing"},
      {With("messages = 5", "over = \"1m\"\nfrom_per_minute = 4"), "to_per_minute is missing"},
      {With("max = 10", "max = 10\nmin = 1")
           .replace(kGood.find("[workers]") + 8, 9, "[workers]\ninitial = 0"),
       "autoscaling is off"},
      {With("service_time = \"1m\"\nfinish_within = \"2m\"", "messages_per_worker = 1"),
       "service_time is missing"},
      {With("finish_within = \"2m\"", ""), "expected either finish_within"},
      {With("max = 10", "max = 10\nreserve = 1"), "reserve: is only used with [database]"},
      {With("[workers]", "[database]\n[workers]"), "expected a limit"},
      {With("[workers]", "[database]\npool_size = 5\nothers_on_server = 1\n[workers]"),
       "is only used with max_connections"},
      {With("messages = 5", "messages = 5\nat = \"10m\""), "after the end of the rehearsal"},
      {With("messages = 5", "messages = 5\nat = \"9m\"\nover = \"2m\""), "after the end"},
      {With("messages = 5", "messages = 5\nover = \"1m\"\nto_per_minute = 4"),
       "does not go with a ramp"},
      {With("messages = 5", "from_per_minute = 0\nto_per_minute = 0\nover = \"1m\""),
       "expected more than 0"},
      {With("messages = 5", "messages = 600000\n[[arrivals]]\nmessages = 600000"),
       "more than 1000000 messages"},
      {With("[workers]", "[service]\nspread = \"1m\"\n[workers]"),
       "expected less than service_time"},
      {With("[workers]", "[service]\ntimes = [\"5\"]\n[workers]"), "expected durations"},
      {With("[workers]", "[service]\n[workers]"), "expected times or spread"},
      {"time_zone = \"Asia/Seoul\"\n" + kGood, "time_zone: is only used with start"},
      {"start = 2026-11-27T08:00:00\n" + kGood, "needs a time_zone, or an offset"},
      {With("[[arrivals]]",
            "[[workload.floor]]\nstart = 2026-11-27T09:00:00Z\n"
            "end = 2026-11-27T10:00:00Z\nworkers = 5\n[[arrivals]]"),
       "start is missing"},
  };
  for (const auto& [text, why] : cases) {
    EXPECT_THAT(MistakesOf(text), Contains(HasSubstr(why))) << text;
  }
}

TEST(ScenarioOptions, TheGoodOneIsGood) { EXPECT_THAT(MistakesOf(kGood), IsEmpty()); }

}  // namespace
}  // namespace headroom
