// Integers that hold the product of two 64-bit numbers: what the formulas compute in before a
// result is cut to 64 bits.
#pragma once

#include <cstdint>
#include <limits>

namespace headroom {

__extension__ typedef __int128 Wide;

// The nearest number of 64 bits.
constexpr std::uint64_t Saturate(Wide value) {
  constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max();
  if (value < 0) return 0;
  return value > static_cast<Wide>(kLargest) ? kLargest : static_cast<std::uint64_t>(value);
}

// Rounded up. Preconditions: value >= 0, divisor > 0.
constexpr Wide DivideUp(Wide value, Wide divisor) {
  return value / divisor + (value % divisor == 0 ? 0 : 1);
}

}  // namespace headroom
