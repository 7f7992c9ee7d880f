#include "exporter/workload/ratio.h"

#include <fmt/format.h>

#include <numeric>

#include "collectors/parse_whole.h"
#include "exporter/workload/wide.h"

namespace headroom {
namespace {

constexpr int kMostDigits = 18;
constexpr std::uint64_t kMost = 1'000'000'000'000'000'000;  // 10^kMostDigits

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Of a number in decimals: value = digits x 10^exponent.
struct Decimal {
  std::uint64_t digits = 0;
  int exponent = 0;
};

std::optional<int> ParseExponent(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto value = ParseWhole<int>(text);
  if (!value || *value < -2 * kMostDigits || *value > 2 * kMostDigits) return std::nullopt;
  return value;
}

// Zeros at the end count in the exponent only: "2.50" is no less exact than "2.5".
std::optional<Decimal> ParseDigits(std::string_view text) {
  Decimal decimal;
  int zeros = 0;
  bool fraction = false;
  bool any = false;
  for (const char c : text) {
    if (c == '.' && !fraction && any) {
      fraction = true;
      any = false;
      continue;
    }
    if (!IsDigit(c)) return std::nullopt;
    any = true;
    if (fraction) --decimal.exponent;
    if (c == '0') {
      ++zeros;
      continue;
    }
    Wide digits = decimal.digits;
    for (; zeros >= 0 && digits < static_cast<Wide>(kMost); --zeros) digits *= 10;
    zeros = 0;
    digits += c - '0';
    if (digits > static_cast<Wide>(kMost)) return std::nullopt;
    decimal.digits = static_cast<std::uint64_t>(digits);
  }
  if (!any) return std::nullopt;
  decimal.exponent += zeros;
  return decimal;
}

std::optional<std::uint64_t> PowerOfTen(int exponent) {
  if (exponent > kMostDigits) return std::nullopt;
  std::uint64_t power = 1;
  for (; exponent > 0; --exponent) power *= 10;
  return power;
}

}  // namespace

std::optional<Ratio> ParseRatio(std::string_view decimal) {
  const std::size_t e = decimal.find_first_of("eE");
  const auto number = ParseDigits(decimal.substr(0, e));
  if (!number || number->digits == 0) return std::nullopt;
  int exponent = number->exponent;
  if (e != std::string_view::npos) {
    const auto more = ParseExponent(decimal.substr(e + 1));
    if (!more) return std::nullopt;
    exponent += *more;
  }
  const auto power = PowerOfTen(exponent < 0 ? -exponent : exponent);
  if (!power) return std::nullopt;
  if (exponent >= 0) {
    const Wide whole = static_cast<Wide>(number->digits) * *power;
    if (whole > static_cast<Wide>(kMost)) return std::nullopt;
    return Ratio{static_cast<std::uint64_t>(whole), 1};
  }
  const std::uint64_t common = std::gcd(number->digits, *power);
  return Ratio{number->digits / common, *power / common};
}

std::optional<Ratio> RatioOf(double value) { return ParseRatio(fmt::format("{}", value)); }

std::string ToString(const Ratio& ratio) {
  std::string text = fmt::format("{}", ratio.numerator / ratio.denominator);
  Wide rest = ratio.numerator % ratio.denominator;
  if (rest != 0) text += '.';
  for (int digits = 0; rest != 0; ++digits) {
    if (digits == kMostDigits) return fmt::format("{}/{}", ratio.numerator, ratio.denominator);
    rest *= 10;
    text += static_cast<char>('0' + static_cast<int>(rest / ratio.denominator));
    rest %= ratio.denominator;
  }
  return text;
}

std::uint64_t DivideDown(std::uint64_t value, const Ratio& ratio) {
  return Saturate(static_cast<Wide>(value) * ratio.denominator / ratio.numerator);
}

}  // namespace headroom
