// Which queues have a dead-letter exchange, and which queues are where dead letters end up. Pure.
//
// Facts, tried with RabbitMQ 3.10.8 and 4.0.5: exchange and routing key are settled one by one,
// each by the queue's argument if it has one, else by the policy that applies to the queue; a
// stream has neither. The exchange is one of the queue's own vhost.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "collectors/rabbitmq/management_reply.h"

namespace headroom::rabbitmq {

using ObjectId = std::pair<std::string, std::string>;  // vhost, name

struct Exchange {
  std::string kind;  // "direct", "topic", ...; empty: not known (the built-in ones need none)
  std::vector<Binding> bindings;
};
using Exchanges = std::map<ObjectId, Exchange>;

struct DeadLetters {
  std::map<ObjectId, std::string> exchange_of;  // of each queue that has one; "": the default one
  // Where somebody's dead letters can end up. Through the default exchange: the queue that the
  // routing key names; without a key a message keeps its own, and nothing can be said. Else what is
  // bound to the exchange, directly or through others: under that key where the exchange is known
  // to be direct and the key is set, under any where not.
  std::set<ObjectId> queues;
};
// Exchanges that are not in `exchanges` count as having no bindings.
DeadLetters FindDeadLetters(const std::vector<QueueTraits>& traits,
                            const std::vector<Policy>& policies, const Exchanges& exchanges);

// The exchanges whose bindings have to be asked for, less those that are in `exchanges`. Ask again
// with the answers: bindings lead from exchange to exchange. Empty: all is known.
std::set<ObjectId> ExchangesToAsk(const std::vector<QueueTraits>& traits,
                                  const std::vector<Policy>& policies, const Exchanges& exchanges);

}  // namespace headroom::rabbitmq
