#include "exporter/workload/fraction_sum.h"

#include <numeric>

namespace headroom {
namespace {

constexpr Wide kMostDenominator = static_cast<Wide>(1) << 120;

// 0: above kMostDenominator.
Wide CommonMultiple(Wide a, std::uint64_t b) {
  const auto common = std::gcd(static_cast<std::uint64_t>(a % b), b);
  const Wide factor = b / common;
  return a > kMostDenominator / factor ? 0 : a * factor;
}

}  // namespace

void FractionSum::Add(std::uint64_t count, std::uint64_t per) {
  whole_ += count / per;
  Wide multiple = groups_.empty() ? 0 : CommonMultiple(groups_.back().denominator, per);
  if (multiple == 0) {
    groups_.emplace_back();
    multiple = per;
  }
  Group& group = groups_.back();
  const Wide sum =
      group.numerator * (multiple / group.denominator) + (count % per) * (multiple / per);
  whole_ += sum / multiple;
  group = {sum % multiple, multiple};
}

std::uint64_t FractionSum::Ceiling() const {
  Wide sum = whole_;
  for (const Group& group : groups_) sum += group.numerator > 0 ? 1 : 0;
  return Saturate(sum);
}

}  // namespace headroom
