#include "exporter/simulate/arrivals.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>

namespace headroom {
namespace {

constexpr Wide kMinute = std::chrono::duration_cast<Duration>(std::chrono::minutes(1)).count();

// The rate of a ramp added up from its beginning to `t`, over RampScale: with rates a and b per
// minute and a length T that is a t + (b - a) t^2 / 2T. At most 10^7, 10^7 and 7 days: below 2^124.
Wide RampArea(const Ramp& ramp, Wide t) {
  const Wide length = ramp.over.count();
  return 2 * length * t * static_cast<Wide>(ramp.from_per_minute) +
         (static_cast<Wide>(ramp.to_per_minute) - static_cast<Wide>(ramp.from_per_minute)) * t * t;
}

Wide RampScale(const Ramp& ramp) { return Wide{2} * ramp.over.count() * kMinute; }

// The first instant at which the area is `n`. It rises with t, so bisection finds it.
Duration RampInstant(const Ramp& ramp, Wide n) {
  Wide low = 0;
  Wide high = ramp.over.count();
  while (low < high) {
    const Wide middle = low + (high - low) / 2;
    if (RampArea(ramp, middle) >= n * RampScale(ramp)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return ramp.at + Duration(static_cast<std::int64_t>(low));
}

void AddTimes(const Burst& burst, std::vector<Duration>& times) {
  for (std::uint64_t n = 0; n < burst.messages; ++n) {
    const Wide after = static_cast<Wide>(burst.over.count()) * static_cast<Wide>(n) /
                       static_cast<Wide>(burst.messages);
    times.push_back(burst.at + Duration(static_cast<std::int64_t>(after)));
  }
}

void AddTimes(const Ramp& ramp, std::vector<Duration>& times) {
  const Wide count = CountOf(ramp);
  for (Wide n = 0; n < count; ++n) times.push_back(RampInstant(ramp, n));
}

// Below `bound`, from one number of 64 bits. Precondition: 0 < bound < 2^63.
std::int64_t Below(std::uint64_t random, std::int64_t bound) {
  return static_cast<std::int64_t>(static_cast<Wide>(random >> 1) * bound >> 63);
}

}  // namespace

Wide CountOf(const Arrivals& piece) {
  if (const auto* burst = std::get_if<Burst>(&piece)) return static_cast<Wide>(burst->messages);
  const Ramp& ramp = std::get<Ramp>(piece);
  return DivideUp(RampArea(ramp, ramp.over.count()), RampScale(ramp));
}

std::vector<Duration> ArrivalTimes(std::span<const Arrivals> pieces) {
  std::vector<Duration> times;
  for (const Arrivals& piece : pieces) {
    std::visit([&times](const auto& kind) { AddTimes(kind, times); }, piece);
  }
  std::sort(times.begin(), times.end());
  return times;
}

std::vector<Duration> DrawServiceTimes(const ServiceTimes& service, std::size_t messages) {
  std::mt19937_64 random(service.seed);
  const auto kinds = static_cast<std::int64_t>(service.times.size());
  std::vector<Duration> drawn;
  drawn.reserve(messages);
  while (drawn.size() < messages) {
    if (service.spread) {
      const std::int64_t width = 2 * service.spread->count() + 1;
      drawn.push_back(service.times.front() - *service.spread + Duration(Below(random(), width)));
    } else {
      drawn.push_back(service.times[static_cast<std::size_t>(Below(random(), kinds))]);
    }
  }
  return drawn;
}

}  // namespace headroom
