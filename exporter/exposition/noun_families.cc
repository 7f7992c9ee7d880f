#include "exporter/exposition/noun_families.h"

#include <array>
#include <cstdint>
#include <optional>

namespace headroom {
namespace {

using std::string_view;

constexpr std::array<string_view, 6> kQueueLabels = {"target", "system", "queue",
                                                     "vhost",  "db",     "consumer_group"};
constexpr std::array<string_view, 7> kQueueStateLabels = {
    "target", "system", "queue", "vhost", "db", "consumer_group", "state"};
constexpr std::array<string_view, 8> kQueueInfoLabels = {
    "target", "system", "queue", "vhost", "db", "consumer_group", "kind", "durable"};
constexpr std::array<string_view, 7> kDeadLetterLabels = {
    "target", "system", "queue", "vhost", "db", "consumer_group", "exchange"};
constexpr std::array<string_view, 3> kGroupLabels = {"target", "system", "group"};
constexpr std::array<string_view, 4> kGroupStateLabels = {"target", "system", "group", "state"};
constexpr std::array<string_view, 6> kPoolLabels = {"target", "system",   "scope",
                                                    "pool",   "database", "user"};
constexpr std::array<string_view, 7> kPoolStateLabels = {"target",   "system", "scope", "pool",
                                                         "database", "user",   "state"};

template <class T>
void Add(Samples& out, const std::optional<T>& value) {
  if (value) out.push_back({{}, Number(*value)});
}

void Add(Samples& out, const std::optional<bool>& value) {
  if (value) out.push_back({{}, Number(std::uint64_t{*value ? 1U : 0U})});
}

template <class T>
void AddState(Samples& out, string_view state, const std::optional<T>& value) {
  if (value) out.push_back({{{{"state", state}}}, Number(*value)});
}

bool AnythingKnown(const Queue& q) {
  return q.ready || q.in_flight || q.delayed || q.dead || q.consumers || q.consumer_capacity ||
         q.memory_bytes || q.oldest_message_age_seconds || q.published || q.delivered ||
         q.acknowledged || q.redelivered || q.missing || q.running;
}

void QueueMessages(const Queue& q, Samples& out) {
  AddState(out, "dead", q.dead);
  AddState(out, "delayed", q.delayed);
  AddState(out, "in_flight", q.in_flight);
  AddState(out, "ready", q.ready);
}

// A queue of which nothing is known in this run is not on the page at all, its info included. One
// whose kind alone is unknown keeps the series, so that a join on it does not lose the queue.
void QueueInfo(const Queue& q, Samples& out) {
  if (!AnythingKnown(q)) return;
  Sample& info = out.emplace_back(Sample{{}, Number(std::uint64_t{1})});
  if (!q.kind.empty()) info.labels[0] = {"kind", q.kind};
  if (q.durable) info.labels[1] = {"durable", *q.durable ? "true" : "false"};
}

void DeadLetterInfo(const Queue& q, Samples& out) {
  if (!q.dead_letter_exchange) return;
  Sample& info = out.emplace_back(Sample{{}, Number(std::uint64_t{1})});
  if (!q.dead_letter_exchange->empty()) info.labels[0] = {"exchange", *q.dead_letter_exchange};
}

constexpr NounFamily<Queue> kQueueFamilies[] = {
    {{"headroom_queue_acknowledged_total",
      "Messages confirmed as done by consumers, as the system counts them.", MetricType::kCounter,
      kQueueLabels},
     [](const Queue& q, Samples& out) { Add(out, q.acknowledged); }},
    {{"headroom_queue_consumer_capacity",
      "Share of time, 0 to 1, in which the queue could hand a message to a consumer at once.",
      MetricType::kGauge, kQueueLabels},
     [](const Queue& q, Samples& out) { Add(out, q.consumer_capacity); }},
    {{"headroom_queue_consumers", "Consumers attached to the queue.", MetricType::kGauge,
      kQueueLabels},
     [](const Queue& q, Samples& out) { Add(out, q.consumers); },
     true},
    {{"headroom_queue_dead_letter_info",
      "Always 1; where the queue sends what it gives up on. No exchange: the default one.",
      MetricType::kGauge, kDeadLetterLabels},
     DeadLetterInfo},
    {{"headroom_queue_dead_letter_queue",
      "1 when another queue of the target sends here what it gives up on.", MetricType::kGauge,
      kQueueLabels},
     [](const Queue& q, Samples& out) { Add(out, q.dead_letter_queue); }},
    {{"headroom_queue_delivered_total",
      "Messages handed to consumers, redeliveries included, as the system counts them.",
      MetricType::kCounter, kQueueLabels},
     [](const Queue& q, Samples& out) { Add(out, q.delivered); }},
    {{"headroom_queue_info",
      "Always 1; its labels are attributes that never change in the queue's life.",
      MetricType::kGauge, kQueueInfoLabels},
     QueueInfo},
    {{"headroom_queue_memory_bytes", "Memory that the queue takes on the server.",
      MetricType::kGauge, kQueueLabels},
     [](const Queue& q, Samples& out) { Add(out, q.memory_bytes); }},
    {{"headroom_queue_messages",
      "Messages in the queue by state; the states are disjoint, backlog is ready + in_flight.",
      MetricType::kGauge, kQueueStateLabels},
     QueueMessages,
     true},
    {{"headroom_queue_missing",
      "1 when a queue named in the configuration does not exist on the server.", MetricType::kGauge,
      kQueueLabels},
     [](const Queue& q, Samples& out) { Add(out, q.missing); }},
    {{"headroom_queue_oldest_message_age_seconds",
      "Age of the oldest message, 0 when the queue is confirmed empty.", MetricType::kGauge,
      kQueueLabels},
     [](const Queue& q, Samples& out) { Add(out, q.oldest_message_age_seconds); }},
    {{"headroom_queue_published_total",
      "Messages that entered the queue, as the system counts them.", MetricType::kCounter,
      kQueueLabels},
     [](const Queue& q, Samples& out) { Add(out, q.published); }},
    {{"headroom_queue_redelivered_total",
      "Messages handed out again after a consumer gave them back or was lost.",
      MetricType::kCounter, kQueueLabels},
     [](const Queue& q, Samples& out) { Add(out, q.redelivered); }},
    {{"headroom_queue_running", "1 when the server serves the queue, 0 when it is there but down.",
      MetricType::kGauge, kQueueLabels},
     [](const Queue& q, Samples& out) { Add(out, q.running); }},
};

void WorkersLive(const WorkerGroup& g, Samples& out) {
  for (const WorkerState& s : g.states) out.push_back({{{{"state", s.state}}}, Number(s.live)});
}

void WorkersStale(const WorkerGroup& g, Samples& out) {
  for (const WorkerState& s : g.states) AddState(out, s.state, s.stale);
}

void WorkersLongest(const WorkerGroup& g, Samples& out) {
  for (const WorkerState& s : g.states) AddState(out, s.state, s.longest_in_state_seconds);
}

constexpr NounFamily<WorkerGroup> kWorkerFamilies[] = {
    {{"headroom_workers", "Live workers by the state they claim; stale ones are not counted.",
      MetricType::kGauge, kGroupStateLabels},
     WorkersLive},
    {{"headroom_workers_longest_in_state_seconds",
      "Longest time that a live worker has been in its state, 0 when none is in it.",
      MetricType::kGauge, kGroupStateLabels},
     WorkersLongest},
    {{"headroom_workers_oldest_heartbeat_age_seconds",
      "Age of the oldest heartbeat among live and stale workers.", MetricType::kGauge,
      kGroupLabels},
     [](const WorkerGroup& g, Samples& out) { Add(out, g.oldest_heartbeat_age_seconds); }},
    {{"headroom_workers_stale",
      "Workers whose heartbeat is too old, by the state they claimed last.", MetricType::kGauge,
      kGroupStateLabels},
     WorkersStale},
};

void PoolConnectionsByState(const Pool& p, Samples& out) {
  for (const PoolConnections& c : p.connections) {
    out.push_back({{{{"state", c.state}}}, Number(c.count)});
  }
}

constexpr NounFamily<Pool> kPoolFamilies[] = {
    {{"headroom_pool_available_connections",
      "Connections that can still be had of the pool; of a pooler's, within all limits on the way.",
      MetricType::kGauge, kPoolLabels},
     [](const Pool& p, Samples& out) { Add(out, p.available_connections); }},
    {{"headroom_pool_budget_connections",
      "Connections that all configured poolers together may open to this server.",
      MetricType::kGauge, kPoolLabels},
     [](const Pool& p, Samples& out) { Add(out, p.budget_connections); }},
    {{"headroom_pool_connections",
      "Connections of the pool by state; never to be summed across scopes or systems.",
      MetricType::kGauge, kPoolStateLabels},
     PoolConnectionsByState},
    {{"headroom_pool_max_connections",
      "Most connections that the pool may hold; absent when it is unlimited or unknown.",
      MetricType::kGauge, kPoolLabels},
     [](const Pool& p, Samples& out) { Add(out, p.max_connections); }},
    {{"headroom_pool_oldest_wait_seconds",
      "How long the client that waits longest has been waiting for a connection.",
      MetricType::kGauge, kPoolLabels},
     [](const Pool& p, Samples& out) { Add(out, p.oldest_wait_seconds); }},
    {{"headroom_pool_reserved_connections",
      "Connections of the maximum that ordinary clients cannot have.", MetricType::kGauge,
      kPoolLabels},
     [](const Pool& p, Samples& out) { Add(out, p.reserved_connections); }},
    {{"headroom_pool_waiting_clients", "Clients that wait for a connection.", MetricType::kGauge,
      kPoolLabels},
     [](const Pool& p, Samples& out) { Add(out, p.waiting_clients); }},
};

}  // namespace

std::span<const NounFamily<Queue>> QueueFamilies() { return kQueueFamilies; }
std::span<const NounFamily<WorkerGroup>> WorkerFamilies() { return kWorkerFamilies; }
std::span<const NounFamily<Pool>> PoolFamilies() { return kPoolFamilies; }

std::string_view Name(PoolScope scope) {
  switch (scope) {
    case PoolScope::kPool:
      return "pool";
    case PoolScope::kDatabase:
      return "database";
    case PoolScope::kUser:
      return "user";
    case PoolScope::kServer:
      return "server";
  }
  return "server";
}

}  // namespace headroom
