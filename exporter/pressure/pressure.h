// Pressure: the pressure counters of one target, from its runs to their text.
//
// Threads: one instance belongs to one target's thread; what blocks() returned may go anywhere.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "collectors/clock.h"
#include "exporter/exposition/blocks.h"
#include "exporter/exposition/rows_sink.h"
#include "exporter/pressure/integrator.h"

namespace headroom {

class Pressure {
 public:
  Pressure(std::string_view target, std::string_view system);

  // What the renderer of a good run reports to. `replied`: when its reply was there. If that of the
  // run before was there more than `longest_gap` earlier, the time between does not count.
  class Run final : public RowsSink {
   public:
    Run(Pressure& pressure, SteadyTime replied, Duration longest_gap)
        : pressure_(pressure), replied_(replied), longest_gap_(longest_gap) {}
    std::size_t SeriesOf(const Queue& queue) const override;
    void OnRows(const Rows<Queue>& queues, const Rows<Pool>& pools) override {
      pressure_.OnRun(replied_, longest_gap_, queues, pools);
    }

   private:
    Pressure& pressure_;
    const SteadyTime replied_;
    const Duration longest_gap_;
  };
  void OnFailure() { integrator_.OnFailure(); }

  // The counters after the last good run; never null.
  std::shared_ptr<const Blocks> blocks() const { return blocks_; }

 private:
  void OnRun(SteadyTime replied, Duration longest_gap, const Rows<Queue>& queues,
             const Rows<Pool>& pools);

  const std::string common_labels_;
  Integrator integrator_;
  std::shared_ptr<const Blocks> blocks_;
};

}  // namespace headroom
