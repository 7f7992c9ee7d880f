#include "exporter/target_metrics.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "exporter/exposition/page.h"

namespace headroom {
namespace {

using std::chrono::milliseconds;

std::string Text(const std::vector<TargetState>& targets) {
  const std::vector<prometheus::MetricFamily> families = TargetMetrics(targets);
  return RenderFamilies(families).text;
}

TEST(TargetMetrics, ATargetThatNeverAnsweredIsDownAndNothingElseIsSaidOfIt) {
  TargetState state;
  state.target = "main";
  state.system = "redis";
  EXPECT_EQ(Text({state}), "headroom_target_up{target=\"main\",system=\"redis\"} 0\n");
}

TEST(TargetMetrics, EverythingKnownHasItsSeries) {
  TargetState s{"main", "redis", true, {{"queues", true}, {"info", false}}, {}, {}, {}, {}, 12, 3};
  s.last_success = WallTime(milliseconds(1'767'225'600'123));
  s.data_age = milliseconds(250);
  s.discovery_age = milliseconds(30'000);
  s.collect_duration = milliseconds(4);
  const std::string labels = "{target=\"main\",system=\"redis\"";
  EXPECT_EQ(Text({s}),
            "headroom_target_up" + labels + "} 1\n" +                           //
                "headroom_target_part_up" + labels + ",part=\"info\"} 0\n" +    //
                "headroom_target_part_up" + labels + ",part=\"queues\"} 1\n" +  //
                "headroom_target_last_success_timestamp_seconds" + labels +
                "} 1767225600.123\n"  //
                "headroom_target_data_age_seconds" +
                labels + "} 0.25\n" +                                          //
                "headroom_target_discovery_age_seconds" + labels + "} 30\n" +  //
                "headroom_target_collect_duration_seconds" + labels +
                "} 0.004\n"  //
                "headroom_target_series" +
                labels + "} 12\n" +  //
                "headroom_target_dropped_series" + labels + "} 3\n");
}

TEST(TargetMetrics, TargetsAreSortedByName) {
  TargetState a;
  a.target = "a";
  TargetState b;
  b.target = "b";
  EXPECT_EQ(Text({b, a}),
            "headroom_target_up{target=\"a\",system=\"\"} 0\n"
            "headroom_target_up{target=\"b\",system=\"\"} 0\n");
}

}  // namespace
}  // namespace headroom
