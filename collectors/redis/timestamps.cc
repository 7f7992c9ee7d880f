#include "collectors/redis/timestamps.h"

#include <chrono>
#include <cmath>
#include <cstdint>

#include "collectors/parse_whole.h"

namespace headroom::redis {
namespace {

constexpr double kFirstMilliseconds = 1e11;
// WallTime counts nanoseconds in 64 bits: up to April 2262.
constexpr int kLastYear = 2261;
constexpr double kMaxSeconds = 9.2e9;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Consumes what the caller expects, piece by piece.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool AtEnd() const { return text_.empty(); }
  char Peek() const { return text_.empty() ? '\0' : text_.front(); }
  bool Skip(std::string_view any_of) {
    if (text_.empty() || any_of.find(text_.front()) == std::string_view::npos) return false;
    text_.remove_prefix(1);
    return true;
  }
  // Exactly `digits` digits, at most `max`.
  std::optional<int> Number(std::size_t digits, int max) {
    if (text_.size() < digits) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (!IsDigit(text_[i])) return std::nullopt;
      value = value * 10 + (text_[i] - '0');
    }
    text_.remove_prefix(digits);
    if (value > max) return std::nullopt;
    return value;
  }
  // One digit or more, read as decimals; what is finer than a nanosecond is cut off.
  std::optional<std::chrono::nanoseconds> Fraction() {
    if (!IsDigit(Peek())) return std::nullopt;
    std::int64_t nanos = 0;
    std::int64_t unit = 100'000'000;
    for (; IsDigit(Peek()); text_.remove_prefix(1), unit /= 10) nanos += (Peek() - '0') * unit;
    return std::chrono::nanoseconds(nanos);
  }

 private:
  std::string_view text_;
};

std::optional<WallTime> ParseNumber(std::string_view text) {
  const auto value = ParseWhole<double>(text);
  if (!value || !std::isfinite(*value) || *value < 0) return std::nullopt;
  const double seconds = *value >= kFirstMilliseconds ? *value / 1000 : *value;
  if (seconds > kMaxSeconds) return std::nullopt;
  return WallTime(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds)));
}

std::optional<std::chrono::sys_days> ParseDate(Scanner& in) {
  auto year = in.Number(4, kLastYear);
  if (!year || *year < 1970 || !in.Skip("-")) return std::nullopt;
  auto month = in.Number(2, 12);
  if (!month || !in.Skip("-")) return std::nullopt;
  auto day = in.Number(2, 31);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

std::optional<Duration> ParseTimeOfDay(Scanner& in) {
  auto hour = in.Number(2, 23);
  if (!hour || !in.Skip(":")) return std::nullopt;
  auto minute = in.Number(2, 59);
  if (!minute) return std::nullopt;
  Duration time = std::chrono::hours(*hour) + std::chrono::minutes(*minute);
  if (!in.Skip(":")) return time;
  auto second = in.Number(2, 60);  // 60: a leap second, counted as the next minute's first
  if (!second) return std::nullopt;
  time += std::chrono::seconds(*second);
  if (!in.Skip(".,")) return time;
  auto fraction = in.Fraction();
  if (!fraction) return std::nullopt;
  return time + *fraction;
}

// What to subtract to get UTC.
std::optional<Duration> ParseZone(Scanner& in) {
  if (in.AtEnd() || in.Skip("Zz")) return Duration::zero();
  const bool west = in.Peek() == '-';
  if (!in.Skip("+-")) return std::nullopt;
  auto hours = in.Number(2, 23);
  if (!hours) return std::nullopt;
  Duration offset = std::chrono::hours(*hours);
  if (!in.AtEnd()) {
    in.Skip(":");
    auto minutes = in.Number(2, 59);
    if (!minutes) return std::nullopt;
    offset += std::chrono::minutes(*minutes);
  }
  return west ? -offset : offset;
}

std::optional<WallTime> ParseIso8601(std::string_view text) {
  Scanner in(text);
  auto date = ParseDate(in);
  if (!date || !in.Skip("Tt ")) return std::nullopt;
  auto time = ParseTimeOfDay(in);
  if (!time) return std::nullopt;
  auto offset = ParseZone(in);
  if (!offset || !in.AtEnd()) return std::nullopt;
  return WallTime(*date) + *time - *offset;
}

}  // namespace

std::optional<WallTime> ParseTimestamp(std::string_view text) {
  if (text.empty()) return std::nullopt;
  if (auto number = ParseNumber(text)) return number;
  return ParseIso8601(text);
}

}  // namespace headroom::redis
