#include "exporter/simulate/database.h"

#include "exporter/workload/pool_cap.h"
#include "exporter/workload/wide.h"

namespace headroom {
namespace {

void AddScope(CapScope::Kind scope, const Limit& limit, std::uint64_t own,
              std::vector<CapScope>& scopes) {
  if (!limit.max) return;
  CapMember member;
  member.name = "rehearsal";
  member.limit = CapMember::Limit::kLimited;
  member.max = *limit.max;
  member.own = own;
  member.current = limit.others + own;
  scopes.push_back({scope, {member}});
}

// No limit at all cannot be: a plan has one.
std::uint64_t ConnectionsLeft(const WorkloadOptions& workload, const DatabasePlan& plan) {
  return CapOf(workload, CapScopesOf(plan, 0)).connections;
}

}  // namespace

std::uint64_t ConnectionsOf(const WorkloadOptions& workload, std::uint64_t workers) {
  const Ratio& each = workload.connections_per_worker;
  return Saturate(DivideUp(static_cast<Wide>(workers) * static_cast<Wide>(each.numerator),
                           static_cast<Wide>(each.denominator)));
}

std::vector<CapScope> CapScopesOf(const DatabasePlan& plan, std::uint64_t own) {
  std::vector<CapScope> scopes;
  AddScope(CapScope::Kind::kPool, plan.pool, own, scopes);
  AddScope(CapScope::Kind::kDatabase, plan.database, own, scopes);
  AddScope(CapScope::Kind::kUser, plan.user, own, scopes);
  AddScope(CapScope::Kind::kServer, plan.server, own, scopes);
  if (plan.server.max) scopes.back().members.front().reserved = plan.server_reserved;
  return scopes;
}

std::uint64_t RoomOf(const Scenario& scenario) {
  WorkloadOptions workload = scenario.workload;
  workload.reserve = 0;
  workload.server_reserve = 0;
  return ConnectionsLeft(workload, *scenario.database);
}

std::uint64_t RoomBesideReserve(const Scenario& scenario) {
  return ConnectionsLeft(scenario.workload, *scenario.database);
}

}  // namespace headroom
