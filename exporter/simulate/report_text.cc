#include "exporter/simulate/report_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

#include "collectors/options.h"
#include "exporter/workload/explain_words.h"

namespace headroom {
namespace {

using Row = std::vector<std::string>;

std::string Messages(std::uint64_t number) { return Count(number, "message", "messages"); }

std::string Connections(std::uint64_t number) { return Count(number, "connection", "connections"); }

// "2026-11-27 08:00:00 Asia/Seoul".
std::string StartText(const Scenario& scenario) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(*scenario.start);
  const auto local = scenario.zone ? scenario.zone->ToLocal(seconds)
                                   : std::chrono::local_seconds(seconds.time_since_epoch());
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(local - day);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} {}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     scenario.zone ? scenario.zone->name() : "UTC");
}

std::string PeaksText(const Outcome& outcome) {
  const std::string backlog =
      fmt::format("at most {} at {}", outcome.backlog.number, FormatDuration(outcome.backlog.at));
  if (outcome.waiting_peak.number == 0) return backlog + "; none ever waited";
  return fmt::format("{}; waiting at most {} at {}", backlog, outcome.waiting_peak.number,
                     FormatDuration(outcome.waiting_peak.at));
}

std::string DrainedText(const Outcome& outcome) {
  if (outcome.drained) {
    return fmt::format("{} after the first message (at {})",
                       FormatDuration(*outcome.drained - outcome.first_arrival),
                       FormatDuration(*outcome.drained));
  }
  return fmt::format("not within this time: {} waiting and {} in flight at the end",
                     outcome.waiting, outcome.in_flight);
}

std::string WaitsText(const Waits& waits) {
  if (waits.count == 0) return "nobody got that far";
  return fmt::format("mean {}, p50 {}, p95 {}, max {}", FormatDuration(waits.mean),
                     FormatDuration(waits.p50), FormatDuration(waits.p95),
                     FormatDuration(waits.max));
}

std::string PromiseText(const Promise& promise, Duration within, std::uint64_t messages) {
  std::string text = fmt::format("done within {}: {} of {}", FormatDuration(within), promise.kept,
                                 Messages(messages));
  if (promise.broken > 0) text += fmt::format(", {} late", promise.broken);
  if (promise.open > 0) text += fmt::format(", {} neither at the end", promise.open);
  return text;
}

std::string ExcessText(const Excess& excess) {
  return fmt::format("from {} on, for {} in all, by up to {}", FormatDuration(excess.first),
                     FormatDuration(excess.total), Connections(excess.most));
}

std::string DatabaseText(const DatabaseOutcome& database) {
  std::string text = fmt::format("room for {}, wanted at most {}: ", Connections(database.room),
                                 database.most_wanted);
  if (database.exhausted.total > Duration::zero()) {
    return text + "EXHAUSTED " + ExcessText(database.exhausted);
  }
  return text + "never exhausted";
}

std::string ReserveText(const DatabaseOutcome& database) {
  std::string text =
      fmt::format("{} beside what is kept for others, a cap of {}: ", database.room_beside_reserve,
                  WorkersText(database.cap_workers));
  if (database.into_reserve.total > Duration::zero()) {
    return text + "exceeded " + ExcessText(database.into_reserve);
  }
  return text + "kept";
}

std::string OrDash(std::optional<std::uint64_t> number) {
  return number ? fmt::to_string(*number) : "-";
}

Row CellsOf(const Moment& moment, bool with_database) {
  Row cells = {FormatDuration(moment.at)};
  for (const std::uint64_t number : {moment.arrived, moment.done, moment.waiting, moment.in_flight,
                                     moment.starting, moment.working, moment.stopping}) {
    cells.push_back(fmt::to_string(number));
  }
  cells.push_back(OrDash(moment.says.recommended_workers));
  cells.push_back(fmt::to_string(moment.says.minimum_workers));
  if (with_database) {
    cells.push_back(OrDash(moment.says.pool_cap_workers));
    cells.push_back(fmt::to_string(moment.connections));
  }
  return cells;
}

// Right-aligned, two spaces between columns.
std::string Aligned(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += fmt::format("{}{:>{}}", i == 0 ? "" : "  ", row[i], widths[i]);
    }
    text += '\n';
  }
  return text;
}

std::string TableText(const Outcome& outcome) {
  const bool with_database = outcome.database.has_value();
  std::vector<Row> rows = {{"time", "arrived", "done", "waiting", "in flight", "starting",
                            "working", "stopping", "recommended", "minimum"}};
  if (with_database) rows.front().insert(rows.front().end(), {"cap", "connections"});
  for (const Moment& moment : outcome.table) rows.push_back(CellsOf(moment, with_database));
  return Aligned(rows);
}

}  // namespace

std::string PlanText(const Scenario& scenario, const Outcome& outcome) {
  const WorkersPlan& workers = scenario.workers;
  std::string text =
      fmt::format("{} in {}", Messages(outcome.messages), FormatDuration(scenario.play));
  if (scenario.start) text += fmt::format(" from {} on", StartText(scenario));
  if (!workers.scaling) return text + fmt::format("; {}, fixed", WorkersText(workers.initial));
  return text + fmt::format("; an HPA from {} on, between {} and {}", workers.initial,
                            scenario.workload.min, scenario.workload.max);
}

std::vector<std::pair<std::string, std::string>> SummaryLines(const Scenario& scenario,
                                                              const Outcome& outcome) {
  std::vector<std::pair<std::string, std::string>> lines;
  if (!scenario.workload.name.empty()) lines.emplace_back("rehearsal", scenario.workload.name);
  lines.emplace_back("plan", PlanText(scenario, outcome));
  lines.emplace_back("drained", DrainedText(outcome));
  lines.emplace_back("backlog", PeaksText(outcome));
  lines.emplace_back("until start", WaitsText(outcome.until_start));
  lines.emplace_back("until done", WaitsText(outcome.until_done));
  if (outcome.promise) {
    lines.emplace_back("promise",
                       PromiseText(*outcome.promise, *scenario.done_within, outcome.messages));
  }
  if (outcome.interrupted > 0) {
    lines.emplace_back(
        "interrupted",
        fmt::format("{} begun in vain: the worker was scaled in and killed after its "
                    "grace period",
                    Messages(outcome.interrupted)));
  }
  lines.emplace_back(
      "workers", fmt::format("at most {} working at {}, {} pods at {}; {} worker-seconds",
                             outcome.workers.number, FormatDuration(outcome.workers.at),
                             outcome.pods.number, FormatDuration(outcome.pods.at),
                             static_cast<std::uint64_t>(outcome.pod_nanoseconds / 1'000'000'000)));
  if (outcome.first_floor) {
    lines.emplace_back(
        "floor", fmt::format("{} asked for from {} on", WorkersText(outcome.first_floor->workers),
                             FormatDuration(outcome.first_floor->at)));
  }
  if (outcome.database) {
    lines.emplace_back("database", DatabaseText(*outcome.database));
    lines.emplace_back("reserve", ReserveText(*outcome.database));
  }
  return lines;
}

std::string ReportText(const Scenario& scenario, const Outcome& outcome) {
  std::string text;
  for (const auto& [name, line] : SummaryLines(scenario, outcome)) {
    text += fmt::format("{:<13}{}\n", name, OneLine(line));
  }
  return text + '\n' + TableText(outcome);
}

}  // namespace headroom
