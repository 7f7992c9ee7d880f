// FractionSum: a sum of fractions, rounded up once at the end.
#pragma once

#include <cstdint>
#include <vector>

#include "exporter/workload/wide.h"

namespace headroom {

class FractionSum {
 public:
  // Adds count / per. Precondition: per >= 1. Every fraction must be added, one that is 0 too, so
  // that what the sum rounds to never falls when a count rises.
  void Add(std::uint64_t count, std::uint64_t per);

  // Rounded up; at most the largest number. Exact as long as all denominators have a common
  // multiple below 2^120 (eleven numbers up to 1,000 always have); beyond, groups of them are
  // rounded up one by one.
  std::uint64_t Ceiling() const;

 private:
  // A sum below 1.
  struct Group {
    Wide numerator = 0;
    Wide denominator = 1;
  };

  Wide whole_ = 0;
  std::vector<Group> groups_;
};

}  // namespace headroom
