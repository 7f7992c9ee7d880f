// TargetLog: what the log says about one target: a line when its state changes, a reminder every
// ten minutes while it is not well, and nothing else, however often it is scraped.
//
// Of many objects that change in the same run the first are listed and the rest is counted. A
// reason that comes and goes (objects that take turns, of which some have none in a run) is said
// once in ten minutes.
//
// Threads: one (the target's worker).
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

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
  void LogRecoveries(const std::map<std::string, Error>& now_wrong, bool down);
  void LogNews(const std::map<std::string, Error>& now_wrong, SteadyTime now);
  void LogRest(LogLevel level, std::string_view message, std::size_t objects);
  void LogIssue(std::string_view object, const Error& error);

  // When each reason was last said of an object that is unknown, by ErrorKind.
  using Issue = std::array<std::optional<SteadyTime>, kAllErrorKinds.size()>;

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
