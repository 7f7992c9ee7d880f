#include "collectors/rabbitmq/source_choice.h"

#include <fmt/format.h>

#include <utility>

namespace headroom::rabbitmq {
namespace {

constexpr int kFirstWithRates = 4;

Choice ByManagement(const RabbitmqOptions& options, std::string_view reason) {
  if (!options.Discovers() && options.queues.size() <= kMaxByName) {
    return {Way::kByName,
            fmt::format("management API, one request per declared queue: {}", reason)};
  }
  return {Way::kList, fmt::format("management API, a listing: {}", reason)};
}

}  // namespace

bool PluginHasRates(std::optional<int> version, std::size_t nodes) {
  return version && *version >= kFirstWithRates && nodes == 1;
}

Choice InsteadOfPlugin(std::string reason) {
  return {Way::kList, "management API, a listing: " + std::move(reason)};
}

Choice Choose(const RabbitmqOptions& options, const Situation& situation) {
  if (options.source == Source::kManagement) return ByManagement(options, "source says so");
  if (options.source == Source::kPlugin) return {Way::kPlugin, "Prometheus plugin: source says so"};
  if (options.plugins.empty()) return ByManagement(options, "no prometheus_urls are given");
  if (!options.management) return {Way::kPlugin, "Prometheus plugin: no url is given"};
  if (!situation.management_answers) {
    return {Way::kPlugin, "Prometheus plugin: the management API has no answer, or no statistics"};
  }
  if (situation.plugin_rests) {
    return ByManagement(options, "the Prometheus plugin does not answer");
  }
  const bool plugin_has_rates = PluginHasRates(situation.version, situation.nodes);
  if (options.wanted.rates && !situation.management_has_rates && plugin_has_rates) {
    return {Way::kPlugin, "Prometheus plugin: the management API has no rates"};
  }
  if (options.wanted.rates && plugin_has_rates && situation.split_published) {
    return ByManagement(options, kSplitPublished);
  }
  if (options.wanted.rates && situation.version && !plugin_has_rates) {
    return ByManagement(options,
                        "the Prometheus plugin has no rates per queue (only that of 4.0 "
                        "and later, of a single node, has)");
  }
  if (!options.Discovers() && options.queues.size() <= kMaxByName) {
    return ByManagement(options, "cheapest for a few declared queues");
  }
  return {Way::kPlugin, "Prometheus plugin: cheapest that has what readings ask for"};
}

}  // namespace headroom::rabbitmq
