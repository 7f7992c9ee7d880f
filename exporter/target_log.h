// TargetLog: what the log says about one target: a line when its state changes, a reminder every
// ten minutes while it is not well, and nothing else, however often it is scraped.
//
// Threads: one (the target's worker).
#pragma once

#include <map>
#include <string>

#include "exporter/log.h"
#include "exporter/pace_log.h"
#include "exporter/snapshot.h"

namespace headroom {

class TargetLog {
 public:
  static constexpr Duration kReminder = std::chrono::minutes(10);

  // `logger` must outlive this.
  TargetLog(const Logger& logger, std::string target, std::string system);

  void OnRun(const Snapshot& run);

 private:
  void LogIssue(std::string_view object, const Error& error);

  struct Issue {
    Error error;
    SteadyTime logged;
  };

  const Logger& logger_;
  std::string target_;
  std::string system_;
  bool first_ = true;
  std::string source_;  // that the last good run took
  PaceLog pace_;
  // By object: "" is the target itself, "part x" and object names are what hangs below it.
  std::map<std::string, Issue> issues_;
};

}  // namespace headroom
