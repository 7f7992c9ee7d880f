#include "exporter/workload/gather_cap.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "exporter/pool_room.h"
#include "exporter/workload/why_unknown.h"

namespace headroom {
namespace {

using Limit = CapMember::Limit;

using Kind = CapScope::Kind;

constexpr std::array<Kind, 6> kScopes = {Kind::kPool,   Kind::kDatabase,       Kind::kUser,
                                         Kind::kServer, Kind::kServerDatabase, Kind::kServerRole};

constexpr const char* kNoConnections = "the last run does not say how many connections it has";
constexpr const char* kNoLimit = "the target's last run does not say what limits it";

CapMember Unknown(std::string name, std::string why) {
  CapMember member;
  member.name = std::move(name);
  member.why = std::move(why);
  return member;
}

CapMember Unlimited(std::string name, std::string why) {
  CapMember member = Unknown(std::move(name), std::move(why));
  member.limit = Limit::kUnlimited;
  return member;
}

// `pool` null: not listed, which is certain (pools come from required parts) and means what
// `not_listed` says.
CapMember MemberOf(std::string name, const Pool* pool, std::string not_listed) {
  if (pool == nullptr) return Unknown(std::move(name), std::move(not_listed));
  if (!pool->max_known) {
    return Unknown(std::move(name),
                   pool->max_unknown_because.empty() ? kNoLimit : pool->max_unknown_because);
  }
  if (!pool->max_connections) return Unlimited(std::move(name), {});
  const auto current = TotalConnections(*pool);
  if (!current) return Unknown(std::move(name), kNoConnections);
  CapMember member;
  member.name = std::move(name);
  member.limit = Limit::kLimited;
  member.max = *pool->max_connections;
  member.current = SaturatingAdd(*current, pool->own_sessions);
  return member;
}

// The pools that the pooler has in a database, for who named another one.
std::string ListedText(const PoolIndex& pooler, const WorkloadPool& wanted) {
  constexpr int kMost = 5;
  int count = 0;
  std::string text;
  for (const Pool* pool : pooler.PoolsOf(wanted.database)) {
    if (pool->user == wanted.user || pool->unused) continue;
    if (++count > kMost) return text + ", ...";
    text += (text.empty() ? "" : ", ") + pool->name;
  }
  return text;
}

std::string WhyNoPool(const PoolIndex& pooler, const WorkloadPool& wanted) {
  if (pooler.Database(wanted.database) == nullptr) {
    return fmt::format(
        "the pooler lists no database {}: it has none of this name, or makes it of \"*\" when a "
        "client asks for it",
        wanted.database);
  }
  const std::string others = ListedText(pooler, wanted);
  return fmt::format(
      "the pooler does not list it, and nobody can tell what it would be: it does not know the "
      "user, or its database forces another one; of this database it lists {}",
      others.empty() ? "no pool" : others);
}

void AddOwn(CapMember& member, std::uint64_t own) { member.own = SaturatingAdd(member.own, own); }

class CapGatherer {
 public:
  explicit CapGatherer(std::span<const TargetView> targets) : targets_(targets) {}

  void Add(const WorkloadPool& pool) {
    if (pool.database.empty() || pool.user.empty()) {
      AddDirect(pool);
    } else {
      AddPooled(pool);
    }
  }

  std::vector<CapScope> Finish() {
    std::erase_if(scopes_, [](const CapScope& scope) { return scope.members.empty(); });
    return std::move(scopes_);
  }

