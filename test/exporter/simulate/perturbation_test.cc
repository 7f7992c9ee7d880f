// Changing any number of a scenario changes what the rehearsal says: nothing is read and then
// ignored.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "test/support/rehearsal.h"

namespace headroom {
namespace {

using Change = std::pair<std::string, std::string>;

std::string ReportOf(std::string_view text) {
  const Scenario scenario = test::ScenarioOf(text);
  const Outcome outcome = test::Played(scenario);
  std::string report = ReportText(scenario, outcome);
  // Numbers of the plan that are only said again do not count.
  const std::size_t plan = report.find("plan  ");
  return report.erase(plan, report.find('\n', plan) - plan);
}

// What stands before "=" in each line, and in the tables within it.
std::multiset<std::string> LinesWithKeys(const std::string& text) {
  std::multiset<std::string> lines;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = text.find('\n', begin);
    const std::string line = text.substr(begin, end - begin);
    if (line.find('=') != std::string::npos) lines.insert(line);
    begin = end + 1;
  }
  return lines;
}

// Each line of `base` that has a key is changed by one of `changes`, and each changes the report.
void ExpectEachCounts(const std::string& base, const std::vector<Change>& changes) {
  const std::string report = ReportOf(base);
  std::multiset<std::string> lines = LinesWithKeys(base);
  for (const auto& [from, to] : changes) {
    const std::size_t at = base.find(from + "\n");
    ASSERT_NE(at, std::string::npos) << from;
    std::string changed = base;
    changed.replace(at, from.size(), to);
    EXPECT_TRUE(ReportOf(changed) != report) << from << " -> " << to;
    // Of a change that needs the line before it to be found: the last.
    const auto line = lines.find(from.substr(from.rfind('\n') + 1));
    if (line != lines.end()) lines.erase(line);
  }
  for (const std::string& line : lines) ADD_FAILURE() << "nothing changes the line " << line;
}

TEST(Perturbation, EachKeyOfAScaledScenarioCounts) {
  const std::string base = R"(
start = 2026-11-27T08:00:00
time_zone = "Asia/Seoul"
play = "40m"
done_within = "3m"
[workload]
name = "all keys"
service_time = "60s"
finish_within = "4m"
concurrency = 2
min = 3
max = 60
connections_per_worker = 1.5
reserve = 4
server_reserve = 12
[[workload.floor]]
schedule = "20 8 * * *"
time_zone = "Asia/Seoul"
lead = "2m"
duration = "3m"
workers = 20
[[arrivals]]
at = "30s"
over = "10s"
messages = 400
[[arrivals]]
at = "14m"
over = "10m"
from_per_minute = 20
to_per_minute = 60
[service]
spread = "20s"
seed = 1
[database]
pool_size = 60
max_db_connections = 58
others_in_database = 3
max_user_connections = 57
others_of_user = 2
max_connections = 100
reserved_connections = 3
others_on_server = 30
[workers]
initial = 5
startup = "20s"
grace = "10s"
[workers.hpa]
sync = "15s"
scrape_interval = "10s"
tolerance = 0.05
signal = "recommended"
target_type = "AverageValue"
target = 1
[workers.hpa.scale_up]
stabilization_window = "20s"
select_policy = "Max"
[[workers.hpa.scale_up.policies]]
type = "Pods"
value = 7
period = "30s"
[[workers.hpa.scale_up.policies]]
type = "Percent"
value = 20
period = "15s"
[workers.hpa.scale_down]
stabilization_window = "0s"
)";
  ExpectEachCounts(base, {
                             {"start = 2026-11-27T08:00:00", "start = 2026-11-27T08:01:00"},
                             // The first is the one of `start`, the second the floor's.
                             {"time_zone = \"Asia/Seoul\"", "time_zone = \"Asia/Tashkent\""},
                             {"schedule = \"20 8 * * *\"\ntime_zone = \"Asia/Seoul\"",
                              "schedule = \"20 8 * * *\"\ntime_zone = \"Asia/Tashkent\""},
                             {"play = \"40m\"", "play = \"41m\""},
                             {"done_within = \"3m\"", "done_within = \"2m\""},
                             {"name = \"all keys\"", "name = \"some\""},
                             {"service_time = \"60s\"", "service_time = \"61s\""},
                             {"finish_within = \"4m\"", "finish_within = \"3m\""},
                             {"concurrency = 2", "concurrency = 3"},
                             {"min = 3", "min = 4"},
                             {"max = 60", "max = 24"},
                             {"connections_per_worker = 1.5", "connections_per_worker = 1.6"},
                             {"reserve = 4", "reserve = 5"},
                             {"server_reserve = 12", "server_reserve = 45"},
                             {"schedule = \"20 8 * * *\"", "schedule = \"25 8 * * *\""},
                             {"lead = \"2m\"", "lead = \"5m\""},
                             {"duration = \"3m\"", "duration = \"15m\""},
                             {"workers = 20", "workers = 21"},
                             {"at = \"30s\"", "at = \"31s\""},
                             {"over = \"10s\"", "over = \"11s\""},
                             {"messages = 400", "messages = 401"},
                             {"at = \"14m\"", "at = \"15m\""},
                             {"over = \"10m\"", "over = \"11m\""},
                             {"from_per_minute = 20", "from_per_minute = 21"},
                             {"to_per_minute = 60", "to_per_minute = 61"},
                             {"spread = \"20s\"", "spread = \"21s\""},
                             {"seed = 1", "seed = 2"},
                             {"pool_size = 60", "pool_size = 40"},
                             {"max_db_connections = 58", "max_db_connections = 40"},
                             {"others_in_database = 3", "others_in_database = 20"},
                             {"max_user_connections = 57", "max_user_connections = 40"},
                             {"others_of_user = 2", "others_of_user = 20"},
                             {"max_connections = 100", "max_connections = 60"},
                             {"reserved_connections = 3", "reserved_connections = 30"},
                             {"others_on_server = 30", "others_on_server = 50"},
                             {"initial = 5", "initial = 6"},
                             {"startup = \"20s\"", "startup = \"21s\""},
                             {"grace = \"10s\"", "grace = \"50s\""},
                             {"sync = \"15s\"", "sync = \"16s\""},
                             {"scrape_interval = \"10s\"", "scrape_interval = \"20s\""},
                             {"tolerance = 0.05", "tolerance = 0.2"},
                             {"signal = \"recommended\"", "signal = \"wanted\""},
                             {"target_type = \"AverageValue\"", "target_type = \"Value\""},
                             {"target = 1", "target = 2"},
                             {"stabilization_window = \"20s\"", "stabilization_window = \"60s\""},
                             {"select_policy = \"Max\"", "select_policy = \"Min\""},
                             {"type = \"Pods\"", "type = \"Percent\""},
                             {"value = 7", "value = 9"},
                             {"period = \"30s\"", "period = \"60s\""},
                             {"type = \"Percent\"", "type = \"Pods\""},
                             {"value = 20", "value = 90"},
                             {"period = \"15s\"", "period = \"45s\""},
                             {"stabilization_window = \"0s\"", "stabilization_window = \"90s\""},
                         });
}

