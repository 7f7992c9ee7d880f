#include "exporter/simulate/simulate.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <string_view>
#include <system_error>

#include "exporter/config/toml_value.h"
#include "exporter/simulate/plot_svg.h"
#include "exporter/simulate/plot_text.h"
#include "exporter/simulate/rehearse.h"
#include "exporter/simulate/report_text.h"
#include "exporter/simulate/scenario_options.h"

namespace headroom {
namespace {

std::optional<Scenario> LoadScenario(const std::string& file) {
  Diagnostics diagnostics;
  std::optional<Scenario> scenario;
  const auto root = ReadTomlFile(file, diagnostics);
  if (root) scenario = ReadScenario(*root, diagnostics);
  for (const Diagnostic& d : diagnostics.all()) fmt::print(stderr, "{}\n", d.ToString());
  return scenario;
}

bool WriteFile(const std::string& path, std::string_view text) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  const bool written =
      file != nullptr && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const int error = errno;
  const bool closed = file != nullptr && std::fclose(file) == 0;
  if (written && closed) return true;
  fmt::print(stderr, "headroom_exporter: --simulate.svg: cannot write {}: {}\n", path,
             std::generic_category().message(written ? errno : error));
  return false;
}

}  // namespace

int Simulate(const std::string& scenario_file, const std::string& svg_file) {
  const auto scenario = LoadScenario(scenario_file);
  if (!scenario) return 2;
  const auto outcome = Rehearse(*scenario);
  if (!outcome.ok()) {
    fmt::print(stderr, "headroom_exporter: --simulate: {}\n", outcome.error().message);
    return 1;
  }
  const std::string report = ReportText(*scenario, *outcome) + PlotText(*outcome);
  const bool printed = std::fwrite(report.data(), 1, report.size(), stdout) == report.size() &&
                       std::fflush(stdout) == 0;
  if (!printed) {
    fmt::print(stderr, "headroom_exporter: cannot write the report to standard output\n");
  }
  const bool plotted = svg_file.empty() || WriteFile(svg_file, PlotSvg(*scenario, *outcome));
  return printed && plotted ? 0 : 1;
}

}  // namespace headroom
