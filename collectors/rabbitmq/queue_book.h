// QueueBook: what a RabbitMQ target remembers from run to run about each queue, and how a row
// becomes a Queue.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "collectors/clock.h"
#include "collectors/rabbitmq/counter_guard.h"
#include "collectors/rabbitmq/options.h"
#include "collectors/rabbitmq/queue_row.h"
#include "collectors/reading.h"

namespace headroom::rabbitmq {

// What one run is made with.
struct RunFacts {
  SteadyTime now;
  WallTime wall;
  // For how long every node has been running; disengaged: not known.
  std::optional<Duration> uptime;
  // In which span of time counters may be compared, and over how many nodes they are sums.
  // Disengaged: some node did not answer, so that no sum is whole.
  std::optional<std::uint64_t> epoch;
  std::uint64_t restarts = 0;  // see Epochs
  std::size_t nodes = 1;
};

class QueueBook {
 public:
  explicit QueueBook(const RabbitmqOptions& options);

  // A Queue with what the row says and the configuration asks for. A queue that is down has no
  // numbers: the broker has none for it, whatever is left in a reply.
  Queue FromRow(const QueueRow& row, bool declared, const RunFacts& run);
  // A queue that the broker was asked for by name, and does not have.
  Queue Missing(const QueueId& id, bool declared) const;

  // Found by pattern before, but not in this run: each is to be looked up by name. Those not seen
  // for pattern_ttl are forgotten first, and then those that were seen longest ago, so that no more
  // than kMaxVanished are left (reply queues come and go by the thousand). Call it after the rows
  // of the run.
  enum class Order : std::uint8_t { kLastSeenFirst, kLongestUnaskedFirst };
  std::vector<QueueId> Vanished(const RunFacts& run, Order order);
  static constexpr std::size_t kMaxVanished = 1000;
  // Was there a row for it in this run?
  bool SeenIn(const QueueId& id, const RunFacts& run) const;
  // The broker said that there is no such queue. Is that to be believed? RabbitMQ 3.10 says so,
  // too, of queues that it is about to stop or has not started yet (tried: for a fraction of a
  // second before an orderly stop, with every node "running"). So it is believed at once of a queue
  // that never was there, by a broker that has been up for kSettled, and of others when the broker
  // has said nothing else for kPatience. Holds until the queue is seen again or Doubt() is called.
  static constexpr Duration kSettled = std::chrono::seconds(15);
  static constexpr Duration kPatience = std::chrono::seconds(10);
  bool BelieveGone(const QueueId& id, const RunFacts& run);
  // Has that been believed? A page that shows every name tells when such a queue is back.
  bool KnownGone(const QueueId& id) const;
  // Has it been believed lately? What no page tells of is to be asked again after kTrust.
  static constexpr Duration kTrust = std::chrono::seconds(60);
  bool GoneLately(const QueueId& id, const RunFacts& run) const;
  // It is being looked up by name.
  void MarkAsked(const QueueId& id, const RunFacts& run);
  // A run has failed, or not everybody who could hold a queue has answered.
  void Doubt();

 private:
  struct Entry {
    QueueId id;
    bool discovered = false;
    std::optional<SteadyTime> seen;
    std::optional<SteadyTime> not_found_since;
    std::optional<SteadyTime> gone_at;  // when that was last believed
    std::optional<SteadyTime> asked_at;
    bool has_timestamps = false;
    CounterGuard published;
    CounterGuard delivered;
    CounterGuard acknowledged;
    CounterGuard redelivered;
  };
  void AddCounters(const QueueRow& row, const RunFacts& run, Entry& entry, Queue& queue) const;
  void AddAge(const QueueRow& row, const RunFacts& run, Entry& entry, Queue& queue) const;
  Entry& EntryOf(std::string_view vhost, std::string_view name);
  const Entry* Find(const QueueId& id) const;

  const Wanted wanted_;
  const Duration pattern_ttl_;
  std::unordered_map<std::string, Entry> entries_;  // by virtual host and name
  std::string key_;                                 // reused
};

}  // namespace headroom::rabbitmq
