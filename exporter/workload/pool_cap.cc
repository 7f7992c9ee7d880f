#include "exporter/workload/pool_cap.h"

#include <algorithm>

#include "exporter/workload/wide.h"

namespace headroom {
namespace {

using Limit = CapMember::Limit;

ScopeRoom RoomOf(const CapScope& scope, const WorkloadOptions& options) {
  const auto any = [&scope](Limit limit) {
    return std::any_of(scope.members.begin(), scope.members.end(),
                       [limit](const CapMember& member) { return member.limit == limit; });
  };
  if (any(Limit::kUnlimited)) return {scope.scope, Limit::kUnlimited, 0};
  if (any(Limit::kUnknown)) return {scope.scope, Limit::kUnknown, 0};
  Wide sum = 0;
  for (const CapMember& member : scope.members) {
    sum += static_cast<Wide>(member.max) - member.reserved;
    sum -= OthersOf(scope.scope, member, options.server_reserve);
  }
  return {scope.scope, Limit::kLimited, Saturate(sum - options.reserve)};
}

}  // namespace

std::uint64_t OthersOf(CapScope::Kind scope, const CapMember& member,
                       std::uint64_t server_reserve) {
  if (scope == CapScope::Kind::kPool) return 0;
  // The two were not counted in the same instant: the part may exceed the whole.
  const std::uint64_t others = member.current > member.own ? member.current - member.own : 0;
  return scope == CapScope::Kind::kServer ? std::max(server_reserve, others) : others;
}

PoolCap CapOf(const WorkloadOptions& options, std::span<const CapScope> scopes) {
  PoolCap cap;
  for (const CapScope& scope : scopes) {
    const ScopeRoom room = RoomOf(scope, options);
    cap.scopes.push_back(room);
    if (room.limit == Limit::kUnknown) cap.limit = Limit::kUnknown;
    if (room.limit != Limit::kLimited || cap.limit == Limit::kUnknown) continue;
    if (cap.limit == Limit::kUnlimited || room.connections < cap.connections) {
      cap.connections = room.connections;
      cap.binding.clear();
    }
    cap.limit = Limit::kLimited;
    if (room.connections == cap.connections) cap.binding.push_back(room.scope);
  }
  if (cap.limit == Limit::kLimited) {
    cap.workers = DivideDown(cap.connections, options.connections_per_worker);
  } else {
    cap.connections = 0;
    cap.binding.clear();
  }
  return cap;
}

}  // namespace headroom
