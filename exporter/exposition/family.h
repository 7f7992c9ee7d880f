// FamilyDesc: what a page says about a metric family, for the families that the exporter itself
// names (the nouns, the targets, the process). The same shape as a collector's facts, whose
// `labels` lack `target` and `system`; here they are complete.
#pragma once

#include <prometheus/metric_family.h>

#include <string>

#include "collectors/reading.h"

namespace headroom {

using FamilyDesc = FactDesc;

// The family in prometheus-cpp's model, still without samples.
inline prometheus::MetricFamily ModelOf(const FamilyDesc& family) {
  prometheus::MetricFamily model;
  model.name = std::string(family.name);
  model.help = std::string(family.help);
  model.type = family.type == MetricType::kCounter ? prometheus::MetricType::Counter
                                                   : prometheus::MetricType::Gauge;
  return model;
}

}  // namespace headroom
