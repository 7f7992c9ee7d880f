#include "exporter/target_log.h"

#include <fmt/format.h>

#include <utility>

namespace headroom {
namespace {

// More objects than this are not listed one by one in one run: the log must stay readable.
constexpr std::size_t kMaxLines = 50;

std::map<std::string, Error> IssuesOf(const Snapshot& run) {
  std::map<std::string, Error> issues;
  if (run.error) issues.emplace("", *run.error);
  for (const Part& part : run.reading.parts) {
    if (part.error) issues.emplace("part " + part.name, *part.error);
  }
  for (const Problem& problem : run.reading.problems) {
    const std::string object =
        (problem.object == problem.group ? "worker group " : "") + problem.object;
    const auto [issue, first] = issues.emplace(object, problem.error);
    if (!first) issue->second.message += "; " + problem.error.message;
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
  const bool down = run.error.has_value();
  LogRecoveries(now_wrong, down);
  LogNews(now_wrong, run.finished);
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

void TargetLog::LogRecoveries(const std::map<std::string, Error>& now_wrong, bool down) {
  std::size_t recovered = 0;
  for (auto it = issues_.begin(); it != issues_.end();) {
    const bool target_itself = it->first.empty();
    // While the target is down nothing is known of what hangs below it: keep that as it was.
    if (now_wrong.contains(it->first) || (down && !target_itself)) {
      ++it;
      continue;
    }
    if (target_itself) {
      logger_.Log(LogLevel::kInfo, "target is up again",
                  {{"target", target_}, {"system", system_}});
    } else if (++recovered <= kMaxLines) {
      logger_.Log(LogLevel::kInfo, "recovered",
                  {{"target", target_}, {"system", system_}, {"object", it->first}});
    }
    it = issues_.erase(it);
  }
  LogRest(LogLevel::kInfo, "more have recovered", recovered);
}

void TargetLog::LogNews(const std::map<std::string, Error>& now_wrong, SteadyTime now) {
  std::size_t news = 0;
  for (const auto& [object, error] : now_wrong) {
    std::optional<SteadyTime>& logged = issues_[object][static_cast<std::size_t>(error.kind)];
    if (logged && now - *logged < kReminder) continue;
    logged = now;
    if (object.empty() || ++news <= kMaxLines) LogIssue(object, error);
  }
  LogRest(LogLevel::kWarn, "more are unknown in this run", news);
}

void TargetLog::LogRest(LogLevel level, std::string_view message, std::size_t objects) {
  if (objects <= kMaxLines) return;
  logger_.Log(
      level, message,
      {{"target", target_}, {"system", system_}, {"objects", fmt::to_string(objects - kMaxLines)}});
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
