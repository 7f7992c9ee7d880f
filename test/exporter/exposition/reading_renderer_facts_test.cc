// Facts as they are written.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <string_view>

#include "exporter/exposition/reading_renderer.h"
#include "test/exporter/exposition/reading_fixture.h"

namespace headroom {
namespace {

using test::kAmple;
using test::kCommands;
using test::kKeys;
using test::kNow;
using test::Page;
using test::Render;

TEST(ReadingRenderer, FactsAreGroupedSortedAndWrittenOnce) {
  Reading reading;
  reading.facts = {{&kKeys, {"db1"}, 5},
                   {&kCommands, {}, 12},
                   {&kKeys, {"db0"}, 1e6},
                   {&kKeys, {"db1"}, 6},
                   {&kKeys, {"db2"}, NAN}};
  ReadingRenderer renderer("main", "redis", kAmple);
  EXPECT_EQ(Page(renderer.Render(reading, kNow).blocks),
            "# HELP redis_commands_processed_total Commands.\n"
            "# TYPE redis_commands_processed_total counter\n"
            "redis_commands_processed_total{target=\"main\",system=\"redis\"} 12\n"
            "# HELP redis_db_keys Keys.\n"
            "# TYPE redis_db_keys gauge\n"
            "redis_db_keys{target=\"main\",system=\"redis\",db=\"db0\"} 1000000\n"
            "redis_db_keys{target=\"main\",system=\"redis\",db=\"db1\"} 5\n");
}

TEST(ReadingRenderer, AFactsLabelWithoutAValueIsNoLabel) {
  static constexpr std::array<std::string_view, 2> kLabels = {"host", "user"};
  static constexpr FactDesc kPaused = {"pgbouncer_paused", "Paused.", MetricType::kGauge, kLabels};
  Reading reading;
  reading.facts = {{&kPaused, {"", "u"}, 1}, {&kPaused, {"h", ""}, 2}, {&kPaused, {"", ""}, 3}};
  EXPECT_EQ(Render(reading),
            "pgbouncer_paused{target=\"main\",system=\"redis\"} 3\n"
            "pgbouncer_paused{target=\"main\",system=\"redis\",user=\"u\"} 1\n"
            "pgbouncer_paused{target=\"main\",system=\"redis\",host=\"h\"} 2\n");
}

}  // namespace
}  // namespace headroom
