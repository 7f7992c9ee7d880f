// What the tests of ReadingRenderer share: queues, facts, and what is written of them.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "exporter/exposition/page.h"
#include "exporter/exposition/reading_renderer.h"

namespace headroom::test {

inline constexpr std::size_t kAmple = 50'000;
inline constexpr SteadyTime kNow{std::chrono::hours(1)};

inline Queue List(std::string name, std::optional<std::uint64_t> ready, bool declared = false) {
  Queue q;
  q.name = std::move(name);
  q.db = "0";
  q.kind = "list";
  q.declared = declared;
  q.ready = ready;
  return q;
}

inline std::string Render(const Reading& reading, std::size_t max_series = kAmple) {
  ReadingRenderer renderer("main", "redis", max_series);
  return renderer.Render(reading, kNow).blocks.text;
}

inline std::string Page(const Blocks& blocks) {
  const Blocks* sources[] = {&blocks};
  return RenderPage(sources);
}

// Facts of two families.
inline constexpr std::array<std::string_view, 1> kDbLabel = {"db"};
inline constexpr FactDesc kKeys = {"redis_db_keys", "Keys.", MetricType::kGauge, kDbLabel};
inline constexpr FactDesc kCommands = {"redis_commands_processed_total", "Commands.",
                                       MetricType::kCounter};

}  // namespace headroom::test
