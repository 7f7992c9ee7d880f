#include "exporter/status_page.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

namespace headroom {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

const SteadyTime kNow{1h};

TargetView View(std::shared_ptr<Snapshot> run) {
  run->started = kNow - 1500ms;
  run->finished = kNow - 1400ms;
  TargetView view{"main", "redis", nullptr, {}};
  Update(view.status, run, WallTime{});
  if (run->ok()) view.run = run;
  return view;
}

TEST(StatusPage, NamesAreEscaped) {
  auto run = std::make_shared<Snapshot>();
  run->reading.queues.push_back(Queue{.name = "<script>alert(1)</script>", .ready = 3});
  const std::string page = RenderStatusPage({View(run)}, kNow, "/metrics");
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;"));
  EXPECT_THAT(page, Not(HasSubstr("<script>")));
}

TEST(StatusPage, WorkloadsComeWithTheirSentences) {
  const auto options = std::make_shared<const WorkloadOptions>(
      WorkloadOptions{.name = "<b>decisions",
                      .queues = {{"main", "<i>q", "", "", std::nullopt}},
                      .messages_per_worker = 11,
                      .max = 200});
  auto run = std::make_shared<Snapshot>();
  run->reading.queues.push_back(Queue{.name = "<i>q", .ready = 132});
  const std::vector<TargetView> targets = {View(run)};
  const auto views = EvaluateWorkloads({options}, targets, WallTime{});
  const std::string page = RenderStatusPage(targets, kNow, "/metrics", {views, WallTime{}});
  EXPECT_THAT(page, HasSubstr("<td>&lt;b&gt;decisions</td><td class=\"n\">12</td>"
                              "<td class=\"n\">0</td><td class=\"n\">12</td>"
                              "<td class=\"n\">132</td>"));
  EXPECT_THAT(page, HasSubstr("<li>132 waiting / 11 per worker = 12"));
  EXPECT_THAT(page, Not(HasSubstr("<i>")));
  EXPECT_THAT(page, Not(HasSubstr("<b>")));
}

TEST(StatusPage, AWorkloadThatIsUnknownSaysWhyAndKeepsItsMinimum) {
  const auto options = std::make_shared<const WorkloadOptions>(
      WorkloadOptions{.name = "w",
                      .queues = {{"main", "q", "", "", std::nullopt}},
                      .messages_per_worker = 11,
                      .min = 2,
                      .max = 200});
  auto run = std::make_shared<Snapshot>();
  run->error = Error{ErrorKind::kConnect, "refused"};
  const std::vector<TargetView> targets = {View(run)};
  const auto views = EvaluateWorkloads({options}, targets, WallTime{});
  const std::string page = RenderStatusPage(targets, kNow, "/metrics", {views, WallTime{}});
  EXPECT_THAT(page, HasSubstr("<td>w</td><td class=\"n\">&ndash;</td><td class=\"n\">2</td>"));
  EXPECT_THAT(page, HasSubstr("no recommendation, but at least 2"));
}

TEST(StatusPage, WithoutWorkloadsThereIsNoSectionForThem) {
  EXPECT_THAT(RenderStatusPage({View(std::make_shared<Snapshot>())}, kNow, "/metrics"),
              Not(HasSubstr("Workloads")));
}

TEST(StatusPage, ADownTargetSaysWhyAndShowsNoQueues) {
  auto run = std::make_shared<Snapshot>();
  run->error = Error{ErrorKind::kAuth, "wrong <password>"};
  const std::string page = RenderStatusPage({View(run)}, kNow, "/metrics");
  EXPECT_THAT(page, HasSubstr("auth: wrong &lt;password&gt;"));
  EXPECT_THAT(page, Not(HasSubstr("<th>queue</th>")));
}

TEST(StatusPage, WhatIsUnknownInAGoodRunIsSaid) {
  auto run = std::make_shared<Snapshot>();
  run->reading.parts = {{"server", false, Error{ErrorKind::kPermission, "INFO refused"}}};
  run->reading.problems = {{"queue:a", Error{ErrorKind::kUnsupported, "not a list"}}};
  const std::string page = RenderStatusPage({View(run)}, kNow, "/metrics");
  EXPECT_THAT(page, HasSubstr("INFO refused"));
  EXPECT_THAT(page, HasSubstr("queue:a: not a list"));
}

TEST(StatusPage, TheSourceThatWasTakenIsSaid) {
  auto run = std::make_shared<Snapshot>();
  run->reading.source = "Prometheus plugin: <cheapest>";
  EXPECT_THAT(RenderStatusPage({View(run)}, kNow, "/metrics"),
              HasSubstr("source: Prometheus plugin: &lt;cheapest&gt;"));
}

TEST(StatusPage, ProblemsThatAreNotShownAreCounted) {
  auto run = std::make_shared<Snapshot>();
  for (int i = 0; i < 149; ++i) {
    run->reading.problems.push_back(
        {fmt::format("queue:{}", i), Error{ErrorKind::kUnsupported, "not a list"}});
  }
  const std::string page = RenderStatusPage({View(run)}, kNow, "/metrics");
  EXPECT_THAT(page, HasSubstr("queue:99: not a list"));
  EXPECT_THAT(page, Not(HasSubstr("queue:100: not a list")));
  EXPECT_THAT(page, HasSubstr("<p>and 49 more</p>"));
}

TEST(StatusPage, OfProblemsThatAreAllShownNothingIsCounted) {
  auto run = std::make_shared<Snapshot>();
  for (int i = 0; i < 100; ++i) {
    run->reading.problems.push_back({"queue", Error{ErrorKind::kUnsupported, "not a list"}});
  }
  EXPECT_THAT(RenderStatusPage({View(run)}, kNow, "/metrics"), Not(HasSubstr("more")));
}

}  // namespace
}  // namespace headroom
