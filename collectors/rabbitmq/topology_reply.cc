// What changes rarely: the queues' traits, policies, bindings.
#include <algorithm>
#include <array>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "collectors/rabbitmq/json_members.h"
#include "collectors/rabbitmq/management_reply.h"

namespace headroom::rabbitmq {
namespace {

void Take(std::string& out, JsonValue& value) {
  if (auto text = value.Text()) out = std::move(*text);
}

struct Settings {
  std::optional<std::string> exchange, routing_key, queue_type;
  bool priorities = false;
};

constexpr auto kArguments = std::to_array<JsonMember<Settings>>({
    {"x-dead-letter-exchange", [](Settings& out, JsonValue& v) { out.exchange = v.Text(); }},
    {"x-dead-letter-routing-key", [](Settings& out, JsonValue& v) { out.routing_key = v.Text(); }},
    {"x-max-priority", [](Settings& out, JsonValue&) { out.priorities = true; }},
    {"x-queue-type", [](Settings& out, JsonValue& v) { out.queue_type = v.Text(); }},
});
static_assert(IsTable<Settings>(kArguments));

constexpr auto kDefinition = std::to_array<JsonMember<Settings>>({
    {"dead-letter-exchange", [](Settings& out, JsonValue& v) { out.exchange = v.Text(); }},
    {"dead-letter-routing-key", [](Settings& out, JsonValue& v) { out.routing_key = v.Text(); }},
});
static_assert(IsTable<Settings>(kDefinition));

// A queue, or a policy, while it is read.
template <class T>
struct Named {
  T object;
  std::optional<std::string> vhost, name;
  std::optional<std::string> type;
  Settings settings;
};
using TraitsDraft = Named<QueueTraits>;
using PolicyDraft = Named<Policy>;

constexpr auto kTraits = std::to_array<JsonMember<TraitsDraft>>({
    {"arguments",
     [](TraitsDraft& out, JsonValue& v) { ReadMembers<Settings>(v, kArguments, out.settings); }},
    {"durable", [](TraitsDraft& out, JsonValue& v) { out.object.durable = v.Flag(); }},
    {"name", [](TraitsDraft& out, JsonValue& v) { out.name = v.Text(); }},
    {"policy", [](TraitsDraft& out, JsonValue& v) { Take(out.object.policy, v); }},
    {"type", [](TraitsDraft& out, JsonValue& v) { out.type = v.Text(); }},
    {"vhost", [](TraitsDraft& out, JsonValue& v) { out.vhost = v.Text(); }},
});
static_assert(IsTable<TraitsDraft>(kTraits));

constexpr auto kPolicy = std::to_array<JsonMember<PolicyDraft>>({
    {"definition",
     [](PolicyDraft& out, JsonValue& v) { ReadMembers<Settings>(v, kDefinition, out.settings); }},
    {"name", [](PolicyDraft& out, JsonValue& v) { out.name = v.Text(); }},
    {"vhost", [](PolicyDraft& out, JsonValue& v) { out.vhost = v.Text(); }},
});
static_assert(IsTable<PolicyDraft>(kPolicy));

template <class T>
T Finish(Named<T>&& draft) {
  T object = std::move(draft.object);
  object.vhost = std::move(*draft.vhost);
  object.name = std::move(*draft.name);
  if constexpr (std::is_same_v<T, QueueTraits>) {
    if (!draft.type) draft.type = std::move(draft.settings.queue_type);
    if (draft.type) object.kind = std::move(*draft.type);
    object.priorities = draft.settings.priorities;
  }
  object.dead_letter_exchange = std::move(draft.settings.exchange);
  object.dead_letter_routing_key = std::move(draft.settings.routing_key);
  return object;
}

template <class T>
Result<std::vector<T>> ParseNamed(std::string& body, std::span<const JsonMember<Named<T>>> table) {
  std::vector<T> all;
  Status status = ReadObjects<Named<T>>(body, table, [&](Named<T>&& draft, JsonValue& element) {
    if (!draft.vhost || !draft.name) return element.Refuse("an element has no vhost or no name");
    if (draft.name->empty()) return;
    all.push_back(Finish(std::move(draft)));
  });
  if (!status.ok()) return std::move(status).error();
  return SortedUnique(std::move(all), [](const T& one) { return std::tie(one.vhost, one.name); });
}

struct BindingDraft {
  std::string destination_type, destination;
  std::optional<std::string> routing_key;
};

constexpr auto kBinding = std::to_array<JsonMember<BindingDraft>>({
    {"destination", [](BindingDraft& out, JsonValue& v) { Take(out.destination, v); }},
    {"destination_type", [](BindingDraft& out, JsonValue& v) { Take(out.destination_type, v); }},
    {"routing_key", [](BindingDraft& out, JsonValue& v) { out.routing_key = v.Text(); }},
});
static_assert(IsTable<BindingDraft>(kBinding));

struct ExchangeDraft {
  std::optional<std::string> type;
};

constexpr auto kExchange = std::to_array<JsonMember<ExchangeDraft>>({
    {"type", [](ExchangeDraft& out, JsonValue& v) { out.type = v.Text(); }},
});
static_assert(IsTable<ExchangeDraft>(kExchange));

}  // namespace

Result<std::vector<QueueTraits>> ParseQueueTraits(std::string& body) {
  return ParseNamed<QueueTraits>(body, kTraits);
}

Result<std::vector<Policy>> ParsePolicies(std::string& body) {
  return ParseNamed<Policy>(body, kPolicy);
}

Result<std::vector<Binding>> ParseBindings(std::string& body) {
  std::vector<Binding> bindings;
  Status status =
      ReadObjects<BindingDraft>(body, kBinding, [&](BindingDraft&& draft, JsonValue& element) {
        if (draft.destination.empty() || !draft.routing_key) {
          return element.Refuse("a binding has no destination or no routing key");
        }
        Binding binding;
        binding.routing_key = std::move(*draft.routing_key);
        if (draft.destination_type == "queue") {
          binding.queue = std::move(draft.destination);
        } else if (draft.destination_type == "exchange") {
          binding.exchange = std::move(draft.destination);
        } else {
          return element.Refuse("a binding leads neither to a queue nor to an exchange");
        }
        bindings.push_back(std::move(binding));
      });
  if (!status.ok()) return std::move(status).error();
  return bindings;
}

Result<std::string> ParseExchangeKind(std::string& body) {
  ExchangeDraft draft;
  Status status = WalkJson(body, [&](JsonValue root) {
    if (!ReadMembers<ExchangeDraft>(root, kExchange, draft)) root.Refuse("it is no object");
  });
  if (!status.ok()) return std::move(status).error();
  if (!draft.type) return Error{ErrorKind::kProtocol, "an exchange has no type"};
  return std::move(*draft.type);
}

}  // namespace headroom::rabbitmq
