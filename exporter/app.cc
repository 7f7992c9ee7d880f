#include "exporter/app.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>

#include "collectors/registry.h"
#include "exporter/config/load.h"
#include "exporter/control.h"
#include "exporter/event_loop.h"
#include "exporter/http/server.h"
#include "exporter/routes.h"
#include "exporter/self_metrics.h"
#include "exporter/targets.h"

namespace headroom {
namespace {

// A scrape under way may still be answered, within the second that a stop may take in all.
constexpr std::chrono::milliseconds kStopGrace{200};

// The shell's soft limit (often 1024) is for programs that use select(); the hard one is meant.
// Clients get at most half of it: however many there are, a target must be able to connect.
std::size_t ConnectionLimit(std::size_t wanted) {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return wanted;
  files.rlim_cur = files.rlim_max;
  static_cast<void>(::setrlimit(RLIMIT_NOFILE, &files));
  static_cast<void>(::getrlimit(RLIMIT_NOFILE, &files));
  return std::clamp<std::size_t>(files.rlim_cur / 2, 1, wanted);
}

void LogDiagnostics(const Diagnostics& diagnostics, const Logger& logger) {
  for (const Diagnostic& d : diagnostics.all()) {
    const bool error = d.severity == Diagnostic::Severity::kError;
    logger.Log(error ? LogLevel::kError : LogLevel::kWarn, "configuration",
               {{"what", d.ToString()}});
  }
}

// All errors in one text, for whoever asked for the reload.
std::string ErrorText(const Diagnostics& diagnostics) {
  std::string text = "the configuration has errors, the old one stays in force:";
  for (const Diagnostic& d : diagnostics.all()) {
    if (d.severity == Diagnostic::Severity::kError) text += "\n" + d.ToString();
  }
  return text;
}

// No room for a thread or a descriptor is no reason to end what is running.
Status Applied(Targets& targets, const Config& config) {
  try {
    targets.Apply(config);
    return Ok{};
  } catch (const std::exception& e) {
    return Error{ErrorKind::kInternal,
                 std::string("the new targets cannot be started: ") + e.what()};
  }
}

Status Reload(const Flags& flags, Targets& targets, SelfMetrics& self, const Logger& logger,
              const Clock& clock) {
  Diagnostics diagnostics;
  const auto config = LoadConfig(flags, CollectorTypes(), diagnostics);
  LogDiagnostics(diagnostics, logger);
  Status applied = config ? Applied(targets, *config)
                          : Status(Error{ErrorKind::kInternal, ErrorText(diagnostics)});
  self.ConfigLoaded(applied.ok(), clock.WallNow());
  if (!applied) {
    logger.Log(LogLevel::kError, "reload failed; the old configuration stays in force");
    return applied;
  }
  logger.Log(LogLevel::kInfo, "configuration reloaded",
             {{"targets", fmt::to_string(config->targets.size())}});
  return Ok{};
}

}  // namespace

int Serve(const Flags& flags, const Config& config, const Logger& logger, const Clock& clock) {
  Control control;  // first: threads made from here on have the signals blocked
  SelfMetrics self(HEADROOM_VERSION);
  EventLoop loop(clock, [&logger](std::string_view text) {
    logger.Log(LogLevel::kError, "internal error", {{"what", text}});
  });
  Targets targets(clock, logger, self);
  targets.Apply(config);
  self.ConfigLoaded(true, clock.WallNow());

  const RoutesOptions routes_options{flags.telemetry_path, flags.enable_lifecycle,
                                     flags.enable_gzip};
  Routes routes(routes_options, loop, targets, self,
                [&](Control::ReloadDone done) { control.RequestReload(std::move(done)); });
  HttpServerOptions http;
  http.listen = flags.listen_addresses;
  http.max_connections = ConnectionLimit(http.max_connections);
  http.log = [&logger](std::string_view text) {
    logger.Log(LogLevel::kWarn, "http server", {{"what", text}});
  };
  auto server = StartHttpServer(
      http,
      [&](const HttpRequest& request, const std::shared_ptr<HttpReply>& reply) {
        routes.Handle(request, reply);
      },
      clock);
  if (!server) {
    logger.Log(LogLevel::kError, "cannot listen", {{"error", server.error().message}});
    return 1;
  }
  for (const std::string& address : (*server)->addresses()) {
    logger.Log(LogLevel::kInfo, "listening", {{"address", address}, {"version", HEADROOM_VERSION}});
  }

  const int signal = control.Wait([&] { return Reload(flags, targets, self, logger, clock); });
  logger.Log(LogLevel::kInfo, "stopping", {{"signal", fmt::to_string(signal)}});
  routes.SetDraining();
  // The server first: after it nobody asks. Then the workers, which post to the loop to the last.
  (*server)->Stop(kStopGrace);
  targets.StopAll();
  loop.Stop();
  logger.Log(LogLevel::kInfo, "stopped");
  return 0;
}

void PrintDiagnostics(const Diagnostics& diagnostics) {
  for (const Diagnostic& d : diagnostics.all()) fmt::print(stderr, "{}\n", d.ToString());
}

int ReportConfig(const std::optional<Config>& config, const Diagnostics& diagnostics) {
  PrintDiagnostics(diagnostics);
  if (!config) return 2;
  const auto count = [](std::size_t n, std::string_view noun) {
    return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
  };
  fmt::print("configuration ok: {}{}\n", count(config->targets.size(), "target"),
             config->workloads.empty() ? "" : ", " + count(config->workloads.size(), "workload"));
  return 0;
}

}  // namespace headroom