 private:
  void AddPooled(const WorkloadPool& wanted) {
    const std::string pool_name = fmt::format("{}/{}", wanted.database, wanted.user);
    const std::string name = fmt::format("{} of {}", pool_name, wanted.target);
    const TargetView* view = RunOf(wanted.target);
    if (view == nullptr) {
      AddUnasked(wanted, name);
      return;
    }
    const PoolIndex& pooler = IndexOf(*view);
    const Pool* pool = PoolOf(pooler, wanted);
    CapMember& member =
        MemberIn(Kind::kPool, wanted.database, wanted.user, wanted.target,
                 MemberOf(name, pool, pool == nullptr ? WhyNoPool(pooler, wanted) : std::string()));
    // Not listed: no connection.
    const auto own = pool == nullptr ? std::optional<std::uint64_t>(0) : TotalConnections(*pool);
    if (!own) {
      AddUnasked(wanted, name);
      return;
    }
    if (pool != nullptr && pool->unused) {
      const std::string others = ListedText(pooler, wanted);
      member.note = "no client has used it yet";
      if (!others.empty()) member.note += "; of this database the pooler lists " + others;
    }
    AddAround(wanted, pooler, *own);
    const Pool* routed = pool != nullptr ? pool : pooler.Database(wanted.database);
    AddRoute(wanted, routed != nullptr ? routed->route : std::nullopt, name, *own);
  }

  void AddAround(const WorkloadPool& wanted, const PoolIndex& pooler, std::uint64_t own) {
    const std::string database = fmt::format("{} of {}", wanted.database, wanted.target);
    AddOwn(MemberIn(
               Kind::kDatabase, wanted.database, {}, wanted.target,
               MemberOf(database, pooler.Database(wanted.database), "the pooler does not list it")),
           own);
    const std::string user = fmt::format("{} of {}", wanted.user, wanted.target);
    AddOwn(MemberIn(Kind::kUser, {}, wanted.user, wanted.target,
                    MemberOf(user, pooler.User(wanted.user),
                             "the pooler lists no pool of this user, and no limit")),
           own);
  }

  // Unknown in every scope: where another pool has no limit in one, the others must not look as if
  // they had only that one.
  void AddUnasked(const WorkloadPool& wanted, const std::string& name) {
    const TargetView* view = FindTarget(targets_, wanted.target);
    const std::string why =
        view != nullptr && view->run ? kNoConnections : WhyNoRun(view, wanted.target);
    for (const Kind scope : kScopes) {
      MemberIn(scope, wanted.database, wanted.user, wanted.target, {}) = Unknown(name, why);
    }
  }

  void AddRoute(const WorkloadPool& wanted, const std::optional<PoolRoute>& route,
                const std::string& name, std::uint64_t own) {
    if (route && route->server_known && !route->server.empty()) {
      AddOwn(ServerOf(route->server), own);
      AddOwn(PartOf(Kind::kServerDatabase, route->server, route->database), own);
      AddOwn(PartOf(Kind::kServerRole, route->server, wanted.user), own);
      return;
    }
    const bool none = route && route->server_known;
    std::string why =
        none ? "the pooler's configuration names none" : "nobody can tell which it is";
    if (route && !route->unknown_because.empty()) why = route->unknown_because;
    const std::string behind = "the one behind " + name;
    for (const Kind scope : {Kind::kServer, Kind::kServerDatabase, Kind::kServerRole}) {
      MemberIn(scope, name, {}, {}, none ? Unlimited(behind, why) : Unknown(behind, why));
    }
  }

  // Workers without a pooler.
  void AddDirect(const WorkloadPool& wanted) {
    CapMember& server = ServerOf(wanted.target);
    if (wanted.database.empty() && wanted.user.empty()) {
      server.own = server.current;
      return;
    }
    const bool role = !wanted.user.empty();
    const std::string& name = role ? wanted.user : wanted.database;
    const Kind scope = role ? Kind::kServerRole : Kind::kServerDatabase;
    const TargetView* view = RunOf(wanted.target);
    std::optional<std::uint64_t> own;
    if (view != nullptr) own = OwnOf(PoolIn(IndexOf(*view), scope, name));
    CapMember& part = PartOf(scope, wanted.target, name);
    if (own) {
      AddOwn(server, *own);
      AddOwn(part, *own);
    } else if (server.limit == Limit::kLimited) {
      server = Unknown(server.name, fmt::format("the connections of {} {} are unknown: {}",
                                                role ? "role" : "database", name,
                                                part.why.empty() ? kNoConnections : part.why));
    }
  }

