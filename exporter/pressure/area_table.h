// AreaTable: the areas of all objects of one noun.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "collectors/clock.h"
#include "exporter/pressure/area.h"

namespace headroom {

// What one run says about one object. `key` is its identity: no two of a run share one.
inline constexpr std::size_t kLevels = 2;
using Levels =
    std::array<std::optional<std::uint64_t>, kLevels>;  // disengaged: unknown in this run
struct Observation {
  std::string_view key;
  Levels levels;
};

// Level x seconds so far; disengaged when the level is unknown in the last run: an area that stands
// still would read as "nothing waits".
using AreaSeconds = std::array<std::optional<double>, kLevels>;

// A level adds an area between two runs only when both know it. One that is unknown for a run, and
// an object that no run mentions for a while, keep what they had and go on from there.
//
// Memory: the objects of the last run, and at most kMaxAbsent that left within kForgetAfter. One
// that comes back later than that starts at 0, which a reader takes for a restart.
class AreaTable {
 public:
  static constexpr Duration kForgetAfter = std::chrono::minutes(5);
  static constexpr std::size_t kMaxAbsent = 10'000;

  // `at`: when the run's reply was there. `since_last`: since that of the run before; disengaged
  // when the time between the two does not count. Returns the areas in the order of `run`.
  std::vector<AreaSeconds> Advance(std::span<const Observation> run, SteadyTime at,
                                   std::optional<Duration> since_last);
  // Objects that are remembered.
  std::size_t size() const { return objects_.size(); }

 private:
  struct Object {
    Levels levels;  // in the last run that mentioned it
    std::array<Area, kLevels> areas;
    std::uint64_t run = 0;  // that run's number
    SteadyTime seen;        // and its time
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const {
      return std::hash<std::string_view>{}(key);
    }
  };

  Object& Find(std::string_view key);
  AreaSeconds Advance(Object& object, const Levels& levels,
                      std::optional<Duration> since_last) const;
  void Forget(SteadyTime now);

  std::unordered_map<std::string, Object, Hash, std::equal_to<>> objects_;
  std::uint64_t run_ = 0;  // number of the current one
};

}  // namespace headroom
