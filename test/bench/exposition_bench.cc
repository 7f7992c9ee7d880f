// What it costs to turn a large reading into text: 10,000 queues, 10,000 workers in 100 groups.
// Each page is checked before it is timed.
#include <benchmark/benchmark.h>
#include <prometheus/text_serializer.h>

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/exposition/page.h"
#include "exporter/exposition/reading_renderer.h"
#include "test/support/page_checker.h"

namespace headroom {
namespace {

constexpr std::size_t kQueues = 10'000;
constexpr std::size_t kGroups = 100;
constexpr std::uint64_t kWorkersPerState = 25;
constexpr SteadyTime kNow{std::chrono::hours(1)};

Reading Large() {
  Reading r;
  for (std::size_t i = 0; i < kQueues; ++i) {
    Queue& q = r.queues.emplace_back();
    // Not in the order of the page, as from a SCAN.
    q.name = "tenant-" + std::to_string(i * 7919 % kQueues) + ":queue:decisions";
    q.db = "0";
    q.kind = "list";
    q.ready = i * i;
  }
  for (std::size_t i = 0; i < kGroups; ++i) {
    WorkerGroup& g = r.worker_groups.emplace_back();
    g.group = "workers-" + std::to_string(i);
    for (const char* state : {"idle", "working", "draining", "other"}) {
      g.states.push_back({state, kWorkersPerState, 1, 12.345});
    }
    g.oldest_heartbeat_age_seconds = 59.9;
  }
  return r;
}

std::string Page(const Blocks& blocks) {
  const Blocks* sources[] = {&blocks};
  return RenderPage(sources);
}

void CheckOrDie(const Blocks& blocks, std::size_t series) {
  const auto faults = test::PageFaults(Page(blocks));
  if (faults.empty() && blocks.series == series) return;
  std::fprintf(stderr, "%zu series, %zu faults\n", blocks.series, faults.size());
  std::abort();
}

constexpr std::size_t kAllSeries = kQueues * 2 + kGroups * 13;

void RenderReading(benchmark::State& state) {
  const Reading reading = Large();
  ReadingRenderer renderer("main", "redis", 50'000);
  CheckOrDie(renderer.Render(reading, kNow).blocks, kAllSeries);
  for (auto _ : state) benchmark::DoNotOptimize(renderer.Render(reading, kNow));
}
BENCHMARK(RenderReading)->Unit(benchmark::kMillisecond);

// Nine queues in ten are folded in every run.
void RenderReadingOverMaxSeries(benchmark::State& state) {
  const Reading reading = Large();
  ReadingRenderer renderer("main", "redis", kQueues / 5);
  CheckOrDie(renderer.Render(reading, kNow).blocks, kQueues / 5 + kGroups * 13 + 1);
  for (auto _ : state) benchmark::DoNotOptimize(renderer.Render(reading, kNow));
}
BENCHMARK(RenderReadingOverMaxSeries)->Unit(benchmark::kMillisecond);

void MergePage(benchmark::State& state) {
  ReadingRenderer renderer("main", "redis", 50'000);
  const Blocks blocks = renderer.Render(Large(), kNow).blocks;
  CheckOrDie(blocks, kAllSeries);
  for (auto _ : state) benchmark::DoNotOptimize(Page(blocks));
  state.counters["bytes"] = static_cast<double>(Page(blocks).size());
}
BENCHMARK(MergePage)->Unit(benchmark::kMillisecond);

void GzipPage(benchmark::State& state) {
  ReadingRenderer renderer("main", "redis", 50'000);
  const std::string page = Page(renderer.Render(Large(), kNow).blocks);
  for (auto _ : state) benchmark::DoNotOptimize(Gzip(page));
  state.counters["bytes"] = static_cast<double>(Gzip(page).size());
}
BENCHMARK(GzipPage)->Unit(benchmark::kMillisecond);

// The same number of queue series through prometheus-cpp's own serializer, for comparison.
void PrometheusCppSerializer(benchmark::State& state) {
  prometheus::MetricFamily family{
      "headroom_queue_messages", "Help.", prometheus::MetricType::Gauge, {}};
  for (std::size_t i = 0; i < kAllSeries; ++i) {
    prometheus::ClientMetric& metric = family.metric.emplace_back();
    metric.label = {{"target", "main"},
                    {"system", "redis"},
                    {"queue", "tenant-" + std::to_string(i) + ":queue:decisions"},
                    {"db", "0"},
                    {"state", "ready"}};
    metric.gauge.value = static_cast<double>(i * i);
  }
  const std::vector<prometheus::MetricFamily> families = {family};
  const prometheus::TextSerializer serializer;
  for (auto _ : state) benchmark::DoNotOptimize(serializer.Serialize(families));
}
BENCHMARK(PrometheusCppSerializer)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace headroom

BENCHMARK_MAIN();
