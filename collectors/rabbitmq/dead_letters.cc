#include "collectors/rabbitmq/dead_letters.h"

#include <optional>
#include <string_view>

namespace headroom::rabbitmq {
namespace {

struct Route {
  std::string exchange;
  std::optional<std::string> routing_key;
};

using PolicyIndex = std::map<ObjectId, const Policy*>;

PolicyIndex ByName(const std::vector<Policy>& policies) {
  PolicyIndex index;
  for (const Policy& policy : policies) index.emplace(ObjectId(policy.vhost, policy.name), &policy);
  return index;
}

std::optional<Route> RouteOf(const QueueTraits& queue, const PolicyIndex& policies) {
  if (queue.kind == "stream") return std::nullopt;  // policies may match one, and do nothing to it
  std::optional<std::string> exchange = queue.dead_letter_exchange;
  std::optional<std::string> routing_key = queue.dead_letter_routing_key;
  const auto policy = policies.find(ObjectId(queue.vhost, queue.policy));
  if (policy != policies.end()) {
    if (!exchange) exchange = policy->second->dead_letter_exchange;
    if (!routing_key) routing_key = policy->second->dead_letter_routing_key;
  }
  if (!exchange) return std::nullopt;
  return Route{std::move(*exchange), std::move(routing_key)};
}

bool IsDirect(std::string_view name, std::string_view kind) {
  return kind.empty() ? name == "amq.direct" : kind == "direct";
}

// Follows a route through bindings, each exchange once.
class Follower {
 public:
  explicit Follower(const Exchanges& exchanges) : exchanges_(exchanges) {}

  void Follow(const std::string& vhost, const Route& route) {
    if (route.exchange.empty()) {
      if (route.routing_key && !route.routing_key->empty()) {
        queues_.emplace(vhost, *route.routing_key);
      }
      return;
    }
    const ObjectId start(vhost, route.exchange);
    if (!seen_.insert({start, route.routing_key}).second) return;
    std::vector<ObjectId> open = {start};
    while (!open.empty()) {
      const ObjectId at = std::move(open.back());
      open.pop_back();
      Visit(at, route.routing_key, open);
    }
  }

  std::set<ObjectId> TakeQueues() { return std::move(queues_); }
  std::set<ObjectId> TakeUnknown() { return std::move(unknown_); }

 private:
  void Visit(const ObjectId& at, const std::optional<std::string>& key,
             std::vector<ObjectId>& open) {
    const auto exchange = exchanges_.find(at);
    if (exchange == exchanges_.end()) {
      unknown_.insert(at);
      return;
    }
    const bool by_key = key && IsDirect(at.second, exchange->second.kind);
    for (const Binding& binding : exchange->second.bindings) {
      if (by_key && binding.routing_key != *key) continue;
      if (!binding.queue.empty()) queues_.emplace(at.first, binding.queue);
      if (binding.exchange.empty()) continue;
      ObjectId next(at.first, binding.exchange);
      if (seen_.insert({next, key}).second) open.push_back(std::move(next));
    }
  }

  const Exchanges& exchanges_;
  std::set<std::pair<ObjectId, std::optional<std::string>>> seen_;
  std::set<ObjectId> queues_;
  std::set<ObjectId> unknown_;
};

}  // namespace

DeadLetters FindDeadLetters(const std::vector<QueueTraits>& traits,
                            const std::vector<Policy>& policies, const Exchanges& exchanges) {
  const PolicyIndex index = ByName(policies);
  DeadLetters found;
  Follower follower(exchanges);
  for (const QueueTraits& queue : traits) {
    const std::optional<Route> route = RouteOf(queue, index);
    if (!route) continue;
    found.exchange_of.emplace(ObjectId(queue.vhost, queue.name), route->exchange);
    follower.Follow(queue.vhost, *route);
  }
  found.queues = follower.TakeQueues();
  return found;
}

std::set<ObjectId> ExchangesToAsk(const std::vector<QueueTraits>& traits,
                                  const std::vector<Policy>& policies, const Exchanges& exchanges) {
  const PolicyIndex index = ByName(policies);
  Follower follower(exchanges);
  for (const QueueTraits& queue : traits) {
    if (const std::optional<Route> route = RouteOf(queue, index)) {
      follower.Follow(queue.vhost, *route);
    }
  }
  return follower.TakeUnknown();
}

}  // namespace headroom::rabbitmq
