#include "exporter/target_log.h"

#include <fmt/format.h>

#include <utility>

namespace headroom {
namespace {

// More objects than this in one state of trouble are not listed one by one: the log must stay
// readable.
constexpr std::size_t kMaxIssues = 50;

std::map<std::string, Error> IssuesOf(const Snapshot& run) {
  std::map<std::string, Error> issues;
  if (run.error) issues.emplace("", *run.error);
  for (const Part& part : run.reading.parts) {
    if (part.error) issues.emplace("part " + part.name, *part.error);
  }
  for (const Problem& problem : run.reading.problems) {
    if (issues.size() >= kMaxIssues) break;
    issues.emplace(problem.object, problem.error);
  }
  return issues;
}

}  // namespace

TargetLog::TargetLog(const Logger& logger, std::string target, std::string system)
    : logger_(logger),
      target_(std::move(target)),
      system_(std::move(system)),
      pace_(logger, target_, system_) {}

void TargetLog::OnRun(const Snapshot& run) {
  logger_.Log(LogLevel::kDebug, "run",
              {{"target", target_},
               {"system", system_},
               {"seconds", fmt::format("{:.6f}", Seconds(run.finished - run.started))},
               {"series", fmt::to_string(run.blocks.series)},
               {"result", run.error ? Name(run.error->kind) : "ok"}});
  const auto now_wrong = IssuesOf(run);
  // While the target is down nothing is known of what hangs below it: keep that as it was.
  const bool down = run.error.has_value();
  for (auto it = issues_.begin(); it != issues_.end();) {
    const bool target_itself = it->first.empty();
    if (now_wrong.contains(it->first) || (down && !target_itself)) {
      ++it;
      continue;
    }
    if (target_itself) {
      logger_.Log(LogLevel::kInfo, "target is up again",
                  {{"target", target_}, {"system", system_}});
    } else {
      logger_.Log(LogLevel::kInfo, "recovered",
                  {{"target", target_}, {"system", system_}, {"object", it->first}});
    }
    it = issues_.erase(it);
  }
  for (const auto& [object, error] : now_wrong) {
    const auto [it, added] = issues_.try_emplace(object, Issue{error, run.finished});
    const bool changed = it->second.error.kind != error.kind;
    if (added || changed || run.finished - it->second.logged >= kReminder) {
      LogIssue(object, error);
      it->second = Issue{error, run.finished};
    }
  }
  if (first_ && !down) {
    logger_.Log(LogLevel::kInfo, "target is up", {{"target", target_}, {"system", system_}});
  }
  first_ = false;
  if (!down && run.reading.source != source_) {
    source_ = run.reading.source;
    logger_.Log(LogLevel::kInfo, "source chosen",
                {{"target", target_}, {"system", system_}, {"source", source_}});
  }
  pace_.OnRun(run);
}

void TargetLog::LogIssue(std::string_view object, const Error& error) {
  if (object.empty()) {
    logger_.Log(LogLevel::kError, "target is down",
                {{"target", target_},
                 {"system", system_},
                 {"reason", Name(error.kind)},
                 {"error", error.message}});
    return;
  }
  logger_.Log(LogLevel::kWarn, "unknown in this run",
              {{"target", target_},
               {"system", system_},
               {"object", object},
               {"reason", Name(error.kind)},
               {"error", error.message}});
}

}  // namespace headroom
