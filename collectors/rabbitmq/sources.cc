#include "collectors/rabbitmq/sources.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

namespace headroom::rabbitmq {
namespace {

std::optional<int> MajorOf(std::string_view version) {
  int major = 0;
  const auto [end, error] = std::from_chars(version.data(), version.data() + version.size(), major);
  if (error != std::errc()) return std::nullopt;
  return major;
}

bool Answers(const Result<ServerView>& server) {
  return server.ok() && !server->overview.stats_disabled;
}

// Have all nodes of the cluster, as the management API knows them, given their page?
bool PagesAreWhole(const Result<ServerView>& server, const PluginView& view) {
  if (!server.ok() || !server->AllRunning()) return false;
  return std::all_of(server->nodes.begin(), server->nodes.end(), [&view](const Node& node) {
    return std::any_of(view.nodes.begin(), view.nodes.end(), [&node](const PluginNode& n) {
      return !n.error && n.counting.name == node.name;
    });
  });
}

std::vector<CountingNode> RunningNodes(const ServerView& server) {
  std::vector<CountingNode> nodes;
  for (const Node& node : server.nodes) {
    if (node.running != true) continue;
    std::optional<double> uptime;
    if (node.uptime_ms) uptime = static_cast<double>(*node.uptime_ms) / 1e3;
    nodes.push_back({node.name, uptime});
  }
  return nodes;
}

}  // namespace

Sources::Sources(const RabbitmqOptions& options) : options_(options) {
  if (options.management) {
    management_ = std::make_unique<ManagementSource>(*options.management, options.wanted);
  }
  if (!options.plugins.empty() && options.source != Source::kManagement) {
    plugin_ = std::make_unique<PluginSource>(options);
  }
}

Result<SourceReply> Sources::Read(const Deadline& deadline) {
  SourceReply reply{.server = AskServer(deadline)};
  if (reply.server.ok()) version_ = MajorOf(reply.server->overview.version);
  Situation situation;
  situation.management_answers = Answers(reply.server);
  situation.plugin_rests = plugin_ && plugin_->AllResting(deadline.clock().Now());
  situation.version = version_;
  situation.nodes = NodesOf(reply);
  reply.choice = Choose(options_, situation);
  Status read = reply.choice.way == Way::kPlugin ? ReadPlugin(reply, deadline)
                                                 : ReadManagement(reply, deadline);
  if (!read.ok()) return read.error();
  reply.version = version_;
  SetEpoch(reply);
  return reply;
}

// Half of the time where the plugin can answer without it.
Result<ServerView> Sources::AskServer(const Deadline& deadline) {
  if (!management_) return Error{ErrorKind::kUnsupported, "no url, the management API, is given"};
  return management_->Server(plugin_ ? deadline.Within(deadline.Remaining() / 2) : deadline);
}

std::size_t Sources::NodesOf(const SourceReply& reply) const {
  const std::size_t known = reply.server.ok() ? reply.server->nodes.size() : 0;
  return std::max(known, options_.plugins.size());
}

bool Sources::HasOther(const SourceReply& reply) const {
  return options_.source == Source::kAuto && Answers(reply.server);
}

Status Sources::ReadManagement(SourceReply& reply, const Deadline& deadline) {
  if (!reply.server.ok()) return reply.server.error();
  if (reply.server->overview.stats_disabled) {
    return Error{ErrorKind::kUnsupported,
                 "the statistics of the management API are switched off (management.disable_stats "
                 "or management_agent.disable_metrics_collector), and the totals that it has "
                 "without them are not always true; give prometheus_urls"};
  }
  reply.whole = reply.server->AllRunning();
  if (reply.choice.way == Way::kByName) return Ok{};
  const auto& vhosts = options_.vhosts;
  auto rows = management_->List(vhosts.size() == 1 ? std::optional(vhosts.front()) : std::nullopt,
                                deadline);
  if (!rows.ok()) return rows.error();
  reply.rows = std::move(*rows);
  return Ok{};
}

Status Sources::ReadPlugin(SourceReply& reply, const Deadline& deadline) {
  const bool other = HasOther(reply);
  reply.plugin =
      plugin_->Fetch(other ? deadline.Within(deadline.Remaining() / 2) : deadline, other);
  PluginView& view = *reply.plugin;
  if (view.Answered() == 0) {
    if (!other) return view.FirstError();
    reply.choice = InsteadOfPlugin("the Prometheus plugin does not answer");
    return ReadManagement(reply, deadline);
  }
  version_ = MajorOf(view.version);
  reply.whole = PagesAreWhole(reply.server, view);
  // What a node that is down holds, neither source knows. Of one that is running the management
  // API does.
  const Choice pages = reply.choice;
  if (other && !reply.whole && reply.server->AllRunning()) {
    reply.choice = InsteadOfPlugin("a running node's Prometheus plugin gives no page");
    if (ReadManagement(reply, deadline).ok()) return Ok{};
    reply.choice = pages;
    reply.whole = false;
  }
  reply.rows = std::move(view.rows);
  return Ok{};
}

void Sources::SetEpoch(SourceReply& reply) {
  const bool pages = reply.choice.way == Way::kPlugin;
  reply.has_rates = !pages || PluginHasRates(reply.version, NodesOf(reply));
  if (!reply.has_rates) return;
  std::vector<CountingNode> nodes;
  if (pages) {
    nodes.push_back(reply.plugin->nodes.front().counting);
  } else {
    nodes = RunningNodes(*reply.server);
  }
  if (nodes.empty()) return;  // the user may not see them
  reply.nodes = nodes.size();
  reply.epoch = epochs_.Of(pages ? "plugin" : "management", nodes);
  reply.from_zero = epochs_.from_zero();
}

}  // namespace headroom::rabbitmq
