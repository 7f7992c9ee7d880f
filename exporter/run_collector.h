// RunCollector: the one guarded way to run a collector.
//
// It times the run, gives it its deadline, stops exceptions, fails the run where a required part
// failed, renders the series and moves the pressure counters.
#pragma once

#include "collectors/clock.h"
#include "collectors/collector.h"
#include "exporter/exposition/reading_renderer.h"
#include "exporter/pressure/pressure.h"
#include "exporter/sample_pace.h"
#include "exporter/snapshot.h"

namespace headroom {

struct RunOutcome {
  SnapshotPtr snapshot;
  // Something threw: the collector's state is in doubt and a new one must be made.
  bool threw = false;
};

// Of a target that is sampled: its counters, and the pace at which this run was taken.
struct Sampling {
  Pressure& pressure;
  SamplePace pace;
};

// `sampling`: null when the target is not sampled. Threads: the collector's own.
RunOutcome RunCollector(Collector& collector, ReadingRenderer& renderer, const Deadline& deadline,
                        const Sampling* sampling = nullptr);
// The same of what failed outside of a run. `pressure`: null when the target is not sampled.
SnapshotPtr FailedRun(Error error, SteadyTime started, SteadyTime finished, Pressure* pressure);

}  // namespace headroom
