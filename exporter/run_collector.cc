#include "exporter/run_collector.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <utility>

namespace headroom {
namespace {

// What it returns is either whole or an Error: a failed required part is an Error too.
Result<Reading> Collected(Collector& collector, const Deadline& deadline) {
  Result<Reading> result = collector.Collect(deadline);
  if (!result) return result;
  const auto& parts = result->parts;
  const auto failed =
      std::find_if(parts.begin(), parts.end(), [](const Part& p) { return p.required && p.error; });
  if (failed != parts.end()) return failed->error->Within(failed->name);
  return result;
}

// The series of the reading; the pressure counters move with them.
ReadingRenderer::Output Rendered(const Reading& reading, const Snapshot& snapshot,
                                 ReadingRenderer& renderer, const Sampling* sampling) {
  if (sampling == nullptr) return renderer.Render(reading, snapshot.started);
  Pressure::Run run(sampling->pressure, snapshot.replied, sampling->pace.LongestGap());
  return renderer.Render(reading, snapshot.started, &run);
}

// Fills `snapshot` with a good run, or says why there is none.
Status Guarded(Collector& collector, ReadingRenderer& renderer, const Sampling* sampling,
               const Deadline& deadline, Snapshot& snapshot, bool& threw) {
  try {
    Result<Reading> result = Collected(collector, deadline);
    if (!result) return std::move(result).error();
    snapshot.replied = deadline.clock().Now();
    auto rendered = Rendered(*result, snapshot, renderer, sampling);
    snapshot.reading = std::move(result).value();
    snapshot.blocks = std::move(rendered.blocks);
    snapshot.dropped_series = rendered.dropped_series;
    return Ok{};
  } catch (const std::exception& e) {
    threw = true;
    return Error{ErrorKind::kInternal, std::string("exception: ") + e.what()};
  } catch (...) {
    threw = true;
    return Error{ErrorKind::kInternal, "exception of an unknown type"};
  }
}

}  // namespace

RunOutcome RunCollector(Collector& collector, ReadingRenderer& renderer, const Deadline& deadline,
                        const Sampling* sampling) {
  RunOutcome outcome;
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->started = deadline.clock().Now();
  const Status status = Guarded(collector, renderer, sampling, deadline, *snapshot, outcome.threw);
  if (!status) {
    outcome.snapshot = FailedRun(status.error(), snapshot->started, deadline.clock().Now(),
                                 sampling == nullptr ? nullptr : &sampling->pressure);
    return outcome;
  }
  if (sampling != nullptr) {
    snapshot->pressure = sampling->pressure.blocks();
    snapshot->pace = sampling->pace;
  }
  snapshot->finished = deadline.clock().Now();
  outcome.snapshot = std::move(snapshot);
  return outcome;
}

SnapshotPtr FailedRun(Error error, SteadyTime started, SteadyTime finished, Pressure* pressure) {
  auto failed = std::make_shared<Snapshot>();
  failed->started = started;
  failed->replied = failed->finished = finished;
  failed->error = std::move(error);
  if (pressure != nullptr) {
    pressure->OnFailure();
    failed->pressure = pressure->blocks();
  }
  return failed;
}

}  // namespace headroom
