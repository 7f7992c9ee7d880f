#include "exporter/workload/explain_cap.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "exporter/workload/explain_words.h"
#include "exporter/workload/pool_cap.h"

namespace headroom {
namespace {

using Limit = CapMember::Limit;

std::string_view WhatIsLimited(CapScope::Kind scope) {
  switch (scope) {
    case CapScope::Kind::kPool:
      return "pool size";
    case CapScope::Kind::kDatabase:
      return "the database's maximum";
    case CapScope::Kind::kUser:
      return "the user's maximum";
    case CapScope::Kind::kServer:
      return "the server's maximum";
    case CapScope::Kind::kServerDatabase:
      return "the database's connection limit";
    case CapScope::Kind::kServerRole:
      return "the role's connection limit";
  }
  return "maximum";
}

std::string OthersText(const WorkloadOptions& options, CapScope::Kind scope,
                       const CapMember& member) {
  if (scope == CapScope::Kind::kPool) return {};
  const std::uint64_t others = OthersOf(scope, member, options.server_reserve);
  std::string text;
  if (scope == CapScope::Kind::kServer) {
    text = fmt::format(" - {} that ordinary clients never get", member.reserved);
    const std::uint64_t used = member.current > member.own ? member.current - member.own : 0;
    if (others > used) return fmt::format("{} - {} of server_reserve", text, others);
  }
  return fmt::format("{} - {} of others", text, others);
}

// "50 (pool size) - 10 (reserve) = 40 connections".
std::string ArithmeticOf(const WorkloadOptions& options, const CapScope& scope,
                         const ScopeRoom& room) {
  std::string text;
  for (const CapMember& member : scope.members) {
    text += text.empty() ? "" : " + ";
    const std::string one = fmt::format("{} {}{}", WhatIsLimited(scope.scope), member.max,
                                        OthersText(options, scope.scope, member));
    text += scope.members.size() > 1 ? fmt::format("({})", one) : one;
  }
  if (options.reserve > 0) text += fmt::format(" - {} of reserve", options.reserve);
  return fmt::format("{} = {}", text, Count(room.connections, "connection", "connections"));
}

// What else there is to say of the members: " (...)".
std::string NotesOf(const CapScope& scope) {
  std::string text;
  for (const CapMember& member : scope.members) {
    if (member.note.empty()) continue;
    text += fmt::format(" ({})", scope.members.size() == 1
                                     ? member.note
                                     : fmt::format("{}: {}", member.name, member.note));
  }
  return text;
}

std::string UnlimitedText(const CapScope& scope) {
  const auto found =
      std::find_if(scope.members.begin(), scope.members.end(),
                   [](const CapMember& member) { return member.limit == Limit::kUnlimited; });
  return fmt::format("{} does not bind: {}", NamesOf(scope),
                     found->why.empty() ? found->name + " has no limit" : found->why);
}

std::string ScopeText(const WorkloadOptions& options, const CapScope& scope,
                      const ScopeRoom& room) {
  switch (room.limit) {
    case Limit::kUnlimited:
      return UnlimitedText(scope);
    case Limit::kUnknown:
      return UnknownOf(scope);
    case Limit::kLimited:
      return fmt::format("{}: {}{}", NamesOf(scope), ArithmeticOf(options, scope, room),
                         NotesOf(scope));
  }
  return {};
}

}  // namespace

std::string BindingText(const WorkloadInputs& inputs, const PoolCap& cap) {
  std::string text;
  for (std::size_t i = 0; i < cap.scopes.size(); ++i) {
    const auto& binding = cap.binding;
    if (std::find(binding.begin(), binding.end(), cap.scopes[i].scope) == binding.end()) continue;
    text += text.empty() ? "" : " and ";
    text += NamesOf(inputs.cap[i]);
  }
  return text;
}

std::string CapUnknownText(const WorkloadInputs& inputs, const PoolCap& cap) {
  for (std::size_t i = 0; i < cap.scopes.size(); ++i) {
    if (cap.scopes[i].limit == Limit::kUnknown) return UnknownOf(inputs.cap[i]);
  }
  return {};
}

std::vector<std::string> ExplainCap(const WorkloadOptions& options, const WorkloadInputs& inputs,
                                    const PoolCap& cap) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < cap.scopes.size(); ++i) {
    lines.push_back(ScopeText(options, inputs.cap[i], cap.scopes[i]));
  }
  if (cap.limit == Limit::kLimited) {
    lines.push_back(fmt::format("pool cap: {} / {} per worker, rounded down = {}, by {}",
                                Count(cap.connections, "connection", "connections"),
                                ToString(options.connections_per_worker), WorkersText(cap.workers),
                                BindingText(inputs, cap)));
  } else if (cap.limit == Limit::kUnknown) {
    const bool hold = options.pool_when_unknown == WhenPoolUnknown::kHold;
    lines.push_back(hold ? "pool cap: unknown, so nothing is recommended"
                           " (pool_when_unknown = \"hold\")"
                         : "pool cap: unknown, and left out (pool_when_unknown = \"ignore\")");
  } else {
    lines.emplace_back(cap.scopes.empty() ? "pool cap: none, the workload names no pools"
                                          : "pool cap: none, no scope binds");
  }
  return lines;
}

}  // namespace headroom
