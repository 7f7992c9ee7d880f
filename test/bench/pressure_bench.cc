// What the pressure counters of one run cost at 10,000 queues, beside the run's own series; and the
// memory that they hold on to.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <chrono>
#include <cstddef>
#include <string>

#include "exporter/exposition/reading_renderer.h"
#include "exporter/pressure/pressure.h"

namespace headroom {
namespace {

constexpr std::size_t kQueues = 10'000;
constexpr Duration kInterval = std::chrono::seconds(1);

Reading Large() {
  Reading reading;
  for (std::size_t i = 0; i < kQueues; ++i) {
    Queue& queue = reading.queues.emplace_back();
    queue.name = "orders.region-" + std::to_string(i % 37) + ".shard-" + std::to_string(i);
    queue.vhost = "/";
    queue.kind = "classic";
    queue.durable = true;
    queue.has_in_flight = true;
    queue.ready = i % 1000;
    queue.in_flight = i % 7;
    queue.consumers = 3;
  }
  return reading;
}

void RunWithoutPressure(benchmark::State& state) {
  const Reading reading = Large();
  ReadingRenderer renderer("main", "rabbitmq", 10 * kQueues);
  SteadyTime now{kInterval};
  for (auto _ : state) benchmark::DoNotOptimize(renderer.Render(reading, now += kInterval));
}
BENCHMARK(RunWithoutPressure)->Unit(benchmark::kMillisecond);

void RunWithPressure(benchmark::State& state) {
  const Reading reading = Large();
  ReadingRenderer renderer("main", "rabbitmq", 10 * kQueues);
  const auto before = mallinfo2();
  Pressure pressure("main", "rabbitmq");
  SteadyTime now{kInterval};
  for (auto _ : state) {
    now += kInterval;
    Pressure::Run run(pressure, now, kInterval);
    benchmark::DoNotOptimize(renderer.Render(reading, now, &run));
  }
  const auto after = mallinfo2();  // large blocks are mapped, small ones are not
  state.counters["KiB"] =
      static_cast<double>(after.uordblks + after.hblkhd - before.uordblks - before.hblkhd) / 1024;
}
BENCHMARK(RunWithPressure)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace headroom

BENCHMARK_MAIN();
