// PaceLog: says when a target is sampled less often than its sample_interval asks for, and when
// that is over.
//
// A line for each change that lasts, and none for one that does not: a single slow run, the first
// connection, a cost that is about as much as is allowed.
// Threads: one (the target's worker).
#pragma once

#include <string>

#include "exporter/log.h"
#include "exporter/sample_pace.h"
#include "exporter/snapshot.h"

namespace headroom {

class PaceLog {
 public:
  // A worse pace is said after the first, a better one after the second.
  static constexpr Duration kWorseFor = std::chrono::seconds(10);
  static constexpr Duration kBetterFor = std::chrono::minutes(1);

  // `logger` must outlive this.
  PaceLog(const Logger& logger, std::string target, std::string system);

  // Failed runs, and those of targets that are not sampled, change nothing.
  void OnRun(const Snapshot& run);

 private:
  enum class State { kAsConfigured, kSlower, kBlind };  // from good to bad

  State StateOf(const SamplePace& pace) const;
  void Say(State state, const SamplePace& pace) const;

  const Logger& logger_;
  const std::string target_;
  const std::string system_;
  State said_ = State::kAsConfigured;
  // What lasts since since_: of all that was worse than said_, or of all that was better, that
  // which is nearest to it.
  State lasting_ = State::kAsConfigured;
  SteadyTime since_;
};

}  // namespace headroom
