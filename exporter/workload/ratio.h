// Ratio: a positive rational number exactly as somebody wrote it in decimals. 0.9 connections per
// worker is 9/10: as a double it is a little more, and a number of workers would be off by one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headroom {

// In lowest terms; both positive, at most 10^18.
struct Ratio {
  std::uint64_t numerator = 1;
  std::uint64_t denominator = 1;

  friend bool operator==(const Ratio&, const Ratio&) = default;
};

// "3", "0.9", "2.50", "1e-3". Disengaged: no such number, not positive, or not exact in a Ratio.
std::optional<Ratio> ParseRatio(std::string_view decimal);

// Of a double that was read from decimals: the shortest decimals that read back as this double,
// which is what was written if that had at most 15 significant digits.
std::optional<Ratio> RatioOf(double value);

// As decimals when that ends ("0.9"), which it does for everything that ParseRatio made.
std::string ToString(const Ratio& ratio);

// value / ratio, rounded down; at most the largest number.
std::uint64_t DivideDown(std::uint64_t value, const Ratio& ratio);

}  // namespace headroom
