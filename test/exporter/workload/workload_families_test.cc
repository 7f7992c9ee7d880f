#include "exporter/workload/workload_families.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "exporter/exposition/page.h"

namespace headroom {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string PageOf(const std::string& name, const WorkloadResult& result) {
  const WorkloadView views[] = {
      {std::make_shared<const WorkloadOptions>(WorkloadOptions{.name = name}), {}, result}};
  const Blocks blocks = RenderWorkloads(views);
  const Blocks* sources[] = {&blocks};
  return RenderPage(sources);
}

WorkloadResult Everything() {
  WorkloadResult r;
  r.backlog_messages = 132;
  r.busy_workers = 3;
  r.live_workers = 5;
  r.backlog_workers = 12;
  r.floor_workers = 40;
  r.pool_cap_workers = 34;
  r.wanted_workers = 41;
  r.recommended_workers = 35;
  r.minimum_workers = 33;
  r.limited = Limited{false, true};
  r.expected_drain_seconds = 1440;
  r.finish_within_seconds = 360.5;
  r.next_floor = NextFloor{0, 120, WallTime(std::chrono::seconds(1'767'225'600))};
  return r;
}

TEST(WorkloadFamilies, EveryNumberHasItsOwnSeries) {
  const std::string page = PageOf("w", Everything());
  for (const std::string_view line :
       {"backlog_messages{workload=\"w\"} 132", "busy_workers{workload=\"w\"} 3",
        "live_workers{workload=\"w\"} 5", "backlog_workers{workload=\"w\"} 12",
        "floor_workers{workload=\"w\"} 40", "pool_cap_workers{workload=\"w\"} 34",
        "wanted_workers{workload=\"w\"} 41", "recommended_workers{workload=\"w\"} 35",
        "minimum_workers{workload=\"w\"} 33", "limited{workload=\"w\",by=\"max\"} 0",
        "limited{workload=\"w\",by=\"pool\"} 1", "expected_drain_seconds{workload=\"w\"} 1440",
        "finish_within_seconds{workload=\"w\"} 360.5", "next_floor_workers{workload=\"w\"} 120",
        "next_floor_timestamp_seconds{workload=\"w\"} 1767225600"}) {
    EXPECT_THAT(page, HasSubstr("\nheadroom_workload_" + std::string(line) + "\n"));
  }
}

TEST(WorkloadFamilies, WhatIsUnknownIsAbsentAndFloorAndMinimumStay) {
  WorkloadResult nothing;
  nothing.minimum_workers = 2;
  const std::string page = PageOf("w", nothing);
  EXPECT_THAT(page, HasSubstr("headroom_workload_minimum_workers{workload=\"w\"} 2\n"));
  EXPECT_THAT(page, HasSubstr("headroom_workload_floor_workers{workload=\"w\"} 0\n"));
  for (const FamilyDesc& family : WorkloadFamilies()) {
    if (family.name.ends_with("_minimum_workers") || family.name.ends_with("_floor_workers")) {
      continue;
    }
    EXPECT_THAT(page, Not(HasSubstr(std::string(family.name) + "{")));
  }
}

TEST(WorkloadFamilies, NamesAreEscaped) {
  EXPECT_THAT(PageOf("a\"b\\c", Everything()), HasSubstr("{workload=\"a\\\"b\\\\c\"} 35\n"));
}

TEST(WorkloadFamilies, AreSortedByName) {
  const auto families = WorkloadFamilies();
  EXPECT_TRUE(std::is_sorted(families.begin(), families.end(),
                             [](const auto& a, const auto& b) { return a.name < b.name; }));
}

}  // namespace
}  // namespace headroom
