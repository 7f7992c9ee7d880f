#include "exporter/simulate/round_step.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace headroom {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

Duration RoundStep(Duration whole, int most) {
  constexpr std::array<Duration, 22> kSteps = {
      milliseconds(100), milliseconds(200), milliseconds(500), seconds(1), seconds(2), seconds(5),
      seconds(10),       seconds(15),       seconds(30),       minutes(1), minutes(2), minutes(5),
      minutes(10),       minutes(15),       minutes(30),       hours(1),   hours(2),   hours(3),
      hours(4),          hours(6),          hours(12),         hours(24)};
  const auto* const step = std::find_if(
      kSteps.begin(), kSteps.end(), [&](Duration candidate) { return whole <= candidate * most; });
  return step == kSteps.end() ? kSteps.back() : *step;
}

std::uint64_t RoundStep(std::uint64_t whole, std::uint64_t most) {
  std::uint64_t power = 1;
  while (whole / most / 10 >= power) power *= 10;
  for (const std::uint64_t factor : {1U, 2U, 5U}) {
    if (whole <= factor * power * most) return factor * power;
  }
  return 10 * power;
}

}  // namespace headroom
