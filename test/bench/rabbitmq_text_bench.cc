// What it costs to read a page of RabbitMQ's Prometheus plugin with 10,000 queues. Each page is
// checked before it is timed.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "collectors/rabbitmq/text_page.h"
#include "test/support/rabbitmq_page.h"

namespace headroom::rabbitmq {
namespace {

constexpr std::size_t kQueues = 10'000;

// Five families: 50,000 samples. Not in the order of the rows, as from the broker's hash tables.
std::string Page(test::PageDialect dialect, const std::string& suffix) {
  std::vector<test::PageQueue> queues(kQueues);
  for (std::size_t i = 0; i < kQueues; ++i) {
    queues[i] = {"/", "tenant-" + std::to_string(i * 7919 % kQueues) + ":decisions" + suffix, i, 1,
                 2};
  }
  return test::WritePage(queues, dialect);
}

void Read(benchmark::State& state, const std::string& page, std::size_t rows) {
  const Result<TextPage> first = ParseTextPage(page);
  if (!first.ok() || first->rows.size() != rows ||
      first->rows.size() + first->unreadable != kQueues) {
    std::fprintf(stderr, "the page is not read\n");
    std::abort();
  }
  for (auto _ : state) benchmark::DoNotOptimize(ParseTextPage(page));
  state.counters["bytes"] = static_cast<double>(page.size());
}

void ReadPage(benchmark::State& state) { Read(state, Page(test::PageDialect::kRaw, ""), kQueues); }
BENCHMARK(ReadPage)->Unit(benchmark::kMillisecond);

void ReadPageWithEscapes(benchmark::State& state) {
  Read(state, Page(test::PageDialect::kEscaped, "\"\\"), kQueues);
}
BENCHMARK(ReadPageWithEscapes)->Unit(benchmark::kMillisecond);

void ReadPageOfUnreadableNames(benchmark::State& state) {
  Read(state, Page(test::PageDialect::kRaw, "\"\\"), 0);
}
BENCHMARK(ReadPageOfUnreadableNames)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace headroom::rabbitmq

BENCHMARK_MAIN();
