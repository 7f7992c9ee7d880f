// The scenarios that are shipped: they play, and docs/rehearsal.md says what comes of them.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "exporter/config/toml_value.h"
#include "test/support/rehearsal.h"

namespace headroom {
namespace {

using std::chrono::minutes;
using testing::Contains;

const std::filesystem::path kDocs = std::filesystem::path(HEADROOM_SOURCE_DIR) / "docs";

struct Rehearsed {
  std::string name;
  Scenario scenario;
  Outcome outcome;
};

Rehearsed Rehearse(const std::filesystem::path& file) {
  Diagnostics diagnostics;
  const auto root = ReadTomlFile(file.string(), diagnostics);
  auto scenario = root ? ReadScenario(*root, diagnostics) : std::nullopt;
  EXPECT_THAT(test::Messages(diagnostics), testing::IsEmpty()) << file;
  if (!scenario) throw std::runtime_error(file.string());
  Outcome outcome = test::Played(*scenario);
  return {file.stem().string(), *std::move(scenario), std::move(outcome)};
}

Rehearsed Shipped(const std::string& name) {
  return Rehearse(kDocs / "scenarios" / (name + ".toml"));
}

std::string DatabaseCell(const Outcome& outcome) {
  if (!outcome.database) return "";
  const Excess& excess = outcome.database->exhausted;
  if (excess.total == Duration::zero()) return "never exhausted";
  return fmt::format("exhausted for {}, by up to {}", FormatDuration(excess.total), excess.most);
}

// As the table of docs/rehearsal.md has it.
std::string RowOf(const Rehearsed& r) {
  const Outcome& o = r.outcome;
  const std::string drained =
      o.drained ? FormatDuration(*o.drained - o.first_arrival) : std::string("not");
  return fmt::format(
      "| [{0}](scenarios/{0}.toml) | {1} | {2} | {3} | {4} | {5} of {6} | {7} | {8} |", r.name,
      drained, FormatDuration(o.until_done.p50), FormatDuration(o.until_done.p95),
      FormatDuration(o.until_done.max), o.promise->kept, o.messages, o.workers.number,
      DatabaseCell(o));
}

std::vector<std::string> LinesOf(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST(ShippedScenarios, TheDocsSayWhatComesOfEach) {
  const std::vector<std::string> lines = LinesOf(kDocs / "rehearsal.md");
  std::size_t scenarios = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kDocs / "scenarios")) {
    EXPECT_THAT(lines, Contains(RowOf(Rehearse(entry.path()))));
    ++scenarios;
  }
  EXPECT_GE(scenarios, 10U);
  const auto rows = std::count_if(lines.begin(), lines.end(), [](const std::string& line) {
    return line.find(".toml) | ") != std::string::npos;
  });
  EXPECT_EQ(static_cast<std::size_t>(rows), scenarios);
}

std::uint64_t WorkersAt(const Outcome& outcome, Duration at) {
  const auto moment = std::find_if(outcome.table.begin(), outcome.table.end(),
                                   [at](const Moment& m) { return m.at == at; });
  EXPECT_NE(moment, outcome.table.end()) << FormatDuration(at);
  return moment == outcome.table.end() ? 0 : moment->working;
}

TEST(ShippedScenarios, TheDocsSayWhatTheTwoPoliciesOfAnAutoscalerDo) {
  const Outcome ours = Shipped("200x1m-recommended").outcome;
  const Outcome theirs = Shipped("200x1m-defaults").outcome;
  ASSERT_EQ(ours.first_arrival, Duration::zero());  // the table counts from the crowd
  ASSERT_EQ(theirs.first_arrival, Duration::zero());
  const auto lines = LinesOf(kDocs / "autoscaling.md");
  EXPECT_THAT(lines,
              Contains(fmt::format("| most workers | {} after {} | {} after {} |",
                                   ours.workers.number, FormatDuration(ours.workers.at),
                                   theirs.workers.number, FormatDuration(theirs.workers.at))));
  for (const int at : {4, 6, 8, 12, 20, 24}) {
    EXPECT_THAT(lines,
                Contains(fmt::format("| after {} min | {} | {} |", at, WorkersAt(ours, minutes(at)),
                                     WorkersAt(theirs, minutes(at)))));
  }
}

TEST(ShippedScenarios, EachSaysWhatItTeaches) {
  for (const auto& entry : std::filesystem::directory_iterator(kDocs / "scenarios")) {
    const auto lines = LinesOf(entry.path());
    ASSERT_GT(lines.size(), 3U) << entry.path();
    EXPECT_TRUE(lines[0].starts_with("# ") && lines[1].starts_with("# ")) << entry.path();
  }
}

TEST(ShippedScenarios, TheFieldsHourForAHundredRequestsOfSixMinutes) {
  EXPECT_EQ(Shipped("100x6m-fixed-10").outcome.drained, minutes(60));
  EXPECT_EQ(Shipped("200x6m-fixed-10").outcome.drained, minutes(120));
}

TEST(ShippedScenarios, AFloorBeatsReactionBeatsAFixedPool) {
  for (const std::string crowd : {"100x6m-", "200x6m-"}) {
    const auto drained = [&crowd](const char* how) {
      const Outcome outcome = Shipped(crowd + how).outcome;
      return *outcome.drained - outcome.first_arrival;
    };
    EXPECT_LT(drained("reactive"), drained("fixed-10"));
    EXPECT_LE(drained("floor"), drained("reactive"));
  }
}

// What the comment of that scenario says of its numbers.
TEST(ShippedScenarios, WhoAimsAtThePromiseItselfBreaksIt) {
  Rehearsed ramp = Shipped("slow-ramp");
  EXPECT_EQ(ramp.outcome.promise->broken, 0U);
  ramp.scenario.workload.finish_within = minutes(2);
  const Outcome outcome = test::Played(ramp.scenario);
  EXPECT_NEAR(static_cast<double>(outcome.promise->broken), 10800 * 2 / 3.0, 300);
  EXPECT_LT(outcome.until_done.max, std::chrono::seconds(150));
}

TEST(ShippedScenarios, TheExampleInTheDocsIsAReport) {
  const Rehearsed r = Shipped("100x6m-reactive");
  const std::string report = ReportText(r.scenario, r.outcome);
  const auto lines = LinesOf(kDocs / "rehearsal.md");
  std::size_t begin = 0;
  while (begin < report.size()) {
    const std::size_t end = report.find('\n', begin);
    EXPECT_THAT(lines, Contains(report.substr(begin, end - begin)));
    begin = end + 1;
  }
}

}  // namespace
}  // namespace headroom
