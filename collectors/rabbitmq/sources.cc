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
    // One whose uptime is not known yet does not count yet either (ServerView::AllRunning).
    if (node.running != true || !node.uptime_ms) continue;
    nodes.push_back({node.name, static_cast<double>(*node.uptime_ms) / 1e3});
  }
  return nodes;
}

}  // namespace

Sources::Sources(const RabbitmqOptions& options) : options_(options), selection_(options) {
  if (options.management) {
    management_ = std::make_unique<ManagementSource>(*options.management, options.wanted);
  }
  if (!options.plugins.empty() && options.source != Source::kManagement) {
    plugin_ = std::make_unique<PluginSource>(options);
  }
}

Result<SourceReply> Sources::Read(const Deadline& deadline) {
  SourceReply reply{.server = AskServer(deadline)};
  if (reply.server.ok()) {
    version_ = MajorOf(reply.server->overview.version);
    if (!reply.server->nodes.empty()) known_nodes_ = reply.server->nodes.size();
  }
  Situation situation;
  situation.management_answers = Answers(reply.server);
  situation.management_has_rates = situation.management_answers && !reply.server->overview.no_rates;
  situation.plugin_rests = plugin_ && plugin_->AllResting(deadline.clock().Now());
  situation.version = version_;
  situation.nodes = Nodes();
  situation.split_published = split_published_;
  reply.choice = Choose(options_, situation);
  Status read = reply.choice.way == Way::kPlugin ? ReadPlugin(reply, deadline)
                                                 : ReadManagement(reply, deadline);
  if (!read.ok()) return read.error();
  reply.version = version_;
  SetEpoch(reply, deadline.clock().Now());
  return reply;
}

// Half of the time where the plugin can answer without it.
Result<ServerView> Sources::AskServer(const Deadline& deadline) {
  if (!management_) return Error{ErrorKind::kUnsupported, "no url, the management API, is given"};
  return management_->Server(plugin_ ? deadline.Within(deadline.Remaining() / 2) : deadline);
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
  split_published_ = split_published_ || (options_.wanted.rates && SplitsPublished(view));
  // What a node that is down holds, neither source knows. Of one that is running the management
  // API does.
  const Choice pages = reply.choice;
  const bool no_page = !reply.whole && other && reply.server->AllRunning();
  const bool split = split_published_ && other && !reply.server->overview.no_rates;
  if (no_page || split) {
    reply.choice = InsteadOfPlugin(no_page ? "a running node's Prometheus plugin gives no page"
                                           : std::string(kSplitPublished));
    if (ReadManagement(reply, deadline).ok()) return Ok{};
    reply.choice = pages;
    reply.whole = !no_page && PagesAreWhole(reply.server, view);
  }
  reply.rows = std::move(view.rows);
  return Ok{};
}

bool Sources::SplitsPublished(const PluginView& view) const {
  return std::any_of(view.rows.begin(), view.rows.end(), [this](const QueueRow& row) {
    return row.split_published && selection_.Wants(row.vhost, row.name);
  });
}

std::optional<Error> Sources::WhyNoRates(const SourceReply& reply) const {
  if (reply.choice.way == Way::kPlugin) {
    if (PluginHasRates(reply.version, Nodes())) return std::nullopt;
    return Error{ErrorKind::kUnsupported,
                 "the Prometheus plugin tells counters per queue from RabbitMQ 4.0 on, and of a "
                 "single node only; give url, the management API"};
  }
  if (reply.server->overview.no_rates) {
    return Error{ErrorKind::kUnsupported,
                 "the broker keeps no counters per queue for the management API "
                 "(management.rates_mode = none); set it to basic"};
  }
  if (reply.server->nodes_error) return reply.server->nodes_error;
  if (RunningNodes(*reply.server).empty()) {
    return Error{ErrorKind::kProtocol, "no node says for how long it has been running"};
  }
  return std::nullopt;
}

void Sources::SetEpoch(SourceReply& reply, SteadyTime now) {
  reply.no_rates = WhyNoRates(reply);
  if (reply.no_rates) return;
  const bool pages = reply.choice.way == Way::kPlugin;
  const std::vector<CountingNode> nodes =
      pages ? std::vector{reply.plugin->nodes.front().counting} : RunningNodes(*reply.server);
  reply.nodes = nodes.size();
  reply.epoch = epochs_.Of(pages ? "plugin" : "management", nodes, now);
  reply.restarts = epochs_.restarts();
}

}  // namespace headroom::rabbitmq
