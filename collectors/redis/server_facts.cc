#include "collectors/redis/server_facts.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace headroom::redis {
namespace {

constexpr std::array<std::string_view, 2> kMasterLabels = {"master_host", "master_port"};
constexpr std::array<std::string_view, 3> kSlaveInfoLabels = {"master_host", "master_port",
                                                              "read_only"};
constexpr std::array<std::string_view, 3> kReplicaLabels = {"slave_ip", "slave_port",
                                                            "slave_state"};
constexpr std::array<std::string_view, 1> kDbLabels = {"db"};
constexpr std::array<std::string_view, 10> kInstanceLabels = {
    "role",     "redis_version", "redis_build_id", "redis_mode",   "os", "maxmemory_policy",
    "tcp_port", "run_id",        "process_id",     "master_replid"};

constexpr MetricType kGauge = MetricType::kGauge;
constexpr MetricType kCounter = MetricType::kCounter;

// A family without labels that is one field's number.
struct PlainFact {
  std::string_view field;
  FactDesc desc;
};

constexpr auto kPlain = std::to_array<PlainFact>({
    {"uptime_in_seconds",
     {"redis_uptime_in_seconds", "Seconds since the Redis server started.", kGauge}},
    {"connected_clients",
     {"redis_connected_clients", "Client connections, without those of replicas.", kGauge}},
    {"blocked_clients",
     {"redis_blocked_clients", "Clients that wait in a blocking call such as BLPOP.", kGauge}},
    {"used_memory",
     {"redis_memory_used_bytes", "Bytes that Redis has allocated; maxmemory bounds these.",
      kGauge}},
    {"used_memory_rss",
     {"redis_memory_used_rss_bytes", "Resident memory of the Redis process.", kGauge}},
    {"used_memory_peak",
     {"redis_memory_used_peak_bytes", "The most memory that Redis had allocated since its start.",
      kGauge}},
    {"maxmemory",
     {"redis_memory_max_bytes", "The maxmemory setting; 0 means that there is no limit.", kGauge}},
    {"mem_fragmentation_ratio",
     {"redis_mem_fragmentation_ratio", "Resident memory over allocated memory.", kGauge}},
    {"loading",
     {"redis_loading_dump_file", "1 while the server loads its data set and serves no data.",
      kGauge}},
    {"rdb_changes_since_last_save",
     {"redis_rdb_changes_since_last_save", "Writes since the last RDB snapshot.", kGauge}},
    {"rdb_last_save_time",
     {"redis_rdb_last_save_timestamp_seconds", "When the last RDB snapshot was saved.", kGauge}},
    {"connected_slaves", {"redis_connected_slaves", "Replicas that are connected.", kGauge}},
    {"master_repl_offset",
     {"redis_master_repl_offset", "Replication offset of this server.", kGauge}},
    {"repl_backlog_size",
     {"redis_replication_backlog_bytes", "Size of the replication backlog buffer.", kGauge}},
    {"total_connections_received",
     {"redis_connections_received_total", "Connections that the server accepted.", kCounter}},
    {"total_commands_processed",
     {"redis_commands_processed_total", "Commands that the server processed.", kCounter}},
    {"rejected_connections",
     {"redis_rejected_connections_total", "Connections refused because of maxclients.", kCounter}},
    {"total_net_input_bytes",
     {"redis_net_input_bytes_total", "Bytes read from the network.", kCounter}},
    {"total_net_output_bytes",
     {"redis_net_output_bytes_total", "Bytes written to the network.", kCounter}},
    {"expired_keys", {"redis_expired_keys_total", "Keys that expired.", kCounter}},
    {"evicted_keys",
     {"redis_evicted_keys_total", "Keys that were evicted because of maxmemory.", kCounter}},
    {"keyspace_hits", {"redis_keyspace_hits_total", "Lookups that found their key.", kCounter}},
    {"keyspace_misses",
     {"redis_keyspace_misses_total", "Lookups that did not find their key.", kCounter}},
    {"used_cpu_sys",
     {"redis_cpu_sys_seconds_total", "CPU time of the server spent in the kernel.", kCounter}},
    {"used_cpu_user",
     {"redis_cpu_user_seconds_total", "CPU time of the server spent in user space.", kCounter}},
});

constexpr FactDesc kMasterLinkUp{"redis_master_link_up",
                                 "1 when this replica's link to its primary is up.", kGauge,
                                 kMasterLabels};
constexpr FactDesc kMasterLastIo{"redis_master_last_io_seconds_ago",
                                 "Seconds since this replica last heard from its primary; absent "
                                 "while the link is down.",
                                 kGauge, kMasterLabels};
constexpr FactDesc kMasterSync{"redis_master_sync_in_progress",
                               "1 while this replica copies its primary's data set.", kGauge,
                               kMasterLabels};
constexpr FactDesc kSlaveOffset{"redis_slave_repl_offset", "Replication offset of this replica.",
                                kGauge, kMasterLabels};
constexpr FactDesc kSlaveInfo{"redis_slave_info", "1; the labels describe this replica.", kGauge,
                              kSlaveInfoLabels};
constexpr FactDesc kReplicaOffset{"redis_connected_slave_offset_bytes",
                                  "Replication offset that the connected replica acknowledged.",
                                  kGauge, kReplicaLabels};
constexpr FactDesc kReplicaLag{"redis_connected_slave_lag_seconds",
                               "Seconds since the connected replica last acknowledged.", kGauge,
                               kReplicaLabels};
constexpr FactDesc kInstanceInfo{"redis_instance_info", "1; the labels describe the server.",
                                 kGauge, kInstanceLabels};
constexpr FactDesc kDbKeys{"redis_db_keys", "Keys in the database.", kGauge, kDbLabels};
constexpr FactDesc kDbKeysExpiring{
    "redis_db_keys_expiring", "Keys in the database that have a time to live.", kGauge, kDbLabels};

constexpr std::array<const FactDesc*, 10> kLabelled = {
    &kMasterLinkUp,  &kMasterLastIo, &kMasterSync,   &kSlaveOffset, &kSlaveInfo,
    &kReplicaOffset, &kReplicaLag,   &kInstanceInfo, &kDbKeys,      &kDbKeysExpiring};

constexpr auto kTable = [] {
  std::array<const FactDesc*, kPlain.size() + kLabelled.size()> table{};
  for (std::size_t i = 0; i < kPlain.size(); ++i) table[i] = &kPlain[i].desc;
  for (std::size_t i = 0; i < kLabelled.size(); ++i) table[kPlain.size() + i] = kLabelled[i];
  return table;
}();

class FactList {
 public:
  void Add(const FactDesc& desc, std::vector<std::string> labels, std::optional<double> value) {
    if (value) facts_.push_back(Fact{&desc, std::move(labels), *value});
  }
  std::vector<Fact> Take() { return std::move(facts_); }

