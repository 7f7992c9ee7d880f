#include "exporter/typical_cost.h"

#include <algorithm>
#include <iterator>

namespace headroom {

void TypicalCost::Add(Duration run) { runs_[added_++ % kRuns] = run; }

Duration TypicalCost::Median() const {
  const std::size_t known = std::min(added_, kRuns);
  if (known == 0) return Duration::zero();
  auto runs = runs_;
  const auto middle = std::next(runs.begin(), static_cast<std::ptrdiff_t>((known - 1) / 2));
  const auto end = std::next(runs.begin(), static_cast<std::ptrdiff_t>(known));
  std::nth_element(runs.begin(), middle, end);
  return *middle;
}

}  // namespace headroom
