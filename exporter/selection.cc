#include "exporter/selection.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "exporter/pool_join.h"
#include "exporter/unknown_name.h"

namespace headroom {
namespace {

using Names = std::set<std::string, std::less<>>;

const std::vector<std::string>& LinksOf(const TargetWorker& worker) {
  return worker.options().links;
}

Error Unknown(const std::string& why) {
  return Error{ErrorKind::kUnsupported, "collect[]: " + why + "\n"};
}

Error UnknownTarget(const Workers& all, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& worker : all) names.push_back(worker->options().target);
  return Unknown(UnknownName("target", name, names));
}

bool HasTarget(const Workers& all, const std::string& name) {
  return std::any_of(all.begin(), all.end(),
                     [&](const auto& worker) { return worker->options().target == name; });
}

// One step both ways: a pooler needs its servers, a server its poolers, and neither what those
// need.
void AddNeighbours(const Workers& all, const std::vector<std::string>& shown, Names& needed) {
  const Names asked(shown.begin(), shown.end());
  for (const auto& worker : all) {
    const std::string& name = worker->options().target;
    const std::vector<std::string>& links = LinksOf(*worker);
    if (asked.contains(name)) needed.insert(links.begin(), links.end());
    const bool names_one = std::any_of(
        links.begin(), links.end(), [&](const std::string& link) { return asked.contains(link); });
    if (names_one) needed.insert(name);
  }
}

// What a workload names, and the servers behind its poolers; not the other poolers of these: the
// server itself says what they take.
void AddTargets(const Workers& all, const WorkloadOptions& workload, Names& needed) {
  const auto named = TargetsOf(workload);
  needed.insert(named.begin(), named.end());
  for (const auto& worker : all) {
    if (!named.contains(worker->options().target)) continue;
    needed.insert(LinksOf(*worker).begin(), LinksOf(*worker).end());
  }
}

void AddWorkload(std::shared_ptr<const WorkloadOptions> workload, Workloads& workloads) {
  const auto at = std::lower_bound(workloads.begin(), workloads.end(), workload,
                                   [](const auto& a, const auto& b) { return a->name < b->name; });
  if (at == workloads.end() || *at != workload) workloads.insert(at, std::move(workload));
}

}  // namespace

Result<Selection> Select(const Running& running, const std::vector<std::string>& names) {
  if (names.empty()) return Selection{true, running.workers, {}, running.workloads, {}};
  Selection selection;
  for (const std::string& name : names) {
    if (!name.starts_with(kWorkloadPrefix)) {
      if (!HasTarget(running.workers, name)) return UnknownTarget(running.workers, name);
      selection.targets.push_back(name);
      continue;
    }
    const std::string_view workload = std::string_view(name).substr(kWorkloadPrefix.size());
    auto found = FindWorkload(running.workloads, workload);
    if (!found) return Unknown(UnknownWorkload(running.workloads, workload));
    AddWorkload(std::move(found), selection.workloads);
  }
  // A workload without one of its targets is unknown: nobody asks for that.
  Names needed(selection.targets.begin(), selection.targets.end());
  for (const auto& workload : selection.workloads) AddTargets(running.workers, *workload, needed);
  selection.awaited.assign(needed.begin(), needed.end());
  AddNeighbours(running.workers, selection.targets, needed);
  for (const auto& worker : running.workers) {
    if (needed.contains(worker->options().target)) selection.workers.push_back(worker);
  }
  return selection;
}

void JoinShown(std::vector<TargetView>& targets, const Selection& selection) {
  if (selection.everything) return JoinPools(targets, {});
  if (selection.targets.empty()) return targets.clear();
  JoinPools(targets, selection.targets);
}

}  // namespace headroom
