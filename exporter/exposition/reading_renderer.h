// ReadingRenderer: from the nouns to series. Metric names, labels, deduplication, label hygiene and
// the series cap (truth rules 2, 7 and 8) are decided here, once, for all systems.
//
// Threads: one instance belongs to one target's thread; it remembers which queues hold a place.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "collectors/clock.h"
#include "collectors/reading.h"
#include "exporter/exposition/blocks.h"

namespace headroom {

class Places;
class RowsSink;

class ReadingRenderer {
 public:
  // `max_series` bounds the series of discovered queues; nothing else counts (see places.h).
  ReadingRenderer(std::string_view target, std::string_view system, std::size_t max_series);
  ReadingRenderer(const ReadingRenderer&) = delete;
  ReadingRenderer& operator=(const ReadingRenderer&) = delete;
  ~ReadingRenderer();

  struct Output {
    Blocks blocks;
    std::size_t dropped_series = 0;
  };
  // `now`: when the run started. Sorts nothing in `reading`; the output is sorted by labels. Of two
  // objects with the same labels a declared queue wins, else the first. Labels: `target`, `system`,
  // then the object's own; those that the system does not have (vhost, db, consumer_group,
  // database, user) are left out when empty. `sink`, if any, is told once which objects have
  // series.
  Output Render(const Reading& reading, SteadyTime now, RowsSink* sink = nullptr);

 private:
  std::string common_labels_;  // target="...",system="..."
  std::unique_ptr<Places> places_;
  std::size_t last_bytes_ = 0;  // of text: what the next run will need, more or less
};

}  // namespace headroom
