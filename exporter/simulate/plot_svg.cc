#include "exporter/simulate/plot_svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "collectors/options.h"
#include "exporter/html.h"
#include "exporter/simulate/report_text.h"
#include "exporter/simulate/round_step.h"

namespace headroom {
namespace {

constexpr int kWidth = 960;
constexpr int kHeight = 660;
constexpr int kLeft = 80;
constexpr int kRight = 940;
constexpr int kMostTimeTicks = 8;
constexpr std::uint64_t kMostTicks = 5;

constexpr std::string_view kStyle = R"(<style>
svg { --paper: #ffffff; --ink: #24292f; --grid: #d8dee4; --waiting: #d1495b; --flight: #edae49;
      --pods: #b8c4ce; --working: #00798c; --recommended: #7b2cbf; --floor: #5a7d2a; --cap: #b3261e; }
@media (prefers-color-scheme: dark) {
  svg { --paper: #0d1117; --ink: #e6edf3; --grid: #30363d; --waiting: #f07285; --flight: #f2c063;
        --pods: #47525d; --working: #35b8cc; --recommended: #c792ff; --floor: #a5cf6b; --cap: #ff7b72; }
}
text { font: 12px system-ui, sans-serif; fill: var(--ink); }
.title { font-size: 15px; font-weight: 600; }
.end { text-anchor: end; }
.middle { text-anchor: middle; }
.grid { stroke: var(--grid); fill: none; }
.line { fill: none; stroke-width: 2; }
</style>
)";

// A series of the plot: what it is called, how it looks, its number at a point of the curve, which
// holds until the next.
struct Series {
  std::string_view name;
  std::string_view look;  // attributes
  bool area = false;
  std::function<std::optional<std::uint64_t>(std::size_t point)> at;
};

struct Panel {
  int top = 0;
  int bottom = 0;
  std::string_view unit;
  std::vector<Series> series;
};

std::uint64_t MostOf(const Panel& panel, std::size_t points) {
  std::uint64_t most = 1;
  for (const Series& series : panel.series) {
    for (std::size_t i = 0; i < points; ++i) {
      if (const auto number = series.at(i)) most = std::max(most, *number);
    }
  }
  return most;
}

class Plot {
 public:
  explicit Plot(const Outcome& outcome) : curve_(outcome.curve), end_(curve_.back().at) {}

  std::string Draw(const Panel& panel) {
    most_ = MostOf(panel, curve_.size());
    std::string svg = Grid(panel);
    for (const Series& series : panel.series) svg += Path(panel, series);
    return svg + Legend(panel);
  }

 private:
  double X(Duration at) const { return kLeft + (kRight - kLeft) * (Seconds(at) / Seconds(end_)); }

  double Y(const Panel& panel, std::uint64_t number) const {
    return panel.bottom -
           (panel.bottom - panel.top) * (static_cast<double>(number) / static_cast<double>(most_));
  }

  std::string Grid(const Panel& panel) const {
    std::string svg;
    const std::uint64_t step = RoundStep(most_, kMostTicks);
    for (std::uint64_t tick = 0; tick <= most_; tick += step) {
      const double y = Y(panel, tick);
      svg += fmt::format("<path class=\"grid\" d=\"M{} {:.1f}H{}\"/>", kLeft, y, kRight);
      svg += fmt::format("<text class=\"end\" x=\"{}\" y=\"{:.1f}\">{}</text>\n", kLeft - 8, y + 4,
                         tick);
    }
    const Duration time_step = RoundStep(end_, kMostTimeTicks);
    for (Duration tick{}; tick <= end_; tick += time_step) {
      const double x = X(tick);
      svg += fmt::format("<path class=\"grid\" d=\"M{:.1f} {}V{}\"/>", x, panel.top, panel.bottom);
      svg += fmt::format("<text class=\"middle\" x=\"{:.1f}\" y=\"{}\">{}</text>\n", x,
                         panel.bottom + 17, FormatDuration(tick));
    }
    const int middle = (panel.top + panel.bottom) / 2;
    svg +=
        fmt::format("<text class=\"middle\" transform=\"translate(18 {}) rotate(-90)\">{}</text>",
                    middle, panel.unit);
    return svg +
           fmt::format("<text class=\"middle\" x=\"{}\" y=\"{}\">time since the start</text>\n",
                       (kLeft + kRight) / 2, panel.bottom + 34);
  }

  // In steps; where there is no number, a gap.
  std::string Path(const Panel& panel, const Series& series) const {
    std::string path;
    bool open = false;
    for (std::size_t i = 0; i + 1 < curve_.size(); ++i) {
      const auto number = series.at(i);
      const double from = X(curve_[i].at);
      if (!number) {
        if (open && series.area) path += fmt::format("V{}Z", panel.bottom);
        open = false;
        continue;
      }
      const double y = Y(panel, *number);
      if (!open && series.area) path += fmt::format("M{:.1f} {}", from, panel.bottom);
      path +=
          open || series.area ? fmt::format("V{:.1f}", y) : fmt::format("M{:.1f} {:.1f}", from, y);
      path += fmt::format("H{:.1f}", X(curve_[i + 1].at));
      open = true;
    }
    if (path.empty()) return {};
    if (open && series.area) path += fmt::format("V{}Z", panel.bottom);
    return fmt::format("<path {} d=\"{}\"/>\n", series.look, path);
  }

  static std::string Legend(const Panel& panel) {
    std::string svg;
    int x = kLeft;
    for (const Series& series : panel.series) {
      const int y = panel.top - 14;
      svg += series.area ? fmt::format("<rect {} x=\"{}\" y=\"{}\" width=\"22\" height=\"10\"/>",
                                       series.look, x, y - 5)
                         : fmt::format("<path {} d=\"M{} {}h22\"/>", series.look, x, y);
      svg += fmt::format("<text x=\"{}\" y=\"{}\">{}</text>\n", x + 28, y + 4, series.name);
      x += 60 + 7 * static_cast<int>(series.name.size());
    }
    return svg;
  }

  const std::vector<Moment>& curve_;
  Duration end_;
  std::uint64_t most_ = 1;
};

Panel MessagesPanel(const std::vector<Moment>& curve) {
  // What a point says of the time before it is drawn there.
  const auto backlog = [&curve](std::size_t i) -> std::optional<std::uint64_t> {
    return curve[std::min(i + 1, curve.size() - 1)].most_backlog;
  };
  return {90,
          320,
          "messages",
          {{"waiting, above those in flight", "style=\"fill: var(--waiting)\"", true, backlog},
           {"in flight", "style=\"fill: var(--flight)\"", true, [&curve, backlog](std::size_t i) {
              return std::min(curve[i].in_flight, *backlog(i));
            }}}};
}

Panel WorkersPanel(const std::vector<Moment>& curve, bool with_database) {
  Panel panel{410,
              600,
              "workers",
              {{"pods", "style=\"fill: var(--pods)\"", true,
                [&curve](std::size_t i) {
                  return curve[i].starting + curve[i].working + curve[i].stopping;
                }},
               {"working", "class=\"line\" style=\"stroke: var(--working)\"", false,
                [&curve](std::size_t i) { return curve[i].working; }},
               {"recommended",
                "class=\"line\" style=\"stroke: var(--recommended)\" stroke-dasharray=\"6 4\"",
                false, [&curve](std::size_t i) { return curve[i].says.recommended_workers; }},
               {"minimum", "class=\"line\" style=\"stroke: var(--floor)\" stroke-dasharray=\"2 4\"",
                false, [&curve](std::size_t i) { return curve[i].says.minimum_workers; }}}};
  if (with_database) {
    panel.series.push_back(
        {"cap by the pools",
         "class=\"line\" style=\"stroke: var(--cap)\" stroke-dasharray=\"10 3 2 3\"", false,
         [&curve](std::size_t i) { return curve[i].says.pool_cap_workers; }});
  }
  return panel;
}

}  // namespace

std::string PlotSvg(const Scenario& scenario, const Outcome& outcome) {
  Html svg;
  svg.Raw(
      fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" "
                  "width=\"{0}\" height=\"{1}\" role=\"img\">\n",
                  kWidth, kHeight));
  const std::string& name = scenario.workload.name;
  const std::string title = name.empty() ? "Rehearsal" : name;
  svg.Raw("<title>").Text(title).Raw("</title>\n");
  svg.Raw(kStyle);
  svg.Raw(fmt::format("<rect width=\"{}\" height=\"{}\" style=\"fill: var(--paper)\"/>\n", kWidth,
                      kHeight));
  svg.Raw(fmt::format("<text class=\"title\" x=\"{}\" y=\"28\">", kLeft));
  svg.Text(title).Raw("</text>\n");
  svg.Raw(fmt::format("<text x=\"{}\" y=\"50\">", kLeft));
  svg.Text(PlanText(scenario, outcome)).Raw("</text>\n");
  Plot plot(outcome);
  svg.Raw(plot.Draw(MessagesPanel(outcome.curve)));
  svg.Raw(plot.Draw(WorkersPanel(outcome.curve, outcome.database.has_value())));
  svg.Raw("</svg>\n");
  return std::move(svg).Take();
}

}  // namespace headroom
