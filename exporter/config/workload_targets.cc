#include "exporter/config/workload_targets.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "collectors/suggest.h"

namespace headroom {
namespace {

constexpr std::string_view kOtherState = "other";

QueueName NameOf(const WorkloadQueue& queue) {
  QueueName name{queue.queue, std::nullopt, std::nullopt};
  if (!queue.vhost.empty()) name.vhost = queue.vhost;
  if (!queue.db.empty()) name.db = queue.db;
  return name;
}

std::string_view PoolKey(const WorkloadPool& pool) {
  if (!pool.database.empty()) return "database";
  return pool.user.empty() ? "target" : "user";
}

void CheckPoolerPool(OptionsReader& in, const WorkloadPool& pool, const TargetConfig& pooler) {
  for (const std::string_view key : {"database", "user"}) {
    if (!in.Has(key)) {
      in.Error(key, "is missing: a pool of a pooler is a database and a user");
    }
  }
  if (pooler.links.empty()) {
    in.Warning("target",
               fmt::format("the pooler {} does not name the target of the server behind it, so the "
                           "cap leaves out what that bears",
                           Quoted(pool.target)));
  }
}

void CheckServerPool(OptionsReader& in) {
  if (!in.Has("database") || !in.Has("user")) return;
  in.Error("user",
           "cannot be used with database: the server limits each by itself, and no reading says "
           "how many connections the two have together; keep one of them, or neither");
}

}  // namespace

TargetConfig* WorkloadTargets::Find(OptionsReader& in, const std::string& name) {
  if (name.empty()) return nullptr;
  std::vector<std::string> names;
  TargetConfig* found = nullptr;
  for (TargetConfig& target : targets_) {
    if (target.name == name && found != nullptr) return nullptr;  // an error already
    if (target.name == name) found = &target;
    if (!target.name.empty()) names.push_back(target.name);
  }
  if (found != nullptr) return found->make ? found : nullptr;
  in.Error("target", fmt::format("there is no target {}{}", Quoted(name), DidYouMean(name, names)));
  return nullptr;
}

PoolKind WorkloadTargets::PoolsOf(std::string_view target) const {
  const auto found = std::find_if(targets_.begin(), targets_.end(),
                                  [target](const TargetConfig& t) { return t.name == target; });
  return found == targets_.end() ? PoolKind::kNone : found->type->pools;
}

void WorkloadTargets::Declare(OptionsReader& in, WorkloadQueue& queue,
                              const WorkloadOptions& workload) {
  TargetConfig* target = Find(in, queue.target);
  if (target == nullptr || queue.queue.empty()) return;
  if (!target->declare) {
    in.Error("target", fmt::format("{} is a [[{}]] target, which has no queues",
                                   Quoted(queue.target), target->type->system));
    return;
  }
  const auto declared = target->declare(NameOf(queue));
  if (!declared.ok()) {
    in.Error("queue", declared.error().message);
    return;
  }
  queue.vhost = declared->vhost;
  queue.db = declared->db;
  if (declared->added) NoteAdded(in, *target, queue, declared->similar);
  if (declared->consumers_unread && !workload.worker_group) {
    in.Error("target", fmt::format("{} does not read consumers, which say who is busy where there "
                                   "is no worker_group; add \"consumers\" to its readings",
                                   Quoted(queue.target)));
  }
  NoteDrain(in, queue, workload.name);
}

// A server does not tell a name that is wrong from a queue that is empty.
void WorkloadTargets::NoteAdded(OptionsReader& in, TargetConfig& target, const WorkloadQueue& queue,
                                const std::string& similar) {
  const bool of_a_workload =
      std::any_of(target.workload_queues.begin(), target.workload_queues.end(),
                  [&similar](const QueueName& other) { return other.name == similar; });
  target.workload_queues.insert(NameOf(queue));
  if (similar.empty() || of_a_workload) return;
  in.Warning("queue", fmt::format("the target {} does not declare {}, but {}: if both are meant, "
                                  "declare both there",
                                  Quoted(queue.target), Quoted(queue.queue), Quoted(similar)));
}

void WorkloadTargets::NoteDrain(OptionsReader& in, const WorkloadQueue& queue,
                                const std::string& workload) {
  const auto [entry, first] =
      drained_by_.emplace(std::tuple(queue.target, queue.queue, queue.vhost, queue.db), workload);
  if (first) return;
  if (entry->second == workload) {
    in.Error("queue", fmt::format("{} of {} is listed twice: its messages would count twice",
                                  Quoted(queue.queue), Quoted(queue.target)));
  } else {
    in.Warning("queue",
               fmt::format("{} of {} belongs to the workload {} too: its messages count "
                           "in full for both",
                           Quoted(queue.queue), Quoted(queue.target), Quoted(entry->second)));
  }
}

void WorkloadTargets::CheckGroup(OptionsReader& in, const WorkloadGroup& group,
                                 const std::string& workload) {
  TargetConfig* target = Find(in, group.target);
  if (target == nullptr || group.group.empty()) return;
  std::vector<std::string> names;
  for (const DeclaredGroup& known : target->groups) names.push_back(known.group);
  const auto found = std::find(names.begin(), names.end(), group.group);
  if (found == names.end()) {
    in.Error("group", fmt::format("the target {} has no worker group {}{}", Quoted(group.target),
                                  Quoted(group.group), DidYouMean(group.group, names)));
    return;
  }
  const DeclaredGroup& known = target->groups[static_cast<std::size_t>(found - names.begin())];
  if (!known.knows_staleness) {
    in.Error("group", fmt::format("{} cannot tell live workers from dead ones, which would count "
                                  "as busy; give the group a heartbeat_field or a heartbeat_ttl",
                                  Quoted(group.group)));
  }
  std::vector<std::string> states = known.states;
  states.emplace_back(kOtherState);
  for (const std::string& state : group.busy_states) {
    if (std::find(states.begin(), states.end(), state) != states.end()) continue;
    in.Error("busy_states", fmt::format("{} is not a state of the group {}{}", Quoted(state),
                                        Quoted(group.group), DidYouMean(state, states)));
  }
  if (target->use_group) {
    const UsedGroup used = target->use_group(group.group);
    target->used_group_changed = target->used_group_changed || used.changed;
    if (!used.warning.empty()) in.Warning("group", used.warning);
  }
  const auto [entry, first] = worked_by_.emplace(std::pair(group.target, group.group), workload);
  if (first) return;
  in.Warning("group",
             fmt::format("{} of {} belongs to the workload {} too: its busy workers count in full "
                         "for both",
                         Quoted(group.group), Quoted(group.target), Quoted(entry->second)));
}

void WorkloadTargets::CheckPool(OptionsReader& in, const WorkloadPool& pool,
                                const WorkloadOptions& workload) {
  TargetConfig* target = Find(in, pool.target);
  if (target == nullptr) return;
  switch (target->type->pools) {
    case PoolKind::kNone:
      in.Error("target", fmt::format("{} is a [[{}]] target, and workers are bounded by the pools "
                                     "of a pooler or of a database server",
                                     Quoted(pool.target), target->type->system));
      return;
    case PoolKind::kServer:
      CheckServerPool(in);
      break;
    case PoolKind::kPooler:
      CheckPoolerPool(in, pool, *target);
      break;
  }
  if (in.ok()) DeclarePool(in, *target, pool, workload);
  if (in.ok()) NotePool(in, pool, workload.name);
}

void WorkloadTargets::DeclarePool(OptionsReader& in, TargetConfig& pooler, const WorkloadPool& pool,
                                  const WorkloadOptions& workload) {
  const PoolName name{pool.database, pool.user};
  if (!pooler.declare_pool) return;
  const auto declared = pooler.declare_pool(name);
  if (!declared.ok()) {
    in.Error("database", declared.error().message);
    return;
  }
  pooler.workload_pools.insert(name);
  if (!declared->may_come_later || workload.min > 0 ||
      workload.pool_when_unknown != WhenPoolUnknown::kHold) {
    return;
  }
  in.Warning("database",
             fmt::format("if {} is one of the entry \"*\" of {}, its size is unknown while nobody "
                         "uses it, and with min = 0 and pool_when_unknown = \"hold\" nobody would "
                         "ever be recommended: give min = 1, or pool_when_unknown = \"ignore\", or "
                         "the database an entry of its own in the pooler's [databases]",
                         Quoted(pool.database), Quoted(pool.target)));
}

void WorkloadTargets::NotePool(OptionsReader& in, const WorkloadPool& pool,
                               const std::string& workload) {
  const auto [entry, first] =
      bound_by_.emplace(std::tuple(pool.target, pool.database, pool.user), workload);
  if (first || entry->second == workload) return;  // twice in one workload is another's mistake
  in.Warning(PoolKey(pool),
             fmt::format("the workload {} has the same connections of {}: each is told that it may "
                         "have all of them; give each a reserve for the other",
                         Quoted(entry->second), Quoted(pool.target)));
}

}  // namespace headroom
