#include "exporter/status_workloads.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace headroom {
namespace {

// A sentence names each queue and pool, so it may be long; nobody reads more than this.
constexpr std::size_t kMaxSentence = 4000;

std::string_view LimitsOf(const WorkloadResult& result) {
  if (!result.limited) return "&ndash;";
  if (result.limited->max && result.limited->pool) return "max, pools";
  if (result.limited->max) return "max";
  return result.limited->pool ? "pools" : "none";
}

void Row(Html& html, const WorkloadView& view) {
  const WorkloadResult& result = view.result;
  html.Raw("<tr><td>").Text(view.options->name).Raw("</td>");
  NumberCell(html, result.recommended_workers);
  NumberCell(html, result.minimum_workers);
  NumberCell(html, result.wanted_workers);
  NumberCell(html, result.backlog_messages);
  NumberCell(html, result.busy_workers);
  NumberCell(html, result.live_workers);
  NumberCell(html, result.floor_workers);
  NumberCell(html, result.pool_cap_workers);
  html.Raw("<td>").Raw(LimitsOf(result)).Raw("</td>");
  SecondsCell(html, result.expected_drain_seconds);
  SecondsCell(html, result.finish_within_seconds);
  html.Raw("</tr>\n");
}

void Sentences(Html& html, const WorkloadView& view, WallTime now) {
  html.Raw("<h3>Why: ").Text(view.options->name).Raw("</h3>\n<ul>\n");
  for (const std::string& line : ExplainView(view, now)) {
    html.Raw("<li>").Text(line, kMaxSentence).Raw("</li>\n");
  }
  html.Raw("</ul>\n");
}

}  // namespace

void AppendWorkloads(Html& html, const StatusWorkloads& workloads) {
  if (workloads.views.empty()) return;
  html.Raw("<h2>Workloads</h2>\n<table><tr><th>workload</th>");
  for (const std::string_view column :
       {"recommended", "minimum", "wanted", "messages", "busy", "live", "floor", "pool cap"}) {
    html.Raw("<th class=\"n\">").Raw(column).Raw("</th>");
  }
  html.Raw(
      "<th>limited by</th><th class=\"n\">expected drain</th><th class=\"n\">finish "
      "within</th></tr>\n");
  for (const WorkloadView& view : workloads.views) Row(html, view);
  html.Raw("</table>\n");
  for (const WorkloadView& view : workloads.views) Sentences(html, view, workloads.now);
}

}  // namespace headroom
