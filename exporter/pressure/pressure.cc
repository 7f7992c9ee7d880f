#include "exporter/pressure/pressure.h"

#include <vector>

#include "exporter/exposition/labels.h"
#include "exporter/exposition/rows.h"
#include "exporter/pressure/pressure_families.h"

namespace headroom {
namespace {

template <class Noun>
std::vector<Observation> ObservationsOf(const Rows<Noun>& rows) {
  std::vector<Observation> observations;
  observations.reserve(rows.rows.size());
  for (const Row<Noun>& row : rows.rows) {
    observations.push_back({rows.LabelsOf(row), LevelsOf(*row.noun)});
  }
  return observations;
}

}  // namespace

Pressure::Pressure(std::string_view target, std::string_view system)
    : common_labels_(TargetLabels(target, system)) {
  // Before the first run nothing was observed, which is known.
  blocks_ = std::make_shared<Blocks>(RenderPressure({}, {}, {}, 0, common_labels_));
}

std::size_t Pressure::Run::SeriesOf(const Queue& queue) const { return PressureSeriesOf(queue); }

void Pressure::OnRun(SteadyTime replied, Duration longest_gap, const Rows<Queue>& queues,
                     const Rows<Pool>& pools) {
  const Integrator::Areas areas =
      integrator_.OnRun(replied, longest_gap, ObservationsOf(queues), ObservationsOf(pools));
  blocks_ = std::make_shared<Blocks>(
      RenderPressure(queues, pools, areas, integrator_.ObservedSeconds(), common_labels_));
}

}  // namespace headroom
