// Blocks: the text of the metric families of one source (a target's run, the exporter itself), one
// block per family, ready to be merged into a page.
//
// A page groups each family's samples under one HELP/TYPE, so a target's text is kept per family.
// All text of one source stands in a single string: few large allocations, given back at once when
// a snapshot dies.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/reading.h"

namespace headroom {

struct FamilyBlock {
  std::string_view name;  // static storage or owned by whoever outlives the Blocks
  std::string_view help;
  MetricType type = MetricType::kGauge;
  std::size_t begin = 0;  // [begin, end) of `text`: whole sample lines
  std::size_t end = 0;
};

struct Blocks {
  std::string text;
  std::vector<FamilyBlock> families;  // sorted by name, no name twice
  std::size_t series = 0;

  std::string_view TextOf(const FamilyBlock& f) const {
    return std::string_view(text).substr(f.begin, f.end - f.begin);
  }
};

}  // namespace headroom
