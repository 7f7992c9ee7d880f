#include "exporter/target_view.h"

namespace headroom {

void Update(TargetStatus& status, const SnapshotPtr& run, WallTime wall_now) {
  status.last = run;
  status.pressure = run->pressure;
  if (!run->ok()) return;
  status.good_started = run->started;
  status.good_finished = wall_now;
  status.discovered_at = run->reading.discovered_at;
  status.parts.clear();
  for (const Part& part : run->reading.parts) status.parts.push_back(part.name);
}

const Blocks* PressureOf(const TargetView& view) {
  return view.run ? view.run->pressure.get() : view.status.pressure.get();
}

std::size_t SeriesOf(const TargetView& view) {
  std::size_t series = view.run->blocks.series;
  if (view.joined) series += view.joined->blocks.series;
  if (const Blocks* pressure = PressureOf(view)) series += pressure->series;
  return series;
}

}  // namespace headroom
