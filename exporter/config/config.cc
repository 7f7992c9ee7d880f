#include "exporter/config/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "collectors/suggest.h"
#include "exporter/config/names.h"
#include "exporter/config/workloads.h"

namespace headroom {
namespace {

// The keys that [defaults] and a target have in common. `settings` holds what applies when a key is
// absent.
void ReadCommonKeys(OptionsReader& options, Duration min_sample_interval, TargetConfig& settings) {
  if (const auto v = options.DurationBetween("timeout", kMinTimeout, kMaxTimeout)) {
    settings.timeout = *v;
  }
  if (const auto v = options.DurationBetween("max_age", Duration::zero(), kLongestMaxAge)) {
    settings.max_age = *v;
  }
  if (const auto v = options.Integer("max_series", 1, kMostSeries)) settings.max_series = *v;
  if (const auto v = options.Number("max_duty", kMinDuty, 1)) settings.max_duty = *v;
  const auto interval =
      options.DurationBetween("sample_interval", Duration::zero(), kLongestSampleInterval);
  if (!interval) return;
  if (*interval == Duration::zero()) {
    settings.sample_interval.reset();  // switches off what [defaults] switched on
  } else if (*interval < min_sample_interval) {
    options.Error(
        "sample_interval",
        fmt::format("expected a duration of at least {} here (or \"0s\": no sampling), "
                    "got {}",
                    FormatDuration(min_sample_interval), Quoted(FormatDuration(*interval))));
  } else {
    settings.sample_interval = interval;
  }
}

class Parser {
 public:
  Parser(std::span<const CollectorType> types, Diagnostics& diagnostics)
      : types_(types), diagnostics_(diagnostics) {}

  std::optional<Config> Run(const Value& root) {
    OptionsReader options(root, "", diagnostics_);
    const TargetConfig defaults = ReadDefaults(options);
    for (const CollectorType& type : types_) {
      for (OptionsReader& target : options.Tables(type.system)) ReadTarget(target, type, defaults);
    }
    config_.workloads = ReadWorkloads(options, config_.targets, diagnostics_);
    options.Finish();
    names_.Check(diagnostics_);
    CheckLinks();
    // Not when there is an error already: most likely it is about the tables.
    if (config_.targets.empty() && options.ok()) options.Error("", NothingToWatch());
    diagnostics_.Sort();
    if (!options.ok()) return std::nullopt;
    return std::move(config_);
  }

 private:
  static TargetConfig ReadDefaults(OptionsReader& options) {
    TargetConfig defaults;
    std::optional<OptionsReader> table = options.Table("defaults");
    if (!table) return defaults;
    ReadCommonKeys(*table, Duration::zero(), defaults);
    table->Finish();
    return defaults;
  }

  void ReadTarget(OptionsReader& options, const CollectorType& type, const TargetConfig& defaults) {
    TargetConfig target = defaults;
    target.type = &type;
    target.table = options.table();
    ReadTargetName(options, target);
    RaiseDefaultInterval(options, type, target);
    ReadCommonKeys(options, type.min_sample_interval, target);
    ParsedTarget parsed = type.parse(options);
    target.make = std::move(parsed.make);
    target.links = std::move(parsed.links);
    target.groups = std::move(parsed.groups);
    target.declare = std::move(parsed.declare);
    target.declare_pool = std::move(parsed.declare_pool);
    target.use_group = std::move(parsed.use_group);
    options.Finish();
    if (!target.make && options.ok()) {
      options.Error("", "cannot be used, and its collector does not say why");
    }
    config_.targets.push_back(std::move(target));
  }

  void ReadTargetName(OptionsReader& options, TargetConfig& target) {
    target.name = ReadName(options);
    names_.Add(target.name, options);
    if (target.name.starts_with(kWorkloadPrefix)) {
      options.Error("name",
                    "cannot begin with \"workload:\": collect[] would take it for a workload");
    }
  }