  // Of a role or database of a server. One that is listed without sessions has none.
  static std::optional<std::uint64_t> OwnOf(const Pool* pool) {
    if (pool == nullptr) return std::nullopt;
    if (pool->max_known && pool->connections.empty()) return 0;
    return TotalConnections(*pool);
  }

  static const Pool* PoolIn(const PoolIndex& server, Kind scope, const std::string& name) {
    return scope == Kind::kServerRole ? server.User(name) : server.Database(name);
  }

  // A database or a role of a server.
  CapMember& PartOf(Kind scope, const std::string& target, const std::string& name) {
    const TargetView* view = RunOf(target);
    const std::string full = fmt::format("{} of {}", name, target);
    CapMember fresh =
        view == nullptr
            ? Unknown(full, WhyNoRun(FindTarget(targets_, target), target))
            : MemberOf(full, PoolIn(IndexOf(*view), scope, name),
                       scope == Kind::kServerRole
                           ? "the server lists no role of this name that can log in"
                           : "the server lists no database of this name that takes connections");
    return MemberIn(scope, name, {}, target, std::move(fresh));
  }

  CapMember& ServerOf(const std::string& target) {
    const TargetView* view = RunOf(target);
    if (view == nullptr) {
      return MemberIn(Kind::kServer, {}, {}, target,
                      Unknown(target, WhyNoRun(FindTarget(targets_, target), target)));
    }
    const Pool* server = IndexOf(*view).Server();
    CapMember member = MemberOf(target, server, kNoLimit);
    if (member.limit == Limit::kLimited) {
      if (server->reserved_connections) {
        member.reserved = *server->reserved_connections;
      } else {
        member = Unknown(target, kNoLimit);
      }
    }
    return MemberIn(Kind::kServer, {}, {}, target, std::move(member));
  }

  // The scope's member of that identity; `fresh` when it is new.
  CapMember& MemberIn(Kind scope, std::string_view database, std::string_view user,
                      std::string_view target, CapMember fresh) {
    auto& members = scopes_[static_cast<std::size_t>(scope)].members;
    const auto [place, is_new] = places_.try_emplace(
        Identity(scope, std::string(database), std::string(user), std::string(target)),
        members.size());
    if (is_new) members.push_back(std::move(fresh));
    return members[place->second];
  }

  const TargetView* RunOf(std::string_view target) const {
    const TargetView* view = FindTarget(targets_, target);
    return view != nullptr && view->run ? view : nullptr;
  }

  const PoolIndex& IndexOf(const TargetView& view) {
    return indexes_.try_emplace(view.target, view.run->reading.pools).first->second;
  }

  static const Pool* PoolOf(const PoolIndex& pooler, const WorkloadPool& wanted) {
    const auto pools = pooler.PoolsOf(wanted.database);
    const auto found = std::find_if(pools.begin(), pools.end(),
                                    [&](const Pool* pool) { return pool->user == wanted.user; });
    return found == pools.end() ? nullptr : *found;
  }

  using Identity = std::tuple<Kind, std::string, std::string, std::string>;

  std::span<const TargetView> targets_;
  std::map<Identity, std::size_t> places_;  // in the scope's members
  std::map<std::string_view, PoolIndex> indexes_;
  std::vector<CapScope> scopes_ = {{kScopes[0], {}}, {kScopes[1], {}}, {kScopes[2], {}},
                                   {kScopes[3], {}}, {kScopes[4], {}}, {kScopes[5], {}}};
};

}  // namespace

std::vector<CapScope> GatherCap(std::span<const WorkloadPool> pools,
                                std::span<const TargetView> targets) {
  CapGatherer gatherer(targets);
  for (const WorkloadPool& pool : pools) gatherer.Add(pool);
  return gatherer.Finish();
}

}  // namespace headroom
