#include "exporter/config/flags.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "collectors/suggest.h"
#include "exporter/config/flag_targets.h"
#include "exporter/http/listener.h"

namespace headroom {
namespace {

constexpr int kBadUsage = 2;

// What stands on the command line, before it is checked.
struct CommandLine {
  Flags flags;
  std::map<std::string, std::vector<std::string>> target_flags;
};

Exit Refuse(std::string_view why) {
  return Exit{kBadUsage, fmt::format("headroom_exporter: {}\n", why)};
}

CLI::Option* AddText(CLI::App& app, const std::string& name, std::string& value,
                     const std::string& placeholder, const std::string& help) {
  return app.add_option(name, value, help)->option_text(placeholder);
}

// One value per flag: else a list would swallow what follows it, and "[::1]" would be split.
CLI::Option* AddList(CLI::App& app, const std::string& name, std::vector<std::string>& values,
                     const std::string& placeholder, const std::string& help) {
  return app.add_option(name, values, help)
      ->option_text(placeholder)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
}

void AddGeneralFlags(CLI::App& app, Flags& flags) {
  app.set_help_flag("-h,--help", "print this and exit")->group("General");
  app.set_version_flag("--version", "headroom_exporter " HEADROOM_VERSION, "print it and exit")
      ->group("General");
  AddText(app, "--config.file", flags.config_file, "FILE", "what to watch, as TOML (default: none)")
      ->group("General");
  app.add_flag("--config.check", flags.config_check, "report every mistake of the config and exit")
      ->group("General");
  app.add_flag("--once", flags.once, "run once, print the page and exit")->group("General");
  AddText(app, "--explain", flags.explain, "WORKLOAD",
          "with --once: a workload's arithmetic in words, not the page")
      ->group("General");
  AddText(app, "--simulate", flags.simulate, "FILE", "play a scenario, print how it goes and exit")
      ->group("General");
  AddText(app, "--simulate.svg", flags.simulate_svg, "FILE",
          "with --simulate: write its plot there too")
      ->group("General");
  AddText(app, "--log.level", flags.log_level, "LEVEL",
          "debug, info, warn or error (default: info)")
      ->group("General");
  AddText(app, "--log.format", flags.log_format, "FORMAT", "logfmt or json (default: logfmt)")
      ->group("General");
}

void AddWebFlags(CLI::App& app, Flags& flags, std::vector<std::string>& addresses) {
  AddList(app, "--web.listen-address", addresses, "ADDRESS",
          "host:port, :port or [v6]:port (default: :9935, repeatable)")
      ->group("Web");
  AddText(app, "--web.telemetry-path", flags.telemetry_path, "PATH",
          "where the metrics are (default: /metrics)")
      ->group("Web");
  app.add_flag("--web.enable-lifecycle", flags.enable_lifecycle,
               "reload on POST /-/reload (default: off)")
      ->group("Web");
  app.add_flag("--web.enable-gzip", flags.enable_gzip,
               "compress for clients that ask for it (default: off)")
      ->group("Web");
}

void AddTargetFlags(CLI::App& app, std::span<const CollectorType> types, CommandLine& line) {
  for (const CollectorType& type : types) {
    for (const CollectorFlag& flag : type.flags) {
      if (flag.flag.empty()) continue;
      const std::string name = FlagName(type, flag);
      CLI::Option* option = AddList(app, name, line.target_flags[name], std::string(flag.value),
                                    std::string(flag.help));
      option->group("Targets without a config file");
      if (flag.form != CollectorFlag::Form::kStrings) {
        option->multi_option_policy(CLI::MultiOptionPolicy::Throw);
      }
    }
  }
}

std::string Footer(std::span<const CollectorType> types) {
  std::string text = "Environment:\n";
  for (const CollectorType& type : types) {
    for (const CollectorFlag& flag : type.flags) {
      if (flag.variable.empty()) continue;
      const std::string_view separated =
          flag.form == CollectorFlag::Form::kStrings ? ", separated by commas" : "";
      const std::string what = flag.flag.empty()
                                   ? std::string(flag.help)
                                   : fmt::format("as {}{}", FlagName(type, flag), separated);
      text += fmt::format("  {:<36}{}\n", flag.variable, what);
    }
  }
  return text +
         "\nA file and these may be given together; flags win over variables.\n"
         "\nExample:\n"
         "  headroom_exporter --redis.url=redis://127.0.0.1:6379/0 --redis.list=queue:decisions\n"
         "  curl http://127.0.0.1:9935/metrics";
}

// Never the text of what was given: it may be a URL with a password.
std::string UnknownFlag(const CLI::App& app) {
  const std::vector<std::string> rest = app.remaining();
  const auto flag = std::find_if(rest.begin(), rest.end(),
                                 [](const std::string& text) { return text.starts_with('-'); });
  if (flag == rest.end()) {
    return "takes no arguments but flags, which begin with -- (see --help)";
  }
  const std::string name = flag->substr(0, flag->find('='));
  if (name == "--web.config.file") {
    return "--web.config.file: headroom's own port has neither TLS nor a login; who may read it is "
           "up to the network (docs/configuration.md, \"Who may read it\")";
  }
  std::vector<std::string> known;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& long_name : option->get_lnames()) known.push_back("--" + long_name);
  }
  const std::optional<std::string> best = Suggest(name, known);
  return fmt::format("unknown flag {}{}", name,
                     best ? fmt::format(": did you mean {}?", *best) : " (see --help)");
}

