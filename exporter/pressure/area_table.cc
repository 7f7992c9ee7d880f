#include "exporter/pressure/area_table.h"

#include <iterator>

namespace headroom {

std::vector<AreaSeconds> AreaTable::Advance(std::span<const Observation> run, SteadyTime at,
                                            std::optional<Duration> since_last) {
  ++run_;
  std::vector<AreaSeconds> areas;
  areas.reserve(run.size());
  for (const Observation& observation : run) {
    Object& object = Find(observation.key);
    areas.push_back(Advance(object, observation.levels, since_last));
    object.seen = at;
  }
  if (objects_.size() > run.size()) Forget(at);
  return areas;
}

AreaTable::Object& AreaTable::Find(std::string_view key) {
  const auto found = objects_.find(key);
  return found != objects_.end() ? found->second
                                 : objects_.try_emplace(std::string(key)).first->second;
}

AreaSeconds AreaTable::Advance(Object& object, const Levels& levels,
                               std::optional<Duration> since_last) const {
  AreaSeconds seconds;
  const bool in_the_run_before = object.run + 1 == run_;
  for (std::size_t i = 0; i < kLevels; ++i) {
    if (!levels[i]) continue;
    if (since_last && in_the_run_before && object.levels[i]) {
      object.areas[i].Add(*object.levels[i], *levels[i], *since_last);
    }
    seconds[i] = object.areas[i].Seconds();
  }
  object.levels = levels;
  object.run = run_;
  return seconds;
}

void AreaTable::Forget(SteadyTime now) {
  std::size_t absent = 0;
  for (auto it = objects_.begin(); it != objects_.end();) {
    const Object& object = it->second;
    const bool forget =
        object.run != run_ && (now - object.seen >= kForgetAfter || ++absent > kMaxAbsent);
    it = forget ? objects_.erase(it) : std::next(it);
  }
}

}  // namespace headroom
