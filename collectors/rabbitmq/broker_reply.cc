// /api/overview and /api/nodes: what belongs to the broker itself.
#include <array>
#include <string>
#include <tuple>
#include <utility>

#include "collectors/rabbitmq/json_members.h"
#include "collectors/rabbitmq/management_reply.h"

namespace headroom::rabbitmq {
namespace {

void Take(std::string& out, JsonValue& value) {
  if (auto text = value.Text()) out = std::move(*text);
}

struct OverviewDraft {
  Overview overview;
  std::optional<bool> stats_disabled;
};

constexpr auto kTotals = std::to_array<JsonMember<Overview>>({
    {"channels", [](Overview& out, JsonValue& value) { out.channels = value.Count(); }},
    {"connections", [](Overview& out, JsonValue& value) { out.connections = value.Count(); }},
    {"queues", [](Overview& out, JsonValue& value) { out.queues = value.Count(); }},
});
static_assert(IsTable<Overview>(kTotals));

constexpr auto kOverview = std::to_array<JsonMember<OverviewDraft>>({
    {"cluster_name",
     [](OverviewDraft& out, JsonValue& value) { Take(out.overview.cluster_name, value); }},
    {"disable_stats",
     [](OverviewDraft& out, JsonValue& value) { out.stats_disabled = value.Flag(); }},
    {"erlang_version",
     [](OverviewDraft& out, JsonValue& value) { Take(out.overview.erlang_version, value); }},
    {"node", [](OverviewDraft& out, JsonValue& value) { Take(out.overview.node, value); }},
    {"object_totals",
     [](OverviewDraft& out, JsonValue& value) {
       ReadMembers<Overview>(value, kTotals, out.overview);
     }},
    {"rabbitmq_version",
     [](OverviewDraft& out, JsonValue& value) { Take(out.overview.version, value); }},
    {"rates_mode",
     [](OverviewDraft& out, JsonValue& value) { out.overview.no_rates = value.Text() == "none"; }},
});
static_assert(IsTable<OverviewDraft>(kOverview));

Overview Finish(OverviewDraft&& draft) {
  Overview overview = std::move(draft.overview);
  overview.stats_disabled = draft.stats_disabled == true;
  // Seen with two connections open: a user without the tag `monitoring` is told 0 of everything,
  // and a broker without statistics says "connections":0.
  if (overview.node.empty()) overview.queues.reset();
  if (overview.node.empty() || draft.stats_disabled != false) {
    overview.connections.reset();
    overview.channels.reset();
  }
  return overview;
}

std::optional<std::uint64_t> CountElements(JsonValue& value) {
  std::uint64_t count = 0;
  if (!value.Elements([&](JsonValue) { ++count; })) return std::nullopt;
  return count;
}

constexpr auto kNode = std::to_array<JsonMember<Node>>({
    {"disk_free", [](Node& out, JsonValue& value) { out.disk_free = value.Count(); }},
    {"disk_free_alarm", [](Node& out, JsonValue& value) { out.disk_alarm = value.Flag(); }},
    {"disk_free_limit", [](Node& out, JsonValue& value) { out.disk_free_limit = value.Count(); }},
    {"fd_total", [](Node& out, JsonValue& value) { out.fds_total = value.Count(); }},
    {"fd_used", [](Node& out, JsonValue& value) { out.fds_used = value.Count(); }},
    {"mem_alarm", [](Node& out, JsonValue& value) { out.memory_alarm = value.Flag(); }},
    {"mem_limit", [](Node& out, JsonValue& value) { out.memory_limit = value.Count(); }},
    {"mem_used", [](Node& out, JsonValue& value) { out.memory_used = value.Count(); }},
    {"name", [](Node& out, JsonValue& value) { Take(out.name, value); }},
    {"partitions", [](Node& out, JsonValue& value) { out.partitions = CountElements(value); }},
    {"running", [](Node& out, JsonValue& value) { out.running = value.Flag(); }},
    {"uptime", [](Node& out, JsonValue& value) { out.uptime_ms = value.Count(); }},
});
static_assert(IsTable<Node>(kNode));

// A node that is down is listed with its name only; were there a number, it would be an old one.
Node Finish(Node&& node) {
  if (node.running != false) return std::move(node);
  return Node{.name = std::move(node.name), .running = false};
}

}  // namespace

Result<Overview> ParseOverview(std::string& body) {
  OverviewDraft draft;
  Status status = WalkJson(body, [&](JsonValue root) {
    if (!ReadMembers<OverviewDraft>(root, kOverview, draft)) root.Refuse("it is no object");
  });
  if (!status.ok()) return std::move(status).error();
  return Finish(std::move(draft));
}

Result<std::vector<Node>> ParseNodes(std::string& body) {
  std::vector<Node> nodes;
  Status status = ReadObjects<Node>(body, kNode, [&](Node&& node, JsonValue& element) {
    if (node.name.empty()) return element.Refuse("a node has no name");
    nodes.push_back(Finish(std::move(node)));
  });
  if (!status.ok()) return std::move(status).error();
  const std::size_t said = nodes.size();
  nodes = SortedUnique(std::move(nodes), [](const Node& node) { return std::tie(node.name); });
  // Without it the cluster would seem smaller than it is.
  if (nodes.size() == said) return nodes;
  return Error{ErrorKind::kProtocol, "the reply has one node twice"};
}

}  // namespace headroom::rabbitmq