// CLI11 says "--flag: At Most 1 required but received 2" and "--flag: 1 required TEXT missing".
std::string WrongCount(const CLI::App& app, std::string_view said) {
  const std::string name(said.substr(0, said.find(':')));
  const CLI::Option* option = app.get_option_no_throw(name);
  if (option == nullptr) return std::string(said);
  if (option->count() > 1 && option->get_multi_option_policy() == CLI::MultiOptionPolicy::Throw) {
    return fmt::format("{} is given {} times: give it once", name, option->count());
  }
  return fmt::format("{0} needs a value: {0}={1}", name, option->get_option_text());
}

// CLI11 takes the next flag for the value of one that has none, as "--redis.list=$UNSET" comes to.
std::optional<std::string> FindMissingValue(const CLI::App& app,
                                            std::span<const char* const> args) {
  for (std::size_t i = 1; i < args.size(); ++i) {
    const std::string_view arg = args[i];
    const std::size_t equals = arg.find('=');
    const std::string name(arg.substr(0, equals));
    const CLI::Option* option = arg.starts_with("--") ? app.get_option_no_throw(name) : nullptr;
    if (option == nullptr || option->get_items_expected_max() == 0) continue;
    const bool apart = equals == std::string_view::npos;
    if (apart) ++i;
    const bool missing =
        apart ? i >= args.size() || *args[i] == '\0' || std::string_view(args[i]).starts_with("--")
              : equals + 1 == arg.size();
    if (missing) return fmt::format("{0} needs a value: {0}={1}", name, option->get_option_text());
  }
  return std::nullopt;
}

bool IsTelemetryPath(std::string_view path) {
  return path.size() > 1 && path.starts_with('/') && !path.starts_with("/-/") && path != "/-" &&
         std::all_of(path.begin(), path.end(),
                     [](char c) { return c > ' ' && c < 0x7F && c != '?' && c != '#'; });
}

bool IsOneOf(std::string_view value, std::initializer_list<std::string_view> allowed) {
  return std::find(allowed.begin(), allowed.end(), value) != allowed.end();
}

// `given`: whether a flag stands on the command line, with a value or without.
std::optional<std::string> FindModeMistake(const Flags& flags,
                                           const std::function<bool(const char*)>& given) {
  if (given("--explain") && !flags.once) return "--explain needs --once";
  if (flags.config_check && flags.once) return "give either --config.check or --once, not both";
  if (!given("--simulate")) {
    if (given("--simulate.svg")) return "--simulate.svg needs --simulate";
    return std::nullopt;
  }
  for (const char* flag : {"--config.check", "--config.file", "--once"}) {
    if (!given(flag)) continue;
    return fmt::format("--simulate does not go with {}: a scenario has all that it needs", flag);
  }
  return std::nullopt;
}

std::optional<std::string> FindMistake(const Flags& flags) {
  for (const std::string& address : flags.listen_addresses) {
    if (ParseListenAddress(address)) continue;
    return fmt::format("--web.listen-address: expected host:port, :port or [v6]:port, got {}",
                       Quoted(address));
  }
  if (!IsTelemetryPath(flags.telemetry_path)) {
    return fmt::format(
        "--web.telemetry-path: expected a path that begins with /, other than / itself and those "
        "under /-/, got {}",
        Quoted(flags.telemetry_path));
  }
  if (!IsOneOf(flags.log_level, {"debug", "info", "warn", "error"})) {
    return fmt::format("--log.level: expected debug, info, warn or error, got {}",
                       Quoted(flags.log_level));
  }
  if (!IsOneOf(flags.log_format, {"logfmt", "json"})) {
    return fmt::format("--log.format: expected logfmt or json, got {}", Quoted(flags.log_format));
  }
  return std::nullopt;
}

}  // namespace

std::variant<Flags, Exit> ParseFlags(int argc, const char* const* argv,
                                     std::span<const CollectorType> types,
                                     const EnvironmentLookup& environment) {
  CLI::App app("Prometheus exporter for queue and pool health.", "headroom_exporter");
  app.get_formatter()->column_width(38);
  CommandLine line;
  std::vector<std::string> addresses;
  AddGeneralFlags(app, line.flags);
  AddWebFlags(app, line.flags, addresses);
  AddTargetFlags(app, types, line);
  app.footer(Footer(types));
  if (auto mistake = FindMissingValue(app, {argv, static_cast<std::size_t>(argc)})) {
    return Refuse(*mistake);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return Exit{0, app.help()};
  } catch (const CLI::CallForVersion& version) {
    return Exit{0, fmt::format("{}\n", version.what())};
  } catch (const CLI::ExtrasError&) {
    return Refuse(UnknownFlag(app));
  } catch (const CLI::ArgumentMismatch& error) {
    return Refuse(WrongCount(app, error.what()));
  } catch (const CLI::ParseError& error) {
    return Refuse(error.what());
  }
  if (!addresses.empty()) line.flags.listen_addresses = std::move(addresses);
  if (auto mistake = FindMistake(line.flags)) return Refuse(*mistake);
  const auto on_line = [&app](const char* flag) { return app.count(flag) > 0; };
  if (auto mistake = FindModeMistake(line.flags, on_line)) return Refuse(*mistake);
  const GivenFlags given = [&line](const std::string& flag) { return line.target_flags[flag]; };
  if (auto mistake = ReadFlagTargets(types, given, environment, line.flags.targets)) {
    return Refuse(*mistake);
  }
  return std::move(line.flags);
}

}  // namespace headroom
