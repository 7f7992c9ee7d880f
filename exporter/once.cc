#include "exporter/once.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/count_errors.h"
#include "exporter/metrics_page.h"
#include "exporter/pool_join.h"
#include "exporter/run_collector.h"
#include "exporter/thread.h"
#include "exporter/workload/workload_view.h"

namespace headroom {
namespace {

// A first look may be long, but somebody is waiting for it.
constexpr Duration kLongestDiscovery = std::chrono::minutes(5);

// Slices until everything has been looked for once. An error ends it; the run that follows says
// why.
void DiscoverAll(Collector& collector, const Clock& clock, Duration timeout) {
  const Deadline whole(clock, clock.Now() + kLongestDiscovery);
  while (!collector.Discovered() && !whole.Expired()) {
    const auto due = collector.NextDiscovery();
    if (!due) return;
    if (*due > clock.Now()) {
      // Nothing to wait for but the time: kTimeout is what is expected.
      static_cast<void>(Deadline(clock, std::min(*due, whole.at())).Poll(-1, 0).ok());
    } else if (!collector.DiscoverSlice(whole.Within(timeout)).ok()) {
      return;
    }
  }
}

struct Asked {
  explicit Asked(const TargetConfig& target)
      : config(&target), view{target.name, std::string(target.type->system), nullptr, {}} {
    view.links = LinkedTargets(target);
  }
  const TargetConfig* config;
  std::unique_ptr<Collector> collector;  // between its discovery and its run
  TargetView view;
  bool discovered = true;
};

void Discover(Asked& asked, const Clock& clock) {
  const TargetConfig& config = *asked.config;
  asked.collector = config.make(clock);
  try {
    DiscoverAll(*asked.collector, clock, config.timeout);
    asked.discovered = asked.collector->Discovered();
  } catch (const std::exception&) {
    asked.discovered = false;
    asked.collector = config.make(clock);  // the old one's state is in doubt
  }
}

void RunOnce(Asked& asked, const Clock& clock) {
  const TargetConfig& config = *asked.config;
  TargetView& view = asked.view;
  ReadingRenderer renderer(view.target, view.system, static_cast<std::size_t>(config.max_series));
  const Deadline deadline(clock, clock.Now() + config.timeout);
  const SnapshotPtr run = RunCollector(*asked.collector, renderer, deadline).snapshot;
  Update(view.status, run, clock.WallNow());
  if (run->ok()) view.run = run;
  asked.collector.reset();
}

// For a person at a terminal: why the page is not whole.
std::string Complaints(const Asked& asked) {
  const Snapshot& run = *asked.view.status.last;
  std::string text;
  const auto add = [&](std::string_view object, const Error& error) {
    text += fmt::format("{}: {}{}{}: {}\n", asked.view.target, object, object.empty() ? "" : ": ",
                        Name(error.kind), error.message);
  };
  if (run.error) add("", *run.error);
  for (const Part& part : run.reading.parts) {
    if (part.error) add(part.name, *part.error);
  }
  for (const Problem& problem : run.reading.problems) add(problem.object, problem.error);
  if (!run.error && !asked.discovered) {
    text += asked.view.target + ": not everything could be discovered; what was not is absent\n";
  }
  return text;
}

// One step of every target, each on a thread of its own. A collector is handed from a thread that
// has ended to a new one.
void OfEach(std::vector<Asked>& all, const Clock& clock, void (*step)(Asked&, const Clock&)) {
  std::vector<Thread> threads;
  threads.reserve(all.size());
  for (Asked& asked : all) {
    threads.emplace_back(asked.view.target, [&asked, &clock, step] { step(asked, clock); });
  }
}

// By name. Nobody runs before the last discovery has ended: it may take minutes, and what a page or
// a workload puts together has to be of one moment.
std::vector<Asked> AskAll(const std::vector<TargetConfig>& targets, const Clock& clock) {
  std::vector<Asked> all;
  all.reserve(targets.size());
  for (const TargetConfig& target : targets) all.emplace_back(target);
  OfEach(all, clock, Discover);
  OfEach(all, clock, RunOnce);
  std::sort(all.begin(), all.end(),
            [](const Asked& a, const Asked& b) { return a.view.target < b.view.target; });
  return all;
}

std::vector<TargetView> ViewsOf(const std::vector<Asked>& all) {
  std::vector<TargetView> views;
  views.reserve(all.size());
  for (const Asked& asked : all) views.push_back(asked.view);
  return views;
}

OncePage WithoutPage(const std::vector<Asked>& all) {
  OncePage once;
  once.complete = true;
  for (const Asked& asked : all) {
    once.complaints += Complaints(asked);
    if (!asked.view.run || !asked.discovered) once.complete = false;
  }
  return once;
}

// Those that it names, and the servers behind its poolers.
std::vector<TargetConfig> TargetsFor(const WorkloadOptions& workload, const Config& config) {
  const std::set<std::string> named = TargetsOf(workload);
  std::set<std::string> needed = named;
  for (const TargetConfig& target : config.targets) {
    if (!named.contains(target.name)) continue;
    for (const std::string& link : LinkedTargets(target)) needed.insert(link);
  }
  std::vector<TargetConfig> targets;
  for (const TargetConfig& target : config.targets) {
    if (needed.contains(target.name)) targets.push_back(target);
  }
  return targets;
}

}  // namespace

OncePage CollectOnce(const Config& config, SelfMetrics& self, const Clock& clock) {
  const std::vector<Asked> all = AskAll(config.targets, clock);
  OncePage once = WithoutPage(all);
  std::vector<TargetView> views = ViewsOf(all);
  std::vector<std::shared_ptr<TargetErrors>> errors;  // on the page for as long as they are held
  for (const TargetView& view : views) {
    errors.push_back(self.AddTarget(view.target, view.system));
    CountErrors(*view.status.last, *errors.back());
  }
  const auto workloads = EvaluateWorkloads(config.workloads, views, clock.WallNow());
  JoinPools(views, {});
  once.page = RenderMetricsPage(views, self, clock.Now(), PageScope::kEverything, workloads);
  return once;
}

OncePage ExplainOnce(const Config& config, const std::shared_ptr<const WorkloadOptions>& workload,
                     const Clock& clock) {
  const std::vector<TargetConfig> targets = TargetsFor(*workload, config);
  const std::vector<Asked> all = AskAll(targets, clock);
  OncePage once = WithoutPage(all);
  const WallTime now = clock.WallNow();
  for (const WorkloadView& view : EvaluateWorkloads({workload}, ViewsOf(all), now)) {
    for (const std::string& line : ExplainView(view, now)) once.page += line + "\n";
  }
  return once;
}

}  // namespace headroom
