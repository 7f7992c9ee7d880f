// Which rows of a table on the page at "/" are shown when there are more than anybody reads.
#pragma once

#include <array>
#include <cstddef>

#include "exporter/html.h"

namespace headroom {

// In the order of the page. What is unknown could be the worst of all, so it is never taken for
// little and put last.
enum class RowRank {
  kUnknown,   // the number that puts rows in order is not known
  kStriking,  // known, and something is the matter: missing, down
  kOrdinary,
};

// The rows that a table leaves out, by rank.
using LeftOut = std::array<std::size_t, 3>;

// Takes the first hundred rows of each rank, so that none hides another.
class RowCap {
 public:
  explicit RowCap(LeftOut& left_out) : left_out_(left_out) {}
  // Is the next row of this rank shown? When not, it is counted.
  bool Take(RowRank rank);

 private:
  LeftOut& left_out_;
  std::array<std::size_t, 3> taken_{};
};

// "and 80 more, 30 of them unknown, 2 missing or down"; nothing when no row was left out.
void AppendLeftOut(Html& html, const LeftOut& left_out);

}  // namespace headroom
