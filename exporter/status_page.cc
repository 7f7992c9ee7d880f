#include "exporter/status_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "exporter/html.h"
#include "exporter/status_pools.h"
#include "exporter/status_queues.h"

namespace headroom {
namespace {

// The page is for looking; headroom_target_errors_total counts all problems.
constexpr std::size_t kMaxProblems = 100;

constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>headroom</title>
<style>
:root { color-scheme: light dark; --line: #8884; --bad: #c62828; --good: #2e7d32; }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; --good: #81c784; } }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .3rem; }
h3 { font-size: 1rem; margin: .8rem 0 .2rem; } ul { margin: 0 0 .8rem; padding-left: 1.2rem; }
p { margin: .3rem 0; } .dim { opacity: .7; }
table { border-collapse: collapse; width: 100%; margin-bottom: 1.2rem; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; overflow-wrap: anywhere; }
th { font-weight: 600; white-space: nowrap; }
td:first-child { min-width: 8rem; } .w { white-space: nowrap; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.up { color: var(--good); font-weight: 600; } .down { color: var(--bad); font-weight: 600; }
meter { width: 9rem; } summary { cursor: pointer; margin-bottom: .3rem; }
</style>
</head>
<body>
<h1>headroom</h1>
)";

std::string_view StateOf(const TargetView& target) {
  if (target.run) return "up";
  if (target.status.backing_off) return "down, backing off between retries";
  if (target.status.last && target.status.last->error) return "down";
  return "no answer in time";
}

void Why(Html& html, const TargetView& target) {
  const SnapshotPtr& last = target.status.last;
  if (!target.run && last && last->error) {
    html.Raw("<p>").Text(Name(last->error->kind)).Raw(": ").Text(last->error->message).Raw("</p>");
  }
  if (!target.run) return;
  if (const std::string& source = target.run->reading.source; !source.empty()) {
    html.Raw("<p class=\"dim\">source: ").Text(source).Raw("</p>");
  }
  for (const Part& part : target.run->reading.parts) {
    if (!part.error) continue;
    html.Raw("<p><span class=\"down\">").Text(part.name).Raw(" unknown</span>: ");
    html.Text(part.error->message).Raw("</p>");
  }
  const auto& problems = target.run->reading.problems;
  const std::size_t shown = std::min(problems.size(), kMaxProblems);
  for (const Problem& problem : std::span(problems).first(shown)) {
    html.Raw("<p><span class=\"down\">unknown</span> ").Text(problem.object).Raw(": ");
    html.Text(problem.error.message).Raw("</p>");
  }
  if (problems.size() > shown) {
    html.Raw(fmt::format("<p>and {} more</p>", problems.size() - shown));
  }
}

void TargetRow(Html& html, const TargetView& target, SteadyTime now) {
  const auto& status = target.status;
  html.Raw("<tr><td>").Text(target.target).Raw("</td><td class=\"w\">");
  html.Text(target.system).Raw("</td><td><span class=\"");
  html.Raw(target.run ? "up" : "down").Raw("\">").Raw(StateOf(target)).Raw("</span>");
  Why(html, target);
  html.Raw("</td>");
  std::optional<double> age;
  std::optional<double> took;
  std::optional<double> discovery;
  std::optional<std::uint64_t> series;
  const auto started = target.run ? std::optional(target.run->started) : status.good_started;
  if (started) age = Seconds(now - *started);
  if (status.last) took = Seconds(status.last->finished - status.last->started);
  if (status.discovered_at) discovery = Seconds(now - *status.discovered_at);
  if (target.run) series = SeriesOf(target);
  SecondsCell(html, age);
  SecondsCell(html, took);
  SecondsCell(html, discovery);
  NumberCell(html, series);
  html.Raw("</tr>\n");
}

void WorkerGroups(Html& html, const Reading& reading) {
  if (reading.worker_groups.empty()) return;
  html.Raw("<table><tr><th>worker group</th><th>state</th><th class=\"n\">live</th>");
  html.Raw("<th class=\"n\">stale</th><th class=\"n\">longest in state</th></tr>\n");
  for (const WorkerGroup& group : reading.worker_groups) {
    for (const WorkerState& state : group.states) {
      html.Raw("<tr><td>").Text(group.group).Raw("</td><td>").Text(state.state).Raw("</td>");
      NumberCell(html, state.live);
      NumberCell(html, state.stale);
      SecondsCell(html, state.longest_in_state_seconds);
      html.Raw("</tr>\n");
    }
  }
  html.Raw("</table>\n");
}

}  // namespace

std::string RenderStatusPage(const std::vector<TargetView>& targets, SteadyTime now,
                             std::string_view telemetry_path, const StatusWorkloads& workloads) {
  Html html;
  html.Raw(kHead).Raw("<p class=\"dim\">version " HEADROOM_VERSION " &middot; <a href=\"");
  html.Text(telemetry_path)
      .Raw(
          "\">metrics</a> &middot; a dash: not known, or not counted by this kind; never a "
          "zero</p>\n");
  html.Raw("<h2>Targets</h2>\n<table><tr><th>target</th><th>system</th><th>state</th>");
  html.Raw("<th class=\"n\">age of data</th><th class=\"n\">last run took</th>");
  html.Raw("<th class=\"n\">discovery</th><th class=\"n\">series</th></tr>\n");
  for (const TargetView& target : targets) TargetRow(html, target, now);
  html.Raw("</table>\n");
  AppendWorkloads(html, workloads);
  for (const TargetView& target : targets) {
    if (!target.run) continue;
    html.Raw("<h2>").Text(target.target).Raw("</h2>\n");
    AppendQueues(html, target.run->reading);
    WorkerGroups(html, target.run->reading);
    AppendPools(html, target);
  }
  html.Raw("</body>\n</html>\n");
  return std::move(html).Take();
}

}  // namespace headroom
