#include "collectors/rabbitmq/queue_table.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <deque>
#include <initializer_list>
#include <string>

#include "collectors/rabbitmq/exposition_scanner.h"

namespace headroom::rabbitmq {
namespace {

constexpr std::uint32_t Bit(QueueField field) { return 1U << static_cast<unsigned>(field); }
constexpr std::uint32_t kCoarse = (1U << kCoarseFields) - 1;

// Disengaged: the broker does not know it (NaN), or it is no count.
std::optional<std::uint64_t> AsCount(double value) {
  constexpr double kMaxExact = 9007199254740992;  // 2^53
  if (!(value >= 0 && value <= kMaxExact) || std::signbit(value)) return std::nullopt;
  if (value != std::floor(value)) return std::nullopt;
  return static_cast<std::uint64_t>(value);
}

std::optional<std::int64_t> AsTimestamp(double value) {
  const std::optional<std::uint64_t> seconds = AsCount(value);
  if (!seconds || *seconds == 0) return std::nullopt;  // 1970: a publisher that set nothing
  return static_cast<std::int64_t>(*seconds);
}

// A share of time.
std::optional<double> AsShare(double value) {
  if (!(value >= 0 && value <= 1)) return std::nullopt;
  return value;
}

// "rabbit_quorum_queue" (RabbitMQ 4.1) -> "quorum". Empty: one of the kinds that a plugin adds.
std::string_view KindOf(std::string_view queue_type) {
  if (queue_type == "rabbit_classic_queue") return "classic";
  if (queue_type == "rabbit_quorum_queue") return "quorum";
  if (queue_type == "rabbit_stream_queue") return "stream";
  return {};
}

// Disengaged: one of them is unknown.
std::optional<std::uint64_t> Sum(std::initializer_list<std::optional<std::uint64_t>> parts) {
  std::uint64_t sum = 0;
  for (const std::optional<std::uint64_t>& part : parts) {
    if (!part) return std::nullopt;
    sum += *part;
  }
  return sum;
}

}  // namespace

void QueueTable::BeginFamily(QueueField field) {
  families_ |= Bit(field);
  next_ = 0;
}

void QueueTable::Add(QueueField field, std::string_view labels, std::string_view tail) {
  Slot& slot = Find(labels);
  const std::optional<double> value = ParseSampleValue(tail);
  if (!value || (slot.seen & Bit(field)) != 0) slot.distrusted = true;
  slot.seen |= Bit(field);
  if (value) slot.values[static_cast<std::size_t>(field)] = *value;
}

void QueueTable::AddPublished(std::string_view labels, std::string_view tail) {
  published_.push_back({labels, ParseSampleValue(tail)});
}

void QueueTable::AddInfo(std::string_view labels) { infos_.push_back(labels); }

void QueueTable::Distrust(std::string_view labels) { Find(labels).distrusted = true; }

QueueTable::Slot& QueueTable::Find(std::string_view labels) {
  if (next_ < slots_.size() && slots_[next_].labels == labels) return slots_[next_++];
  const auto [found, is_new] = slot_of_.try_emplace(labels, slots_.size());
  if (is_new) slots_.emplace_back().labels = labels;
  next_ = found->second + 1;
  return slots_[found->second];
}

struct QueueTable::Naming {
  std::vector<Entry> entries;  // sorted by queue
  std::size_t nameless = 0;    // slots
  bool published_complete = true;
  std::deque<std::string> decoded;  // what the entries point to, where not into the page