TEST(Perturbation, EachKeyOfAFixedScenarioCounts) {
  ExpectEachCounts(R"(
start = 2026-11-27T08:00:00Z
play = "20m"
counts_in_flight = true
[workload]
messages_per_worker = 4
max = 40
[[workload.floor]]
start = 2026-11-27T08:05:00Z
end = 2026-11-27T08:10:00Z
workers = 7
[[arrivals]]
messages = 30
[service]
times = ["30s", "90s"]
seed = 3
[workers]
fixed = 5
)",
                   {
                       {"start = 2026-11-27T08:00:00Z", "start = 2026-11-27T08:01:00Z"},
                       {"play = \"20m\"", "play = \"21m\""},
                       {"counts_in_flight = true", "counts_in_flight = false"},
                       {"messages_per_worker = 4", "messages_per_worker = 3"},
                       {"max = 40", "max = 6"},
                       {"start = 2026-11-27T08:05:00Z", "start = 2026-11-27T08:04:00Z"},
                       {"end = 2026-11-27T08:10:00Z", "end = 2026-11-27T08:12:00Z"},
                       {"workers = 7", "workers = 8"},
                       {"messages = 30", "messages = 31"},
                       {"times = [\"30s\", \"90s\"]", "times = [\"31s\", \"90s\"]"},
                       {"seed = 3", "seed = 4"},
                       {"fixed = 5", "fixed = 6"},
                   });
}

}  // namespace
}  // namespace headroom
