#include "collectors/rabbitmq/server_facts.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace headroom::rabbitmq {
namespace {

constexpr MetricType kGauge = MetricType::kGauge;
constexpr std::array<std::string_view, 1> kNodeLabels = {"node"};
constexpr std::array<std::string_view, 3> kVersionLabels = {"rabbitmq", "erlang", "cluster_name"};

std::optional<double> AsDouble(const std::optional<std::uint64_t>& count) {
  if (!count) return std::nullopt;
  return static_cast<double>(*count);
}

std::optional<double> AsDouble(const std::optional<bool>& flag) {
  if (!flag) return std::nullopt;
  return *flag ? 1 : 0;
}

// A family that is one number of each node.
struct NodeFact {
  std::optional<double> (*read)(const Node& node);
  FactDesc desc;
};

constexpr auto kNodeFacts = std::to_array<NodeFact>({
    {[](const Node& node) { return AsDouble(node.running); },
     {"rabbitmq_running", "1 while the broker runs on this node of the cluster.", kGauge,
      kNodeLabels}},
    {[](const Node& node) { return AsDouble(node.partitions); },
     {"rabbitmq_partitions", "Nodes that this node takes to be cut off from it; 0 is well.", kGauge,
      kNodeLabels}},
    {[](const Node& node) { return AsDouble(node.memory_used); },
     {"rabbitmq_node_mem_used", "Bytes of memory that the node uses.", kGauge, kNodeLabels}},
    {[](const Node& node) { return AsDouble(node.memory_limit); },
     {"rabbitmq_node_mem_limit", "Bytes of memory at which the memory alarm goes off.", kGauge,
      kNodeLabels}},
    {[](const Node& node) { return AsDouble(node.memory_alarm); },
     {"rabbitmq_node_mem_alarm", "1 while the memory alarm is on: publishers are blocked.", kGauge,
      kNodeLabels}},
    {[](const Node& node) { return AsDouble(node.disk_free); },
     {"rabbitmq_node_disk_free", "Free bytes on the disk of the data folder.", kGauge,
      kNodeLabels}},
    {[](const Node& node) { return AsDouble(node.disk_free_limit); },
     {"rabbitmq_node_disk_free_limit", "Free bytes below which the disk alarm goes off.", kGauge,
      kNodeLabels}},
    {[](const Node& node) { return AsDouble(node.disk_alarm); },
     {"rabbitmq_node_disk_free_alarm", "1 while the disk alarm is on: publishers are blocked.",
      kGauge, kNodeLabels}},
    {[](const Node& node) { return AsDouble(node.fds_used); },
     {"rabbitmq_fd_used", "File descriptors that the node has open.", kGauge, kNodeLabels}},
    {[](const Node& node) { return AsDouble(node.fds_total); },
     {"rabbitmq_fd_available", "File descriptors that the node may have open, used ones included.",
      kGauge, kNodeLabels}},
});

constexpr FactDesc kConnections{"rabbitmq_open_connections",
                                "Client connections to all nodes of the cluster.", kGauge};
constexpr FactDesc kChannels{"rabbitmq_open_channels",
                             "Channels in the client connections to all nodes of the cluster.",
                             kGauge};
constexpr FactDesc kVersion{"rabbitmq_version_info", "1; the labels describe the broker.", kGauge,
                            kVersionLabels};

constexpr std::array<const FactDesc*, 3> kClusterFacts = {&kConnections, &kChannels, &kVersion};

constexpr auto kTable = [] {
  std::array<const FactDesc*, kNodeFacts.size() + kClusterFacts.size()> table{};
  for (std::size_t i = 0; i < kNodeFacts.size(); ++i) table[i] = &kNodeFacts[i].desc;
  for (std::size_t i = 0; i < kClusterFacts.size(); ++i) {
    table[kNodeFacts.size() + i] = kClusterFacts[i];
  }
  return table;
}();

void Add(std::vector<Fact>& out, const FactDesc& desc, std::vector<std::string> labels,
         std::optional<double> value) {
  if (value) out.push_back(Fact{&desc, std::move(labels), *value});
}

}  // namespace

std::span<const FactDesc* const> FactTable() { return kTable; }

std::vector<Fact> ReadFacts(const Overview& overview, const std::vector<Node>& nodes) {
  std::vector<Fact> facts;
  for (const Node& node : nodes) {
    for (const NodeFact& fact : kNodeFacts) Add(facts, fact.desc, {node.name}, fact.read(node));
  }
  Add(facts, kConnections, {}, AsDouble(overview.connections));
  Add(facts, kChannels, {}, AsDouble(overview.channels));
  if (!overview.version.empty()) {
    Add(facts, kVersion, {overview.version, overview.erlang_version, overview.cluster_name}, 1);
  }
  return facts;
}

}  // namespace headroom::rabbitmq