  // Disengaged: the text does not name a queue for certain, or lacks the label `also`, or, unless
  // `open`, has one more.
  std::optional<Entry> Name(std::string_view text, Escaping escaping, std::string_view also = {},
                            bool open = false) {
    const std::optional<Labels> labels = Labels::Parse(text, escaping);
    if (!labels || (!open && labels->size() != (also.empty() ? 2 : 3))) return std::nullopt;
    const auto vhost = labels->Get("vhost", decoded);
    const auto queue = labels->Get("queue", decoded);
    const auto more = also.empty() ? std::string_view() : labels->Get(also, decoded);
    if (!vhost || !queue || !more) return std::nullopt;
    return Entry{*vhost, *queue, nullptr, nullptr, *more};
  }
};

QueueTable::Naming QueueTable::NameQueues(Escaping escaping) const {
  Naming naming;
  naming.entries.reserve(slots_.size() + published_.size() + infos_.size());
  for (const Slot& slot : slots_) {
    std::optional<Entry> entry = naming.Name(slot.labels, escaping);
    if (!entry) {
      ++naming.nameless;
      continue;
    }
    entry->slot = &slot;
    naming.entries.push_back(*entry);
  }
  for (const Published& published : published_) {
    std::optional<Entry> entry = naming.Name(published.labels, escaping, "exchange");
    // It may be one more of any queue.
    if (!entry) naming.published_complete = false;
    if (!entry) continue;
    entry->published = &published;
    naming.entries.push_back(*entry);
  }
  for (const std::string_view info : infos_) {
    const auto entry = naming.Name(info, escaping, "queue_type", /*open=*/true);
    if (entry) naming.entries.push_back(*entry);
  }
  std::sort(naming.entries.begin(), naming.entries.end(), [](const Entry& a, const Entry& b) {
    const int vhost = a.vhost.compare(b.vhost);
    return vhost != 0 ? vhost < 0 : a.name < b.name;
  });
  return naming;
}

bool QueueTable::IsCorroborated(const Slot& slot) const {
  const std::uint32_t coarse = families_ & kCoarse;
  return std::popcount(coarse) >= 2 && (slot.seen & coarse) == coarse;
}

// Of all entries of one queue. Two texts may name the same queue; they must not say the same twice.
struct QueueTable::Joined {
  Slot numbers;
  std::size_t exchanges = 0;
  std::optional<std::uint64_t> published;
  std::string_view kind;

  void Add(const Entry& entry) {
    if (entry.slot != nullptr) {
      const Slot& slot = *entry.slot;
      numbers.distrusted |= slot.distrusted || (numbers.seen & slot.seen) != 0;
      for (std::size_t i = 0; i < kQueueFields; ++i) {
        if (numbers.seen == 0 || (slot.seen >> i & 1U) != 0) numbers.values[i] = slot.values[i];
      }
      numbers.seen |= slot.seen;
    } else if (entry.published != nullptr) {
      ++exchanges;
      if (entry.published->value) published = AsCount(*entry.published->value);
    } else {
      kind = KindOf(entry.type);
    }
  }

  std::optional<double> Number(QueueField field) const {
    if ((numbers.seen & Bit(field)) == 0) return std::nullopt;
    return numbers.values[static_cast<std::size_t>(field)];
  }
  std::optional<std::uint64_t> Count(QueueField field) const {
    const std::optional<double> number = Number(field);
    return number ? AsCount(*number) : std::nullopt;
  }
  void FillIn(QueueRow& row) const;
};

void QueueTable::Joined::FillIn(QueueRow& row) const {
  row.kind = kind;
  row.ready = Count(QueueField::kReady);
  row.unacked = Count(QueueField::kUnacked);
  row.consumers = Count(QueueField::kConsumers);
  row.memory_bytes = Count(QueueField::kMemory);
  row.redelivered = Count(QueueField::kRedelivered);
  row.acknowledged = Count(QueueField::kAcknowledged);
  row.delivered = Sum({Count(QueueField::kGetAck), Count(QueueField::kGetNoAck),
                       Count(QueueField::kDeliveredAck), Count(QueueField::kDeliveredNoAck)});
  if (const auto share = Number(QueueField::kCapacity)) row.consumer_capacity = AsShare(*share);
  if (const auto time = Number(QueueField::kHeadTimestamp)) row.head_timestamp = AsTimestamp(*time);
  if (exchanges == 1) row.published = published;
  row.split_published = exchanges > 1;
}

QueueTable::Told QueueTable::Tell(Escaping escaping) const {
  const Naming naming = NameQueues(escaping);
  Told told;
  told.unreadable = naming.nameless;
  told.rows.reserve(slots_.size());
  const auto end = naming.entries.end();
  for (auto entry = naming.entries.begin(); entry != end;) {
    const Entry& first = *entry;
    Joined joined;
    for (; entry != end && entry->name == first.name && entry->vhost == first.vhost; ++entry) {
      joined.Add(*entry);
    }
    // Rows with an exchange stand in one family only: without escaping nothing bears them out.
    if (escaping == Escaping::kNone || !naming.published_complete) joined.exchanges = 0;
    const bool certain = !joined.numbers.distrusted &&
                         (escaping == Escaping::kStandard || IsCorroborated(joined.numbers));
    if (joined.numbers.seen == 0 && !joined.numbers.distrusted && joined.exchanges == 0) {
      continue;  // a follower of a quorum queue: its numbers are on the leader's page
    }
    if (certain) {
      QueueRow& row = told.rows.emplace_back();
      row.vhost = first.vhost;
      row.name = first.name;
      joined.FillIn(row);
    } else {
      ++told.unreadable;
    }
  }
  return told;
}

}  // namespace headroom::rabbitmq
