#include "exporter/status_queues.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace headroom {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string Shown(const std::vector<Queue>& queues) {
  Reading reading;
  reading.queues = queues;
  Html html;
  AppendQueues(html, reading);
  return std::move(html).Take();
}

// q0 with nothing waiting, q1 with one message, and so on.
std::vector<Queue> Lengths(unsigned count) {
  std::vector<Queue> queues;
  for (unsigned i = 0; i < count; ++i) {
    queues.push_back(Queue{.name = fmt::format("q{}", i), .ready = i});
  }
  return queues;
}

void AddUnknown(unsigned count, std::vector<Queue>& queues) {
  for (unsigned i = 0; i < count; ++i) queues.push_back(Queue{.name = fmt::format("u{}", i)});
}

TEST(StatusQueues, AnUnknownNumberIsADashAndNotAZero) {
  const std::string page = Shown({Queue{.name = "q"}});
  EXPECT_THAT(page, HasSubstr("<td>q</td><td> <span class=\"down\">unknown</span></td>"
                              "<td class=\"n\">&ndash;</td>"));
  EXPECT_THAT(page, Not(HasSubstr(">0<")));
}

TEST(StatusQueues, AQueueThatIsMissingOrDownSaysSo) {
  const std::string page = Shown({Queue{.name = "gone", .ready = 0, .missing = true},
                                  Queue{.name = "stuck", .kind = "quorum", .running = false}});
  EXPECT_THAT(page, HasSubstr("gone</td><td> <span class=\"down\">missing</span>"));
  EXPECT_THAT(page, HasSubstr("quorum <span class=\"down\">down</span>"));
}

TEST(StatusQueues, TheLongestComeFirstAndTheRestIsCounted) {
  const std::string page = Shown(Lengths(150));
  EXPECT_LT(page.find("<td>q149</td>"), page.find("<td>q148</td>"));
  EXPECT_THAT(page, HasSubstr("<td>q50</td>"));
  EXPECT_THAT(page, Not(HasSubstr("<td>q49</td>")));
  EXPECT_THAT(page, HasSubstr("<p class=\"dim\">and 50 more</p>"));
}

TEST(StatusQueues, NothingIsSaidOfARestThatThereIsNot) {
  std::vector<Queue> queues = Lengths(100);
  AddUnknown(100, queues);
  EXPECT_THAT(Shown(queues), Not(HasSubstr("more")));
}

TEST(StatusQueues, WhatIsUnknownComesBeforeWhatIsMissingAndThatBeforeTheLongest) {
  const std::string page = Shown({Queue{.name = "long", .ready = 1'000'000},
                                  Queue{.name = "gone", .ready = 0, .missing = true},
                                  Queue{.name = "served", .ready = 5, .running = false},
                                  Queue{.name = "stuck", .running = false}});
  EXPECT_LT(page.find("stuck"), page.find("served"));
  EXPECT_LT(page.find("served"), page.find("gone"));
  EXPECT_LT(page.find("gone"), page.find("long"));
}

TEST(StatusQueues, AQueueWhoseInFlightIsUnknownIsUnknown) {
  const std::string page =
      Shown({Queue{.name = "long", .has_in_flight = true, .ready = 9, .in_flight = 0},
             Queue{.name = "half", .has_in_flight = true, .ready = 3},
             Queue{.name = "without", .ready = 7}});
  EXPECT_THAT(page, HasSubstr("half</td><td> <span class=\"down\">unknown</span></td>"));
  EXPECT_LT(page.find("half"), page.find("long"));
  EXPECT_LT(page.find("long"), page.find("without"));
}

TEST(StatusQueues, ManyUnknownOnesHideNeitherEachOtherNorTheLongest) {
  std::vector<Queue> queues = Lengths(150);
  AddUnknown(130, queues);
  const std::string page = Shown(queues);
  EXPECT_THAT(page, HasSubstr("<td>u99</td>"));
  EXPECT_THAT(page, Not(HasSubstr("<td>u100</td>")));
  EXPECT_THAT(page, HasSubstr("<td>q149</td>"));
  EXPECT_THAT(page, HasSubstr("<p class=\"dim\">and 80 more, 30 of them unknown</p>"));
}

TEST(StatusQueues, MissingOnesThatAreNotShownAreCounted) {
  std::vector<Queue> queues = Lengths(120);
  for (int i = 0; i < 103; ++i) queues.push_back(Queue{.name = "m", .ready = 0, .missing = true});
  EXPECT_THAT(Shown(queues), HasSubstr("and 23 more, 3 of them missing or down</p>"));
  AddUnknown(101, queues);
  EXPECT_THAT(Shown(queues), HasSubstr("and 24 more, 1 of them unknown, 3 missing or down</p>"));
}

TEST(StatusQueues, WithoutQueuesThereIsNoTable) { EXPECT_EQ(Shown({}), ""); }

}  // namespace
}  // namespace headroom
