// headroom_exporter: reads its flags and its configuration, then checks, asks once, rehearses, or
// serves.
#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <variant>

#include "collectors/environment.h"
#include "collectors/registry.h"
#include "exporter/app.h"
#include "exporter/config/load.h"
#include "exporter/once.h"
#include "exporter/simulate/simulate.h"
#include "exporter/system_clock.h"
#include "exporter/workload/workloads.h"

namespace headroom {
namespace {

std::optional<std::string> FromEnvironment(std::string_view name) {
  const char* value = EnvironmentValue(std::string(name));
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

LogLevel LevelOf(std::string_view name) {
  if (name == "debug") return LogLevel::kDebug;
  if (name == "warn") return LogLevel::kWarn;
  return name == "error" ? LogLevel::kError : LogLevel::kInfo;
}

int PrintOnce(const OncePage& once) {
  const bool written =
      std::fwrite(once.page.data(), 1, once.page.size(), stdout) == once.page.size();
  if (!written || std::fflush(stdout) != 0) {
    fmt::print(stderr, "headroom_exporter: cannot write the page to standard output\n");
    return 1;
  }
  fmt::print(stderr, "{}", once.complaints);
  return once.complete ? 0 : 1;
}

int RunOnce(const Flags& flags, const Config& config, const Clock& clock) {
  if (flags.explain.empty()) {
    SelfMetrics self(HEADROOM_VERSION);
    self.ConfigLoaded(true, clock.WallNow());
    return PrintOnce(CollectOnce(config, self, clock));
  }
  const auto workload = FindWorkload(config.workloads, flags.explain);
  if (workload) return PrintOnce(ExplainOnce(config, workload, clock));
  fmt::print(stderr, "headroom_exporter: --explain: {}\n",
             UnknownWorkload(config.workloads, flags.explain));
  return 2;
}

int Main(int argc, char** argv) {
  const auto parsed = ParseFlags(argc, argv, CollectorTypes(), FromEnvironment);
  if (const auto* exit = std::get_if<Exit>(&parsed)) {
    fmt::print(exit->code == 0 ? stdout : stderr, "{}", exit->text);
    return exit->code;
  }
  const Flags& flags = std::get<Flags>(parsed);
  if (!flags.simulate.empty()) return Simulate(flags.simulate, flags.simulate_svg);
  const SystemClock clock;
  Diagnostics diagnostics;
  const auto config = LoadConfig(flags, CollectorTypes(), diagnostics);
  if (flags.config_check || !config) return ReportConfig(config, diagnostics);
  if (flags.once) {
    PrintDiagnostics(diagnostics);
    return RunOnce(flags, *config, clock);
  }
  const auto format = flags.log_format == "json" ? LogFormat::kJson : LogFormat::kLogfmt;
  const Logger logger(LevelOf(flags.log_level), format, clock, STDERR_FILENO);
  for (const Diagnostic& warning : diagnostics.all()) {
    logger.Log(LogLevel::kWarn, "configuration", {{"what", warning.ToString()}});
  }
  return Serve(flags, *config, logger, clock);
}

}  // namespace
}  // namespace headroom

int main(int argc, char** argv) {
  // One arena: at our rates nobody contends for it, and each further one costs memory for good.
  mallopt(M_ARENA_MAX, 1);  // NOLINT(concurrency-mt-unsafe): there are no other threads yet
  // OpenSSL writes with write(2), which has no MSG_NOSIGNAL.
  if (std::signal(SIGPIPE, SIG_IGN) == SIG_ERR) return 1;
  try {
    return headroom::Main(argc, argv);
  } catch (const std::exception& e) {
    fmt::print(stderr, "headroom_exporter: {}\n", e.what());
    return 1;
  }
}
