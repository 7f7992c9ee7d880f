// The whole page for a fixed set of readings, compared byte by byte with test/golden/page.prom.
// HEADROOM_UPDATE_GOLDEN=1 in the environment rewrites the file instead; read the difference.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/exposition/page.h"
#include "exporter/exposition/reading_renderer.h"
#include "exporter/pool_join.h"
#include "exporter/pressure/pressure.h"
#include "exporter/process_metrics.h"
#include "exporter/self_metrics.h"
#include "exporter/target_metrics.h"
#include "exporter/workload/workload_families.h"
#include "test/support/page_checker.h"
#include "test/support/pooler.h"

namespace headroom {
namespace {

using std::string_view_literals::operator""sv;

constexpr SteadyTime kNow{std::chrono::hours(1)};
constexpr char kGolden[] = HEADROOM_SOURCE_DIR "/test/golden/page.prom";

constexpr FactDesc kMemory = {"redis_memory_used_bytes", "Bytes that Redis has allocated."};
constexpr FactDesc kCommands = {"redis_commands_processed_total", "Commands that were processed.",
                                MetricType::kCounter};
constexpr std::array<std::string_view, 1> kDbLabel = {"db"};
constexpr FactDesc kDbKeys = {"redis_db_keys", "Keys in the database.", MetricType::kGauge,
                              kDbLabel};

Queue List(std::string_view name, std::optional<std::uint64_t> ready) {
  Queue q;
  q.name = std::string(name);
  q.db = "0";
  q.kind = "list";
  q.ready = ready;
  return q;
}

// A Redis as it is in production: declared and discovered queues, workers, a pool, facts.
Reading Ordinary() {
  Reading r;
  r.queues = {List("queue:decisions", 420),
              List("queue:pipelines", 0),
              List("queue:decisions", 1),
              List("queue:reliable", 90),
              List("queue:wrongtype", std::nullopt),
              List("delayed:mail", 2)};
  r.queues[0].declared = r.queues[1].declared = r.queues[4].declared = true;
  r.queues[0].oldest_message_age_seconds = 61.25;
  r.queues[3].has_in_flight = true;
  r.queues[3].in_flight = 10;
  r.queues[5].kind = "zset";
  r.queues[5].delayed = 5000;
  r.worker_groups.push_back({"decision-workers",
                             {{"idle", 2, 0, 3.5},
                              {"working", 8, 1, 359.75},
                              {"draining", 0, 0, 0.0},
                              {"other", 0, 0, 0.0}},
                             75.5});
  Pool clients;
  clients.name = "server";
  clients.connections = {{"open", 37}};
  clients.max_connections = 10'000;
  clients.available_connections = 9'963;
  r.pools.push_back(clients);
  r.facts = {{&kMemory, {}, 1'048'576.0},
             {&kCommands, {}, 123'456'789.0},
             {&kDbKeys, {"db0"}, 1e6},
             {&kDbKeys, {"db1"}, 17}};
  return r;
}

// A server whose queue names were chosen by somebody who means harm.
Reading Hostile() {
  Reading r;
  for (const std::string_view name :
       {"quote\"}"sv, "line\nfeed"sv, "back\\slash"sv, "nul\0byte"sv, "invalid\xFF"sv,
        "invalid\xFE"sv, "surrogate\xED\xA0\x80"sv, "overlong\xC0\xAF"sv, "_other"sv, "큐 😀"sv}) {
    r.queues.push_back(List(name, 1));
    r.queues.back().declared = true;
  }
  r.queues.push_back(List(std::string(65536, 'x'), 9));
  for (int i = 0; i < 5; ++i) r.queues.push_back(List("folded:" + std::to_string(i), 1));
  return r;
}

// A pooler with a queue of clients, and the server behind it, joined.
std::vector<TargetView> Joined() {
  Reading pooler = test::PoolerReading("db");
  pooler.pools[0].waiting_clients = 7;
  pooler.pools[0].oldest_wait_seconds = 0.25;
  std::vector<TargetView> views = {
      test::ViewOf("db", "postgresql", test::ServerReading()),
      test::ViewOf("pooler-a", "pgbouncer", std::move(pooler), {"db"})};
  JoinPools(views, {});
  return views;
}

// A workload of which everything is known, and one of which nothing is.
std::vector<WorkloadView> SomeWorkloads() {
  WorkloadResult known;
  known.backlog_messages = 132;
  known.busy_workers = 3;
  known.live_workers = 5;
  known.backlog_workers = 12;
  known.floor_workers = 40;
  known.pool_cap_workers = 34;
  known.wanted_workers = 40;
  known.recommended_workers = 34;
  known.minimum_workers = 34;
  known.limited = Limited{false, true};
  known.expected_drain_seconds = 1440;
  known.finish_within_seconds = 3600;
  known.next_floor = NextFloor{0, 120, WallTime(std::chrono::seconds(1'767'312'000))};
  WorkloadResult unknown;
  unknown.minimum_workers = 2;
  const auto named = [](const char* name) {
    return std::make_shared<const WorkloadOptions>(WorkloadOptions{.name = name});
  };
  return {{named("decisions"), {}, known}, {named("line\nfeed"), {}, unknown}};
}

// The pressure counters of a target that was the same at two runs.
Blocks PressureOf(std::string_view target, std::string_view system, const Reading& reading,
                  Duration between_runs) {
  Pressure pressure(target, system);
  ReadingRenderer renderer(target, system, 50'000);
  for (const SteadyTime at : {kNow - between_runs, kNow}) {
    Pressure::Run run(pressure, at, between_runs);
    renderer.Render(reading, at, &run);
  }
  return *pressure.blocks();
}

std::string Page() {
  const auto ordinary = ReadingRenderer("main", "redis", 50'000).Render(Ordinary(), kNow);
  const auto hostile = ReadingRenderer("hostile", "redis", 2).Render(Hostile(), kNow);

  std::vector<TargetState> targets(3);
  targets[0].target = "main";
  targets[0].system = targets[1].system = targets[2].system = "redis";
  targets[0].up = targets[1].up = true;
  targets[0].parts = {{"queues", true}, {"info", true}, {"workers", true}};
  targets[0].last_success = WallTime(std::chrono::milliseconds(1'767'225'600'123));
  targets[0].data_age = std::chrono::microseconds(1500);
  targets[0].discovery_age = std::chrono::seconds(12);
  targets[0].collect_duration = std::chrono::microseconds(1250);
  targets[0].series = ordinary.blocks.series;
  targets[0].dropped_series = ordinary.dropped_series;
  targets[1].target = "hostile";
  targets[1].parts = {{"queues", true}, {"info", false}};
  targets[1].series = hostile.blocks.series;
  targets[1].dropped_series = hostile.dropped_series;
  targets[2].target = "down";

  SelfMetrics self("0.1.0");
  self.ConfigLoaded(true, WallTime(std::chrono::seconds(1'767'225'600)));
  std::vector<std::shared_ptr<TargetErrors>> errors;
  for (const TargetState& t : targets) errors.push_back(self.AddTarget(t.target, t.system));
  errors[2]->Count(ErrorKind::kTimeout);

  const auto self_families = self.Collect();
  const auto target_families = TargetMetrics(targets);
  const auto process_families =
      ProcessMetrics(HEADROOM_SOURCE_DIR "/test/fixtures/proc/linux-6.18", {100, 4096});
  const Blocks own[] = {RenderFamilies(self_families), RenderFamilies(target_families),
                        RenderFamilies(process_families)};
  const std::vector<TargetView> joined = Joined();
  const auto db = ReadingRenderer("db", "postgresql", 1).Render(joined[0].run->reading, kNow);
  const auto pooler =
      ReadingRenderer("pooler-a", "pgbouncer", 1).Render(joined[1].run->reading, kNow);
  const Blocks workloads = RenderWorkloads(SomeWorkloads());
  const Blocks pressure[] = {
      PressureOf("main", "redis", Ordinary(), std::chrono::milliseconds(100)),
      PressureOf("pooler-a", "pgbouncer", joined[1].run->reading, std::chrono::seconds(1))};
  const Blocks* sources[] = {&own[0],
                             &own[1],
                             &own[2],
                             &ordinary.blocks,
                             &hostile.blocks,
                             &db.blocks,
                             &pooler.blocks,
                             &joined[0].joined->blocks,
                             &joined[1].joined->blocks,
                             &pressure[0],
                             &pressure[1],
                             &workloads};
  return RenderPage(sources);
}

TEST(GoldenPage, IsByteForByteTheRecordedOne) {
  const std::string page = Page();
  EXPECT_THAT(test::PageFaults(page), testing::IsEmpty());
  if (std::getenv("HEADROOM_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(kGolden, std::ios::binary) << page;
    GTEST_SKIP() << "rewrote " << kGolden;
  }
  std::ifstream file(kGolden, std::ios::binary);
  const std::string golden{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(page, golden) << "meant? HEADROOM_UPDATE_GOLDEN=1 rewrites " << kGolden;
}

}  // namespace
}  // namespace headroom