  static void RaiseDefaultInterval(OptionsReader& options, const CollectorType& type,
                                   TargetConfig& target) {
    if (!target.sample_interval || options.Has("sample_interval") ||
        *target.sample_interval >= type.min_sample_interval) {
      return;
    }
    options.Warning("", fmt::format("the sample_interval of [defaults], {}, is raised to {} here",
                                    FormatDuration(*target.sample_interval),
                                    FormatDuration(type.min_sample_interval)));
    target.sample_interval = type.min_sample_interval;
  }

  // A name that is taken twice is an error already; here the first one counts.
  void CheckLinks() {
    for (const TargetConfig& target : config_.targets) {
      for (const TargetLink& link : target.links) CheckLink(link);
    }
  }

  void CheckLink(const TargetLink& link) {
    const auto named = std::find_if(config_.targets.begin(), config_.targets.end(),
                                    [&](const TargetConfig& t) { return t.name == link.target; });
    if (named != config_.targets.end() && named->type->system == link.system) return;
    if (named != config_.targets.end()) {
      diagnostics_.Error(link.position, link.key,
                         fmt::format("expected the name of a [[{}]] target, and {} is a [[{}]] one",
                                     link.system, Quoted(link.target), named->type->system));
      return;
    }
    std::vector<std::string> names;
    for (const TargetConfig& t : config_.targets) {
      if (t.type->system == link.system) names.push_back(t.name);
    }
    diagnostics_.Error(link.position, link.key,
                       fmt::format("there is no [[{}]] target {}{}", link.system,
                                   Quoted(link.target), DidYouMean(link.target, names)));
  }

  std::string NothingToWatch() const {
    std::vector<std::string> tables;
    std::vector<std::string> flags;
    for (const CollectorType& type : types_) {
      tables.push_back(fmt::format("[[{}]]", type.system));
      for (const CollectorFlag& flag : type.flags) {
        if (flag.form != CollectorFlag::Form::kUrl) continue;
        flags.push_back(fmt::format("--{}.{} (or {})", type.system, flag.flag, flag.variable));
      }
    }
    return fmt::format(
        "nothing to watch: add a table such as {} to a file for --config.file, or "
        "give {}",
        fmt::join(tables, ", "), fmt::join(flags, ", "));
  }

  std::span<const CollectorType> types_;
  Diagnostics& diagnostics_;
  Config config_;
  UniqueNames names_{"target", " over all systems"};
};

}  // namespace

namespace {

// Without the keys that all targets share: their effect is compared, wherever they were written.
Value OwnKeys(const Value& table) {
  Value own = table;
  std::erase_if(std::get<Value::Table>(own.data), [](const Value::Entry& entry) {
    constexpr std::array<std::string_view, 6> kShared = {
        "name", "timeout", "max_age", "max_series", "max_duty", "sample_interval"};
    return std::find(kShared.begin(), kShared.end(), entry.key) != kShared.end();
  });
  return own;
}

}  // namespace

bool TargetConfig::SameAs(const TargetConfig& other) const {
  return name == other.name && type == other.type && timeout == other.timeout &&
         max_age == other.max_age && sample_interval == other.sample_interval &&
         max_series == other.max_series && max_duty == other.max_duty &&
         workload_queues == other.workload_queues && workload_pools == other.workload_pools &&
         used_group_changed == other.used_group_changed &&
         OwnKeys(table).SameAs(OwnKeys(other.table)) &&
         LinkedTargets(*this) == LinkedTargets(other);
}

std::vector<std::string> LinkedTargets(const TargetConfig& target) {
  std::vector<std::string> names;
  for (const TargetLink& link : target.links) names.push_back(link.target);
  return names;
}

std::optional<Config> ParseConfig(const Value& root, std::span<const CollectorType> types,
                                  Diagnostics& diagnostics) {
  return Parser(types, diagnostics).Run(root);
}

}  // namespace headroom
