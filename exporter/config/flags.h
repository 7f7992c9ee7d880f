// The command line, and the few environment variables that stand in for it.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "collectors/collector.h"
#include "collectors/options.h"

namespace headroom {

// A target that was given without a config file. Its values' positions name the flag or variable.
struct FlagTarget {
  std::string system;
  Value table;  // as [[<system>]] would hold, the name being that of the system
};

struct Flags {
  std::string config_file;  // empty: none
  std::vector<std::string> listen_addresses = {":9935"};
  std::string telemetry_path = "/metrics";
  bool enable_lifecycle = false;
  bool enable_gzip = false;
  std::string log_level = "info";     // debug, info, warn or error
  std::string log_format = "logfmt";  // logfmt or json
  bool config_check = false;
  bool once = false;
  std::string explain;       // a workload; empty: none. Only with `once`
  std::string simulate;      // a scenario to rehearse; empty: none. Then nothing else is done
  std::string simulate_svg;  // where its plot goes; empty: nowhere. Only with `simulate`
  std::vector<FlagTarget> targets;
};

// The program is done before it began: `text` goes to standard output when `code` is 0 (help,
// version), else to standard error.
struct Exit {
  int code = 0;
  std::string text;  // ends with a newline
};

using EnvironmentLookup = std::function<std::optional<std::string>(std::string_view name)>;

// A mistake is Exit{2, one line that says what to do}. A variable that is empty counts as not set.
std::variant<Flags, Exit> ParseFlags(int argc, const char* const* argv,
                                     std::span<const CollectorType> types,
                                     const EnvironmentLookup& environment);

}  // namespace headroom
