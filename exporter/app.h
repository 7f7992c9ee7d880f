// App: puts the parts together, serves until told to stop, and reloads.
#pragma once

#include "exporter/config/config.h"
#include "exporter/config/flags.h"
#include "exporter/log.h"

namespace headroom {

// Serves until SIGTERM or SIGINT. Returns the exit code: 0 after a clean stop, 1 when an address
// could not be opened. `config` is what the flags say at the start; a reload reads them anew.
int Serve(const Flags& flags, const Config& config, const Logger& logger, const Clock& clock);

// Every error and warning, one per line, on standard error.
void PrintDiagnostics(const Diagnostics& diagnostics);

// --config.check: the configuration has been read; says what it found. Exit code 0 or 2.
int ReportConfig(const std::optional<Config>& config, const Diagnostics& diagnostics);

}  // namespace headroom
