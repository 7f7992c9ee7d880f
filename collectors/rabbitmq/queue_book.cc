#include "collectors/rabbitmq/queue_book.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace headroom::rabbitmq {
namespace {

// Names may hold any byte, so no separator would do.
void SetKey(std::string& key, std::string_view vhost, std::string_view name) {
  key = std::to_string(vhost.size());
  key += ':';
  key += vhost;
  key += name;
}

bool Empty(const QueueRow& row) { return row.ready == 0U && row.unacked == 0U; }

}  // namespace

QueueBook::QueueBook(const RabbitmqOptions& options)
    : wanted_(options.wanted), pattern_ttl_(options.pattern_ttl) {}

QueueBook::Entry& QueueBook::EntryOf(std::string_view vhost, std::string_view name) {
  SetKey(key_, vhost, name);
  const auto [it, added] = entries_.try_emplace(key_);
  if (added) it->second.id = {std::string(vhost), std::string(name)};
  return it->second;
}

const QueueBook::Entry* QueueBook::Find(const QueueId& id) const {
  std::string key;
  SetKey(key, id.vhost, id.name);
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : &found->second;
}

Queue QueueBook::FromRow(const QueueRow& row, bool declared, const RunFacts& run) {
  Entry& entry = EntryOf(row.vhost, row.name);
  entry.discovered = !declared;
  entry.seen = run.now;
  entry.gone_at.reset();
  entry.not_found_since.reset();

  Queue queue;
  queue.name = row.name;
  queue.vhost = row.vhost;
  queue.declared = declared;
  queue.has_in_flight = true;
  queue.has_consumers = true;
  queue.running = row.running;
  if (declared) queue.missing = false;
  if (wanted_.info) {
    queue.kind = row.kind;
    queue.durable = row.durable;
  }
  if (row.running == false) return queue;
  queue.ready = row.ready;
  queue.in_flight = row.unacked;
  if (wanted_.consumers) queue.consumers = row.consumers;
  if (wanted_.capacity) queue.consumer_capacity = row.consumer_capacity;
  if (wanted_.memory) queue.memory_bytes = row.memory_bytes;
  if (wanted_.rates) AddCounters(row, run, entry, queue);
  if (wanted_.age) AddAge(row, run, entry, queue);
  return queue;
}

void QueueBook::AddCounters(const QueueRow& row, const RunFacts& run, Entry& entry,
                            Queue& queue) const {
  if (!run.epoch) return;
  const auto guard = [&run](CounterGuard& counter, const std::optional<std::uint64_t>& raw) {
    return raw ? counter.Next(*raw, *run.epoch, run.nodes, run.now, run.restarts) : std::nullopt;
  };
  queue.published = guard(entry.published, row.published);
  queue.delivered = guard(entry.delivered, row.delivered);
  queue.acknowledged = guard(entry.acknowledged, row.acknowledged);
  queue.redelivered = guard(entry.redelivered, row.redelivered);
}

// An empty queue has age 0 only if its messages are known to bear timestamps: of others the age
// can never be known, and then it is not 0 either.
void QueueBook::AddAge(const QueueRow& row, const RunFacts& run, Entry& entry, Queue& queue) const {
  if (row.head_timestamp) {
    const auto age = AgeSince(static_cast<double>(*row.head_timestamp), run.wall);
    if (!age) return;
    entry.has_timestamps = true;
    queue.oldest_message_age_seconds = age;
  } else if (entry.has_timestamps && Empty(row)) {
    queue.oldest_message_age_seconds = 0;
  }
}

Queue QueueBook::Missing(const QueueId& id, bool declared) const {
  Queue queue;
  queue.name = id.name;
  queue.vhost = id.vhost;
  queue.declared = declared;
  queue.has_in_flight = true;
  queue.has_consumers = true;
  queue.ready = 0;
  queue.in_flight = 0;
  if (wanted_.consumers) queue.consumers = 0;
  if (declared) queue.missing = true;
  return queue;
}

std::vector<QueueId> QueueBook::Vanished(const RunFacts& run, Order order) {
  struct Found {
    SteadyTime since;
    std::optional<SteadyTime> asked_at;
    QueueId id;
  };
  std::vector<Found> found;
  std::erase_if(entries_, [&](const auto& item) {
    const Entry& entry = item.second;
    if (entry.seen == run.now || (entry.seen && !entry.discovered)) return false;
    const auto since = entry.seen ? entry.seen : entry.not_found_since;
    if (!since || run.now - *since > pattern_ttl_) return true;
    if (entry.seen) found.push_back({*since, entry.asked_at, entry.id});
    return false;
  });
  std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) {
    return std::tie(b.since, b.id) < std::tie(a.since, a.id);
  });
  while (found.size() > kMaxVanished) {
    SetKey(key_, found.back().id.vhost, found.back().id.name);
    entries_.erase(key_);
    found.pop_back();
  }
  if (order == Order::kLongestUnaskedFirst) {
    std::stable_sort(found.begin(), found.end(),
                     [](const Found& a, const Found& b) { return a.asked_at < b.asked_at; });
  }
  std::vector<QueueId> vanished;
  vanished.reserve(found.size());
  for (Found& queue : found) vanished.push_back(std::move(queue.id));
  return vanished;
}

bool QueueBook::SeenIn(const QueueId& id, const RunFacts& run) const {
  const Entry* entry = Find(id);
  return entry != nullptr && entry->seen == run.now;
}

bool QueueBook::BelieveGone(const QueueId& id, const RunFacts& run) {
  Entry& entry = EntryOf(id.vhost, id.name);
  if (!entry.not_found_since) entry.not_found_since = run.now;
  const bool settled = run.uptime && *run.uptime >= kSettled;
  const bool lasting = run.now - *entry.not_found_since >= kPatience;
  if (!settled || (entry.seen && !lasting)) return false;
  entry.gone_at = run.now;
  return true;
}

bool QueueBook::KnownGone(const QueueId& id) const {
  const Entry* entry = Find(id);
  return entry != nullptr && entry->gone_at;
}

bool QueueBook::GoneLately(const QueueId& id, const RunFacts& run) const {
  const Entry* entry = Find(id);
  return entry != nullptr && entry->gone_at && run.now - *entry->gone_at < kTrust;
}

void QueueBook::MarkAsked(const QueueId& id, const RunFacts& run) {
  EntryOf(id.vhost, id.name).asked_at = run.now;
}

void QueueBook::Doubt() {
  for (auto& [key, entry] : entries_) {
    entry.gone_at.reset();
    entry.not_found_since.reset();
  }
}

}  // namespace headroom::rabbitmq
