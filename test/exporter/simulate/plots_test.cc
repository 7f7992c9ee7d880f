// What a person sees of a rehearsal: the plots and the command itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "exporter/simulate/plot_svg.h"
#include "exporter/simulate/plot_text.h"
#include "exporter/simulate/round_step.h"
#include "exporter/simulate/simulate.h"
#include "test/support/rehearsal.h"
#include "test/support/scratch.h"

namespace headroom {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kScenario = R"(play = "68m"
[workload]
name = "a <crowd> & more"
service_time = "6m"
finish_within = "12m"
max = 200
[[arrivals]]
messages = 100
[workers]
fixed = 10
)";

TEST(RehearsalPlot, TextHasAColumnPerPartOfTime) {
  const std::string plot = PlotText(test::Played(kScenario));
  // 68 minutes in 68 columns. 100 for six minutes, 90 for six, which are in the top eighth too, ...
  EXPECT_THAT(plot, HasSubstr("\n       100 |############\n"));
  // Ten in flight for an hour; the column in which the last are done still has them.
  EXPECT_THAT(
      plot,
      HasSubstr("\n           |............................................................"));
  EXPECT_THAT(plot, HasSubstr("workers: # working"));
  // 50 are recommended, then 45, 10 work.
  EXPECT_THAT(plot, HasSubstr("\n        50 |------------\n"));
}

TEST(RehearsalPlot, TextOfNothingToSeeIsEmptyAxes) {
  Outcome outcome = test::Played(kScenario);
  for (Moment& moment : outcome.curve) moment = {moment.at};
  EXPECT_THAT(PlotText(outcome), Not(HasSubstr("|#")));
}

TEST(RehearsalPlot, SvgIsOneFileThatEscapesWhatItShows) {
  const Scenario scenario = test::ScenarioOf(kScenario);
  const std::string svg = PlotSvg(scenario, test::Played(scenario));
  EXPECT_THAT(svg, StartsWith("<svg xmlns=\"http://www.w3.org/2000/svg\""));
  EXPECT_THAT(svg, EndsWith("</svg>\n"));
  EXPECT_THAT(svg, HasSubstr("a &lt;crowd&gt; &amp; more"));
  EXPECT_THAT(svg, HasSubstr("prefers-color-scheme: dark"));
  EXPECT_THAT(svg, Not(HasSubstr("href")));
  EXPECT_THAT(svg, Not(testing::ContainsRegex("(nan|inf)[ \"HVZ]")));
}

TEST(RehearsalPlot, SvgHasAxesUnitsAndALegend) {
  const Scenario scenario = test::ScenarioOf(kScenario);
  const std::string svg = PlotSvg(scenario, test::Played(scenario));
  for (const char* text : {">messages<", ">workers<", ">time since the start<", ">10m<", ">100<",
                           ">recommended<", ">in flight<"}) {
    EXPECT_THAT(svg, HasSubstr(text));
  }
  EXPECT_THAT(svg, Not(HasSubstr("cap by the pools")));
  // The drawn backlog begins at its peak, 100 of 100, and falls to 0.
  EXPECT_THAT(svg, HasSubstr("d=\"M80.0 320V90.0H"));
}

TEST(RoundStep, TakesTheSmallestThatIsEnough) {
  EXPECT_EQ(RoundStep(minutes(70), 24), minutes(5));
  EXPECT_EQ(RoundStep(minutes(120), 24), minutes(5));
  EXPECT_EQ(RoundStep(minutes(121), 24), minutes(10));
  EXPECT_EQ(RoundStep(seconds(1), 24), std::chrono::milliseconds(100));
  EXPECT_EQ(RoundStep(hours(24 * 7), 24), hours(12));
  EXPECT_EQ(RoundStep(std::uint64_t{1}, 5), 1U);
  EXPECT_EQ(RoundStep(std::uint64_t{100}, 5), 20U);
  EXPECT_EQ(RoundStep(std::uint64_t{101}, 5), 50U);
  EXPECT_EQ(RoundStep(std::uint64_t{14'980}, 5), 5000U);
}

struct Ran {
  int code = 0;
  std::string out;
  std::string err;
};

Ran RunSimulate(const std::string& file, const std::string& svg = "") {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Ran ran;
  ran.code = Simulate(file, svg);
  std::fflush(stdout);
  ran.out = testing::internal::GetCapturedStdout();
  ran.err = testing::internal::GetCapturedStderr();
  return ran;
}

TEST(SimulateCommand, PrintsTheReportAndWritesThePlot) {
  const test::Scratch scratch;
  const Ran ran = RunSimulate(scratch.Write("s.toml", kScenario), scratch.Path("p.svg"));
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.err, "");
  EXPECT_THAT(ran.out, HasSubstr("drained      1h after the first message (at 1h)\n"));
  EXPECT_THAT(ran.out, HasSubstr("messages: # waiting"));
  std::ifstream plot(scratch.Path("p.svg"));
  const std::string svg{std::istreambuf_iterator<char>(plot), {}};
  EXPECT_THAT(svg, EndsWith("</svg>\n"));
}

TEST(SimulateCommand, MistakesAreOnStandardErrorWithFileAndLine) {
  const test::Scratch scratch;
  const std::string file = scratch.Write("s.toml", "play = \"1m\"\nplya = 1\n");
  const Ran ran = RunSimulate(file);
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err,
              HasSubstr(file + ":2:1: plya: unknown key \"plya\": did you mean \"play\"?"));
}

TEST(SimulateCommand, AFileThatIsNotThereIsAMistake) {
  const Ran ran = RunSimulate("/nonexistent/s.toml");
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("No such file"));
}

TEST(SimulateCommand, APlotThatCannotBeWrittenIsAnError) {
  const test::Scratch scratch;
  const Ran ran = RunSimulate(scratch.Write("s.toml", kScenario), "/nonexistent/p.svg");
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("--simulate.svg: cannot write /nonexistent/p.svg: No such file"));
  EXPECT_THAT(ran.out, HasSubstr("drained"));
}

}  // namespace
}  // namespace headroom
