// /api/queues and /api/queues/vhost/name, to QueueRow.
#include <algorithm>
#include <array>
#include <span>
#include <tuple>
#include <utility>

#include "collectors/rabbitmq/json_members.h"
#include "collectors/rabbitmq/management_reply.h"

namespace headroom::rabbitmq {
namespace {

// message_stats as it is written; `delivered` is a sum over four of them.
struct Counters {
  std::optional<std::uint64_t> publish, ack, redeliver;
  std::optional<std::uint64_t> deliver, deliver_no_ack, get, get_no_ack;
};

struct Arguments {
  std::optional<std::string> type;
  bool priorities = false;
};

// The row, and what has to be seen whole before it can be filled in.
struct Draft {
  QueueRow row;
  std::optional<std::string> vhost, name;
  std::optional<std::string> type;  // the member; arguments say it too, if the declarer did
  Arguments arguments;
  Counters counters;
  bool has_capacity = false;
  std::optional<double> capacity, utilisation;
};

constexpr auto kCounters = std::to_array<JsonMember<Counters>>({
    {"ack", [](Counters& out, JsonValue& value) { out.ack = value.Count(); }},
    {"deliver", [](Counters& out, JsonValue& value) { out.deliver = value.Count(); }},
    {"deliver_no_ack", [](Counters& out, JsonValue& value) { out.deliver_no_ack = value.Count(); }},
    {"get", [](Counters& out, JsonValue& value) { out.get = value.Count(); }},
    {"get_no_ack", [](Counters& out, JsonValue& value) { out.get_no_ack = value.Count(); }},
    {"publish", [](Counters& out, JsonValue& value) { out.publish = value.Count(); }},
    {"redeliver", [](Counters& out, JsonValue& value) { out.redeliver = value.Count(); }},
});
static_assert(IsTable<Counters>(kCounters));

constexpr auto kArguments = std::to_array<JsonMember<Arguments>>({
    {"x-max-priority", [](Arguments& out, JsonValue&) { out.priorities = true; }},
    {"x-queue-type", [](Arguments& out, JsonValue& value) { out.type = value.Text(); }},
});
static_assert(IsTable<Arguments>(kArguments));

// Words of RabbitMQ 3.8 to 4.1 (rabbit_amqqueue, rabbit_quorum_queue, rabbit_stream_queue and the
// management plugin). "live" is what a queue's record says, in replies without statistics.
std::optional<bool> IsRunning(std::string_view state) {
  constexpr auto kUp =
      std::to_array<std::string_view>({"running", "live", "idle", "flow", "syncing"});
  constexpr auto kDown = std::to_array<std::string_view>(
      {"down", "stopped", "crashed", "minority", "terminated", "nodedown"});
  if (std::find(kUp.begin(), kUp.end(), state) != kUp.end()) return true;
  if (std::find(kDown.begin(), kDown.end(), state) != kDown.end()) return false;
  return std::nullopt;
}

// The timestamp property has whole seconds and any value; 0 and less say nothing about an age.
std::optional<std::int64_t> Timestamp(std::optional<std::int64_t> seconds) {
  return seconds && *seconds > 0 ? seconds : std::nullopt;
}

std::optional<double> Share(std::optional<double> value) {
  return value && *value >= 0 && *value <= 1 ? value : std::nullopt;
}

constexpr auto kMembers = std::to_array<JsonMember<Draft>>({
    {"arguments",
     [](Draft& out, JsonValue& value) {
       if (!ReadMembers<Arguments>(value, kArguments, out.arguments)) return;
       out.row.priorities = out.arguments.priorities;
     }},
    {"consumer_capacity",
     [](Draft& out, JsonValue& value) {
       out.has_capacity = true;
       out.capacity = Share(value.Number());
     }},
    {"consumer_utilisation",
     [](Draft& out, JsonValue& value) { out.utilisation = Share(value.Number()); }},
    {"consumers", [](Draft& out, JsonValue& value) { out.row.consumers = value.Count(); }},
    {"durable", [](Draft& out, JsonValue& value) { out.row.durable = value.Flag(); }},
    {"head_message_timestamp",
     [](Draft& out, JsonValue& value) { out.row.head_timestamp = Timestamp(value.Integer()); }},
    {"memory", [](Draft& out, JsonValue& value) { out.row.memory_bytes = value.Count(); }},
    {"message_stats",
     [](Draft& out, JsonValue& value) { ReadMembers<Counters>(value, kCounters, out.counters); }},
    {"messages_ready", [](Draft& out, JsonValue& value) { out.row.ready = value.Count(); }},
    {"messages_unacknowledged",
     [](Draft& out, JsonValue& value) { out.row.unacked = value.Count(); }},
    {"name", [](Draft& out, JsonValue& value) { out.name = value.Text(); }},
    {"node",
     [](Draft& out, JsonValue& value) {
       if (auto node = value.Text()) out.row.node = std::move(*node);
     }},
    {"state",
     [](Draft& out, JsonValue& value) {
       if (auto state = value.Text()) out.row.running = IsRunning(*state);
     }},
    {"type", [](Draft& out, JsonValue& value) { out.type = value.Text(); }},
    {"vhost", [](Draft& out, JsonValue& value) { out.vhost = value.Text(); }},
});
static_assert(IsTable<Draft>(kMembers));

// RabbitMQ 3.10 and 4.0 write all four or none (one sample is one tuple): one that cannot be read
// makes the sum unknown, and is not taken for 0.
std::optional<std::uint64_t> Delivered(const Counters& counters) {
  std::uint64_t sum = 0;
  for (const auto& part :
       {counters.deliver, counters.deliver_no_ack, counters.get, counters.get_no_ack}) {
    if (!part || __builtin_add_overflow(sum, *part, &sum)) return std::nullopt;
  }
  return sum;
}

// What a queue without a working leader still says is what some table last held. Seen: a 4.0
// quorum queue in "minority" repeats the numbers of before the loss. Waiting work that nobody can
// take or confirm is not known to be there, so the row keeps its identity only.
void DropNumbers(QueueRow& row) {
  QueueRow bare;
  bare.vhost = std::move(row.vhost);
  bare.name = std::move(row.name);
  bare.kind = std::move(row.kind);
  bare.node = std::move(row.node);
  bare.durable = row.durable;
  bare.running = row.running;
  row = std::move(bare);
}

QueueRow Finish(Draft&& draft) {
  QueueRow row = std::move(draft.row);
  row.vhost = std::move(*draft.vhost);
  row.name = std::move(*draft.name);
  if (!draft.type) draft.type = std::move(draft.arguments.type);
  if (draft.type) row.kind = std::move(*draft.type);
  row.consumer_capacity = draft.has_capacity ? draft.capacity : draft.utilisation;
  row.published = draft.counters.publish;
  row.delivered = Delivered(draft.counters);
  row.acknowledged = draft.counters.ack;
  row.redelivered = draft.counters.redeliver;
  if (row.running == false) DropNumbers(row);
  return row;
}

bool SaysWhich(const Draft& draft) { return draft.vhost && draft.name; }

auto Identity(const QueueRow& row) { return std::tie(row.vhost, row.name); }

}  // namespace

Result<std::vector<QueueRow>> ParseQueueList(std::string& body) {
  std::vector<QueueRow> rows;
  Status status = ReadObjects<Draft>(body, kMembers, [&](Draft&& draft, JsonValue& element) {
    if (!SaysWhich(draft)) return element.Refuse("a queue has no vhost or no name");
    if (draft.name->empty()) return;
    rows.push_back(Finish(std::move(draft)));
  });
  if (!status.ok()) return std::move(status).error();
  return SortedUnique(std::move(rows), Identity);
}

Result<QueueRow> ParseQueue(std::string& body) {
  Draft draft;
  Status status = WalkJson(body, [&](JsonValue root) {
    if (!ReadMembers<Draft>(root, kMembers, draft)) return root.Refuse("it is no object");
    if (!SaysWhich(draft) || draft.name->empty()) root.Refuse("it is no queue");
  });
  if (!status.ok()) return std::move(status).error();
  return Finish(std::move(draft));
}

}  // namespace headroom::rabbitmq
