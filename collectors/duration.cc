#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

#include "collectors/options.h"

namespace headroom {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t milliseconds;
};

// The largest first: a later unit must be a smaller one.
constexpr std::array<Unit, 5> kUnits = {{
    {"d", 86'400'000},
    {"h", 3'600'000},
    {"m", 60'000},
    {"s", 1'000},
    {"ms", 1},
}};

constexpr std::int64_t kLongestMilliseconds =
    std::chrono::duration_cast<std::chrono::milliseconds>(kLongestDuration).count();

}  // namespace

std::optional<Duration> ParseDuration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0;
  std::size_t next_unit = 0;
  while (!text.empty()) {
    // Not from_chars on a signed type: it takes a minus sign.
    std::uint64_t number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const std::string_view name = text.substr(0, text.find_first_of("0123456789"));
    while (next_unit < kUnits.size() && kUnits[next_unit].name != name) ++next_unit;
    if (next_unit == kUnits.size()) return std::nullopt;
    text.remove_prefix(name.size());
    const std::int64_t unit = kUnits[next_unit++].milliseconds;
    if (number > static_cast<std::uint64_t>(kLongestMilliseconds / unit)) return std::nullopt;
    total += static_cast<std::int64_t>(number) * unit;
    if (total > kLongestMilliseconds) return std::nullopt;
  }
  return std::chrono::milliseconds(total);
}

std::string FormatDuration(Duration duration) {
  std::int64_t rest = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  if (rest == 0) return "0s";
  std::string text;
  for (const Unit& unit : kUnits) {
    if (rest < unit.milliseconds) continue;
    text += fmt::format("{}{}", rest / unit.milliseconds, unit.name);
    rest %= unit.milliseconds;
  }
  return text;
}

}  // namespace headroom
