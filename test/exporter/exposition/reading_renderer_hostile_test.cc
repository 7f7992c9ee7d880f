// Whatever names and numbers a reading has, the page has no faults.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "exporter/exposition/labels.h"
#include "exporter/exposition/page.h"
#include "exporter/exposition/reading_renderer.h"
#include "test/exporter/exposition/reading_fixture.h"
#include "test/support/page_checker.h"

namespace headroom {
namespace {

using std::string_view_literals::operator""sv;
using test::kAmple;
using test::kCommands;
using test::kKeys;
using test::kNow;
using test::List;
using test::Page;
using test::PageFaults;
using testing::IsEmpty;

TEST(ReadingRenderer, HostileNamesMakeAPageWithoutFaults) {
  Reading reading;
  for (const std::string_view name :
       {"quote\"inside"sv, "line\nbreak"sv, "back\\slash"sv, "nul\0byte"sv, "bad\xFFutf8"sv,
        "bad\xFEutf8"sv, "\xED\xA0\x80"sv, "}\n# TYPE x gauge\nx 1"sv, ""sv, "_other"sv,
        "\xEF\xBF\xBD"sv}) {
    reading.queues.push_back(List(std::string(name), 1));
  }
  reading.queues.push_back(List(std::string(65536, 'x'), 1));
  reading.queues.push_back(List(std::string(65535, 'x') + "y", 1));
  ReadingRenderer renderer("ma\"in\n", "re\xFF", kAmple);
  const Blocks blocks = renderer.Render(reading, kNow).blocks;
  EXPECT_THAT(PageFaults(Page(blocks)), IsEmpty());
  EXPECT_EQ(blocks.series, reading.queues.size() * 2);
}

// Names from a small alphabet, so that they collide, some of them in their cleaned form only.
class RandomReading {
 public:
  explicit RandomReading(unsigned seed) : random_(seed) {}

  Reading Make() {
    Reading r;
    for (int i = Below(60); i > 0; --i) r.queues.push_back(MakeQueue());
    for (int i = Below(6); i > 0; --i) {
      WorkerGroup g{Name(), {}, Maybe<double>(-0.0)};
      for (int s = Below(5); s > 0; --s)
        g.states.push_back({Name(), 1, Maybe<std::uint64_t>(2), NAN});
      r.worker_groups.push_back(g);
    }
    for (int i = Below(8); i > 0; --i) {
      Pool p{static_cast<PoolScope>(Below(4)),
             Name(),
             Name(),
             Name(),
             {},
             Maybe<std::uint64_t>(9),
             {},
             {},
             {},
             {},
             INFINITY};
      for (int s = Below(4); s > 0; --s) p.connections.push_back({Name(), 3});
      r.pools.push_back(p);
    }
    for (int i = Below(10); i > 0; --i) r.facts.push_back({&kKeys, {Name()}, 1.5});
    for (int i = Below(3); i > 0; --i) r.facts.push_back({&kCommands, {}, 2});
    return r;
  }

 private:
  int Below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }

  template <class T>
  std::optional<T> Maybe(T value) {
    return Below(3) == 0 ? std::nullopt : std::optional<T>(value);
  }

  std::string Name() {
    static constexpr std::array kNames = {""sv,   "a"sv,    "b"sv,      "a\n"sv,    "\""sv,
                                          "\\"sv, "\xFF"sv, "_other"sv, "\xFE\0"sv, "a b"sv};
    std::string name(kNames[static_cast<std::size_t>(Below(kNames.size()))]);
    return Below(8) == 0 ? CleanLabelValue(name) : name;
  }

  Queue MakeQueue() {
    Queue q =
        List(Name(), Maybe<std::uint64_t>(static_cast<std::uint64_t>(Below(4))), Below(4) == 0);
    q.vhost = Below(2) == 0 ? "" : Name();
    q.kind = Below(2) == 0 ? "" : Name();
    q.in_flight = Maybe<std::uint64_t>(2);
    q.consumers = Maybe<std::uint64_t>(1);
    q.oldest_message_age_seconds = Maybe<double>(Below(2) == 0 ? NAN : 0.25);
    q.published = Maybe<std::uint64_t>(7);
    q.missing = Maybe<bool>(true);
    return q;
  }

  std::mt19937 random_;
};

TEST(ReadingRenderer, NoReadingMakesAFaultyPage) {
  for (unsigned seed = 0; seed < 60; ++seed) {
    RandomReading random(seed);
    ReadingRenderer one("a", "redis", seed % 50);
    ReadingRenderer two("b", "redis", kAmple);
    SteadyTime now = kNow;
    for (int run = 0; run < 4; ++run, now += std::chrono::minutes(3)) {
      const auto first = one.Render(random.Make(), now);
      const auto second = two.Render(random.Make(), now);
      const Blocks* sources[] = {&first.blocks, &second.blocks};
      ASSERT_THAT(PageFaults(RenderPage(sources)), IsEmpty()) << "seed " << seed;
      ASSERT_EQ(second.dropped_series, 0U);
    }
  }
}

}  // namespace
}  // namespace headroom
