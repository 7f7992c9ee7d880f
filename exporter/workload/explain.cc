#include "exporter/workload/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "collectors/options.h"
#include "exporter/workload/explain_backlog.h"
#include "exporter/workload/explain_cap.h"
#include "exporter/workload/explain_words.h"
#include "exporter/workload/wide.h"

namespace headroom {
namespace {

using Limit = CapMember::Limit;

class Explainer {
 public:
  Explainer(const WorkloadOptions& options, const WorkloadInputs& inputs,
            const WorkloadResult& result, WallTime now)
      : options_(options), inputs_(inputs), result_(result), cap_(result.cap), now_(now) {}

  std::vector<std::string> Lines() const {
    std::vector<std::string> lines = {Summary()};
    const auto add = [&lines](std::vector<std::string> more) {
      std::move(more.begin(), more.end(), std::back_inserter(lines));
    };
    add(ExplainBacklog(options_, inputs_, result_));
    lines.push_back(FloorLine());
    add(ExplainCap(options_, inputs_, cap_));
    lines.push_back(WantedLine());
    lines.push_back(RecommendedLine());
    lines.push_back(MinimumLine());
    lines.push_back(DrainLine());
    lines.push_back(NextLine());
    std::erase(lines, std::string());
    for (std::string& line : lines) line = OneLine(std::move(line));
    return lines;
  }

 private:
  // "132 waiting / 11 per worker = 12; calendar asks 40 until 11:00 UTC; database bears 34:
  // recommended 34, limited by pool app/decisions of pooler-a".
  std::string Summary() const {
    std::string text = BacklogText(options_, inputs_, result_);
    if (result_.floor_workers > 0) text += "; " + CalendarText();
    if (cap_.limit == Limit::kLimited) text += fmt::format("; database bears {}", cap_.workers);
    if (cap_.limit == Limit::kUnknown) text += "; " + CapUnknownText(inputs_, cap_);
    if (!result_.recommended_workers) {
      return fmt::format("{}: no recommendation, but at least {}", text, result_.minimum_workers);
    }
    return fmt::format("{}: recommended {}{}", text, *result_.recommended_workers, LimitsText());
  }

  std::string CalendarText() const {
    std::string text = fmt::format("calendar asks {}", result_.floor_workers);
    if (inputs_.floor.until) {
      text += " until " + TimeText(*inputs_.floor.until, now_, FloorAt(inputs_.floor.index));
    }
    return text;
  }

  // Why it is not what is wanted, or why that is more than the rest asks for.
  std::string LimitsText() const {
    const std::uint64_t recommended = *result_.recommended_workers;
    const std::uint64_t wanted = *result_.wanted_workers;
    if (*result_.limited == Limited{}) {
      const bool by_min = wanted == options_.min && wanted > *result_.backlog_workers &&
                          wanted > result_.floor_workers;
      return by_min ? ", which is min" : "";
    }
    const bool min_beats_them =
        options_.max < recommended || (cap_.limit == Limit::kLimited && cap_.workers < recommended);
    if (min_beats_them) return fmt::format(", which is min and beats {}", Limits());
    return ", limited by " + Limits();
  }

  // Those that made `recommended` what it is: the tighter of the two, both when they are equal.
  std::string Limits() const {
    const bool capped = result_.limited->pool && cap_.workers <= options_.max;
    const bool at_max = result_.limited->max && (!capped || options_.max == cap_.workers);
    std::string text = at_max ? fmt::format("max {}", options_.max) : "";
    if (capped) text += (at_max ? " and " : "") + BindingText(inputs_, cap_);
    return text;
  }

  std::string FloorLine() const {
    if (result_.floor_workers > 0) return "floor: " + CalendarText();
    return options_.floors.empty() ? "" : "floor: 0, no event is active";
  }

  std::string WantedLine() const {
    if (!result_.wanted_workers) return "wanted: unknown, as the backlog is";
    return fmt::format(
        "wanted: the largest of {} for the backlog, {} by the calendar and min {} = {}",
        *result_.backlog_workers, result_.floor_workers, options_.min,
        WorkersText(*result_.wanted_workers));
  }

  std::string BoundsText() const {
    std::string text = fmt::format("at most max {}", options_.max);
    if (cap_.limit == Limit::kLimited) text += fmt::format(" and pool cap {}", cap_.workers);
    return fmt::format("{}, then at least min {}", text, options_.min);
  }

  std::string RecommendedLine() const {
    if (!result_.recommended_workers) {
      return fmt::format("recommended: nothing, as {} is unknown",
                         result_.wanted_workers ? "the pool cap" : "the backlog");
    }
    return fmt::format("recommended: {} wanted, {} = {}", *result_.wanted_workers, BoundsText(),
                       WorkersText(*result_.recommended_workers));
  }

  std::string MinimumLine() const {
    return fmt::format("minimum, whatever the backlog is: {} by the calendar, {} = {}",
                       result_.floor_workers, BoundsText(), WorkersText(result_.minimum_workers));
  }

  std::string DrainLine() const {
    if (!result_.expected_drain_seconds) return "";
    std::string text =
        fmt::format("expected drain: {}", SecondsText(*result_.expected_drain_seconds));
    bool late = false;
    if (*result_.backlog_messages > 0) {
      const Wide slots = static_cast<Wide>(options_.concurrency) * *result_.recommended_workers;
      const Wide rounds = DivideUp(*result_.backlog_messages, slots);
      text = fmt::format(
          "expected drain: {} / ({} x {}), rounded up = {} of {} = {}",
          Count(*result_.backlog_messages, "message", "messages"),
          WorkersText(*result_.recommended_workers), Count(options_.concurrency, "slot", "slots"),
          Count(Saturate(rounds), "round", "rounds"), FormatDuration(*options_.service_time),
          SecondsText(*result_.expected_drain_seconds));
      late = options_.finish_within &&
             rounds * options_.service_time->count() > options_.finish_within->count();
    }
    if (!options_.finish_within) return text;
    return fmt::format("{}, {} finish_within {}", text, late ? "later than" : "within",
                       FormatDuration(*options_.finish_within));
  }

  // An event that cannot be met is for today to know, not for the morning of the event.
  std::string NextLine() const {
    if (!result_.next_floor) return options_.floors.empty() ? "" : "next event: none";
    const NextFloor& next = *result_.next_floor;
    const std::uint64_t workers = Saturate(next.workers);
    std::string text = fmt::format("next event: {} at {}", WorkersText(workers),
                                   TimeText(next.start, now_, FloorAt(next.index)));
    if (workers > options_.max) text += fmt::format("; max allows {}", options_.max);
    if (cap_.limit == Limit::kLimited && workers > cap_.workers) {
      text += fmt::format("; the database bears {}", cap_.workers);
    }
    return text;
  }

  const Floor* FloorAt(std::optional<std::size_t> index) const {
    return index && *index < options_.floors.size() ? &options_.floors[*index] : nullptr;
  }

  const WorkloadOptions& options_;
  const WorkloadInputs& inputs_;
  const WorkloadResult& result_;
  const PoolCap& cap_;
  WallTime now_;
};

}  // namespace

std::vector<std::string> Explain(const WorkloadOptions& options, const WorkloadInputs& inputs,
                                 const WorkloadResult& result, WallTime now) {
  return Explainer(options, inputs, result, now).Lines();
}

}  // namespace headroom
