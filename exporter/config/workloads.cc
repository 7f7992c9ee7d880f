#include "exporter/config/workloads.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "collectors/suggest.h"
#include "exporter/config/names.h"
#include "exporter/config/workload_keys.h"
#include "exporter/config/workload_targets.h"

namespace headroom {
namespace {

// An HPA's selector says which workload it is about.
std::string ReadWorkloadName(OptionsReader& in) {
  std::string name = ReadName(in);
  if (name.empty() || IsKubernetesLabelValue(name)) return name;
  in.Warning("name",
             fmt::format("{} cannot be the value of a Kubernetes label, so no metric selector of "
                         "an HPA can name this workload: expected at most 63 of A-Z, a-z, 0-9, "
                         "\"-\", \"_\" and \".\", with a letter or digit at each end",
                         Quoted(name)));
  return name;
}

void ReadQueues(OptionsReader& in, WorkloadTargets& targets, WorkloadOptions& workload) {
  in.Require("queues");
  for (OptionsReader& table : in.Tables("queues")) {
    WorkloadQueue queue;
    table.Require("target");
    table.Require("queue");
    queue.target = table.Name("target");
    queue.queue = table.Name("queue");
    queue.vhost = table.Name("vhost");
    if (const auto db = table.Integer("db", 0, INT32_MAX)) queue.db = std::to_string(*db);
    queue.messages_per_worker = ReadCount(table, "messages_per_worker", 1, kMostMessages);
    table.Finish();
    if (table.ok()) targets.Declare(table, queue, workload);
    workload.queues.push_back(std::move(queue));
  }
  if (!in.ok()) return;
  if (workload.queues.empty()) in.Error("queues", "must name at least one queue");
  const bool each = std::all_of(workload.queues.begin(), workload.queues.end(),
                                [](const WorkloadQueue& q) { return q.messages_per_worker; });
  if (each || workload.finish_within || workload.messages_per_worker) return;
  in.Error("",
           "expected either finish_within, with service_time, or messages_per_worker: how much "
           "one worker is to have on its hands");
}

void ReadGroup(OptionsReader& in, WorkloadTargets& targets, WorkloadOptions& workload) {
  ReadCount(in, "consumers_per_worker", 1, kMostWorkers, workload.consumers_per_worker);
  auto table = in.Table("worker_group");
  if (!table) return;
  for (const std::string_view key : {"target", "group", "busy_states"}) table->Require(key);
  WorkloadGroup group;
  group.target = table->Name("target");
  group.group = table->Name("group");
  group.busy_states = table->Strings("busy_states");
  if (table->ok() && group.busy_states.empty()) {
    table->Error("busy_states", "must name at least one state");
  }
  table->Finish();
  if (table->ok()) targets.CheckGroup(*table, group, workload.name);
  if (in.Has("consumers_per_worker")) {
    in.Error("consumers_per_worker", "is not used with worker_group, which says who is busy");
  }
  workload.worker_group = std::move(group);
}

// A session of the role in the database is one of both, and would count twice as the workload's.
void CheckParts(OptionsReader& in, const WorkloadTargets& targets,
                const WorkloadOptions& workload) {
  std::set<std::string_view> by_role;
  std::set<std::string_view> by_database;
  for (const WorkloadPool& pool : workload.pools) {
    if (targets.PoolsOf(pool.target) != PoolKind::kServer) continue;
    if (!pool.user.empty()) by_role.insert(pool.target);
    if (!pool.database.empty()) by_database.insert(pool.target);
  }
  for (const std::string_view target : by_role) {
    if (!by_database.contains(target)) continue;
    in.Error("pools", fmt::format("name {} by user and by database too, and a session of the two "
                                  "would count twice; keep one kind",
                                  Quoted(target)));
  }
}

// A cap over pools of both kinds would add connections that are each other's.
void CheckPoolsTogether(OptionsReader& in, const WorkloadTargets& targets,
                        const WorkloadOptions& workload) {
  std::set<PoolKind> kinds;
  std::set<std::tuple<std::string, std::string, std::string>> seen;
  std::set<std::string_view> whole_servers;
  for (const WorkloadPool& pool : workload.pools) {
    kinds.insert(targets.PoolsOf(pool.target));
    if (!seen.emplace(pool.target, pool.database, pool.user).second) {
      in.Error("pools", fmt::format("one of {} is listed twice", Quoted(pool.target)));
    }
    if (pool.database.empty() && pool.user.empty()) whole_servers.insert(pool.target);
  }
  if (kinds.size() > 1) {
    in.Error("pools",
             "are of a pooler and of a server: a connection of a pooler is one of its server too; "
             "name the pools of the poolers, which know their servers");
  }
  for (const WorkloadPool& pool : workload.pools) {
    if ((pool.database.empty() && pool.user.empty()) || !whole_servers.contains(pool.target)) {
      continue;
    }
    in.Error("pools", fmt::format("name {} as a whole and a part of it too", Quoted(pool.target)));
  }
}

void ReadPools(OptionsReader& in, WorkloadTargets& targets, WorkloadOptions& workload) {
  for (OptionsReader& table : in.Tables("pools")) {
    WorkloadPool pool;
    table.Require("target");
    pool.target = table.Name("target");
    pool.database = table.Name("database");
    pool.user = table.Name("user");
    table.Finish();
    if (table.ok()) targets.CheckPool(table, pool, workload);
    workload.pools.push_back(std::move(pool));
  }
  if (!in.ok()) return;
  if (workload.pools.empty()) {
    in.Error("pools",
             "must name at least one pool; leave the key out if nothing bounds the workers");
    return;
  }
  CheckPoolsTogether(in, targets, workload);
  CheckParts(in, targets, workload);
}

void ReadCap(OptionsReader& in, WorkloadTargets& targets, WorkloadOptions& workload) {
  ReadWorkloadConnections(in, workload);
  if (in.OneOf("pool_when_unknown", {"hold", "ignore"}) == "ignore") {
    workload.pool_when_unknown = WhenPoolUnknown::kIgnore;
  }
  if (in.Has("pools")) return ReadPools(in, targets, workload);
  for (const std::string_view key :
       {"connections_per_worker", "reserve", "server_reserve", "pool_when_unknown"}) {
    if (in.Has(key)) in.Error(key, "is only used with pools");
  }
}

WorkloadOptions ReadWorkload(OptionsReader& in, WorkloadTargets& targets) {
  WorkloadOptions workload;
  workload.name = ReadWorkloadName(in);
  ReadWorkloadRate(in, workload);
  ReadWorkloadBounds(in, workload);
  // Keys that have been asked for are recognised when they stand in a sub-table by mistake, so the
  // sub-tables come last.
  ReadCap(in, targets, workload);
  ReadGroup(in, targets, workload);
  ReadQueues(in, targets, workload);
  ReadWorkloadFloors(in, workload);
  in.Finish();
  return workload;
}

}  // namespace

Workloads ReadWorkloads(OptionsReader& root, std::span<TargetConfig> targets,
                        Diagnostics& diagnostics) {
  Workloads workloads;
  UniqueNames names("workload", "");
  WorkloadTargets named(targets);
  for (OptionsReader& table : root.Tables("workload")) {
    auto workload = std::make_shared<const WorkloadOptions>(ReadWorkload(table, named));
    names.Add(workload->name, table);
    workloads.push_back(std::move(workload));
  }
  names.Check(diagnostics);
  std::sort(workloads.begin(), workloads.end(),
            [](const auto& a, const auto& b) { return a->name < b->name; });
  return workloads;
}

}  // namespace headroom
