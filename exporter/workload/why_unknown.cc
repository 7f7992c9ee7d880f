#include "exporter/workload/why_unknown.h"

#include <fmt/format.h>

#include <algorithm>

namespace headroom {

const TargetView* FindTarget(std::span<const TargetView> targets, std::string_view name) {
  const auto found = std::find_if(targets.begin(), targets.end(),
                                  [name](const TargetView& view) { return view.target == name; });
  return found == targets.end() ? nullptr : &*found;
}

std::string WhyNoRun(const TargetView* view, std::string_view name) {
  if (view == nullptr) return fmt::format("target {} was not asked", name);
  const SnapshotPtr& last = view->status.last;
  if (!last) return fmt::format("target {} has not answered yet", name);
  if (last->ok()) return fmt::format("target {} has not answered in time", name);
  return fmt::format("target {} is down: {}", name, last->error->message);
}

namespace {

template <class IsAbout>
std::string Why(const Reading& reading, std::string_view otherwise, const IsAbout& is_about) {
  for (const Problem& problem : reading.problems) {
    if (is_about(problem)) return problem.error.message;
  }
  for (const Part& part : reading.parts) {
    if (part.error) return fmt::format("{} is unanswered: {}", part.name, part.error->message);
  }
  return std::string(otherwise);
}

}  // namespace

std::string WhyNotInRun(const TargetView& view, const WorkloadQueue& queue,
                        std::string_view otherwise) {
  return Why(view.run->reading, otherwise, [&queue](const Problem& problem) {
    return problem.queue == queue.queue && problem.vhost == queue.vhost;
  });
}

std::string WhyNotInRun(const TargetView& view, const WorkloadGroup& group,
                        std::string_view otherwise) {
  return Why(view.run->reading, otherwise,
             [&group](const Problem& problem) { return problem.group == group.group; });
}

}  // namespace headroom
