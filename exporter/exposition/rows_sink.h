// RowsSink: who writes further series about the objects of a run (pressure) is told which of them
// have series at all.
#pragma once

#include <cstddef>

#include "collectors/reading.h"
#include "exporter/exposition/rows.h"

namespace headroom {

class RowsSink {
 public:
  RowsSink() = default;
  RowsSink(const RowsSink&) = delete;
  RowsSink& operator=(const RowsSink&) = delete;
  virtual ~RowsSink() = default;

  // The series that it will write about a queue; they count against max_series.
  virtual std::size_t SeriesOf(const Queue& queue) const = 0;
  // The rows of this run as they go to the page, without {queue="_other"}: that is a sum over
  // members that leave, of which there is no counter (truth rule 9).
  virtual void OnRows(const Rows<Queue>& queues, const Rows<Pool>& pools) = 0;
};

}  // namespace headroom