 private:
  std::vector<Fact> facts_;
};

std::optional<double> NotNegative(std::optional<double> value) {
  return value && *value >= 0 ? value : std::nullopt;
}

std::string TextOrEmpty(std::optional<std::string_view> text) {
  return text ? std::string(*text) : std::string();
}

// What a replica says about its link upwards.
void AddReplicaSide(const Info& info, FactList& out) {
  auto host = info.Text("master_host");
  auto port = info.Text("master_port");
  if (!host || !port) return;
  const std::vector<std::string> labels = {std::string(*host), std::string(*port)};
  if (auto status = info.Text("master_link_status")) {
    out.Add(kMasterLinkUp, labels, *status == "up" ? 1 : 0);
  }
  // -1: never, or not while the link is down.
  out.Add(kMasterLastIo, labels, NotNegative(info.Number("master_last_io_seconds_ago")));
  out.Add(kMasterSync, labels, info.Number("master_sync_in_progress"));
  out.Add(kSlaveOffset, labels, info.Number("slave_repl_offset"));
  if (auto read_only = info.Text("slave_read_only")) {
    out.Add(kSlaveInfo, {labels[0], labels[1], std::string(*read_only)}, 1);
  }
}

// slave0:ip=10.0.0.1,port=6379,state=online,offset=1751844676,lag=0
// In any other state the replica has acknowledged nothing, and Redis fills in lag=0 (and offset=0).
void AddConnectedReplicas(const Info& info, FactList& out) {
  for (const auto& [name, value] : info.Numbered("slave")) {
    auto pairs = SplitPairs(value);
    auto ip = pairs.find("ip");
    auto port = pairs.find("port");
    auto state = pairs.find("state");
    if (ip == pairs.end() || port == pairs.end() || state == pairs.end()) continue;
    if (state->second != "online") continue;
    const std::vector<std::string> labels = {std::string(ip->second), std::string(port->second),
                                             std::string(state->second)};
    if (auto offset = pairs.find("offset"); offset != pairs.end()) {
      out.Add(kReplicaOffset, labels, ParseNumber(offset->second));
    }
    if (auto lag = pairs.find("lag"); lag != pairs.end()) {
      out.Add(kReplicaLag, labels, NotNegative(ParseNumber(lag->second)));
    }
  }
}

void AddDatabases(const Info& info, FactList& out) {
  for (const auto& [name, value] : info.Numbered("db")) {
    auto pairs = SplitPairs(value);
    if (auto keys = pairs.find("keys"); keys != pairs.end()) {
      out.Add(kDbKeys, {std::string(name)}, ParseNumber(keys->second));
    }
    if (auto expires = pairs.find("expires"); expires != pairs.end()) {
      out.Add(kDbKeysExpiring, {std::string(name)}, ParseNumber(expires->second));
    }
  }
}

// A label whose field is missing stays empty, which to Prometheus is a label that is not there.
void AddInstance(const Info& info, FactList& out) {
  if (!info.Text("role")) return;
  std::vector<std::string> labels;
  labels.reserve(kInstanceLabels.size());
  for (std::string_view label : kInstanceLabels) {
    auto text = info.Text(label);
    if (!text && label == "redis_mode") text = info.Text("server_mode");  // Valkey 8
    labels.push_back(TextOrEmpty(text));
  }
  out.Add(kInstanceInfo, std::move(labels), 1);
}

// Redis before 6.2 does not report cluster_connections; it has none unless it is in a cluster.
std::optional<std::uint64_t> ClusterConnections(const Info& info) {
  if (info.Text("cluster_connections")) return info.Count("cluster_connections");
  if (info.Text("cluster_enabled") == "0") return 0;
  return std::nullopt;
}

}  // namespace

std::span<const FactDesc* const> FactTable() { return kTable; }

std::vector<Fact> ReadFacts(const Info& info) {
  FactList out;
  for (const PlainFact& plain : kPlain) out.Add(plain.desc, {}, info.Number(plain.field));
  AddReplicaSide(info, out);
  AddConnectedReplicas(info, out);
  AddDatabases(info, out);
  AddInstance(info, out);
  return out.Take();
}

Pool ReadPool(const Info& info) {
  Pool pool;
  pool.scope = PoolScope::kServer;
  pool.name = "server";
  pool.max_connections = info.Count("maxclients");
  pool.max_known = pool.max_connections.has_value();
  auto clients = info.Count("connected_clients");
  auto replicas = info.Count("connected_slaves");
  auto cluster = ClusterConnections(info);
  if (!clients || !replicas || !cluster) return pool;
  const std::uint64_t open = *clients + *replicas + *cluster;
  pool.connections.push_back(PoolConnections{"open", open});
  if (pool.max_connections) {
    pool.available_connections = *pool.max_connections > open ? *pool.max_connections - open : 0;
  }
  return pool;
}

}  // namespace headroom::redis
