// QueueRow: what one reply of a RabbitMQ broker says about one queue.
//
// Both sources (the management API, the broker's Prometheus plugin) parse into this. What a reply
// does not say is disengaged: RabbitMQ leaves a field out when it has no statistics for it, and
// only the management API's totals mode writes 0 instead (the parser of that mode says so).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace headroom::rabbitmq {

struct QueueRow {
  std::string vhost;  // any bytes
  std::string name;   // any bytes

  std::string kind;  // "classic", "quorum", "stream"; empty: not said
  std::string node;  // of the leader; empty: not said
  std::optional<bool> durable;
  // Is there a process that serves the queue? False: down, crashed, stopped, minority; then
  // nothing below is engaged.
  std::optional<bool> running;

  // In a stream, every message that is retained: reading takes none away, so it is no backlog.
  std::optional<std::uint64_t> ready;
  std::optional<std::uint64_t> unacked;
  std::optional<std::uint64_t> consumers;
  // 0 to 1: the share of time in which the queue could deliver at once to its consumers. RabbitMQ
  // defines it as 0 without consumers, and 1 with consumers and no traffic; streams have none.
  std::optional<double> consumer_capacity;
  std::optional<std::uint64_t> memory_bytes;
  // Timestamp property of the oldest message, epoch seconds: classic queues whose publishers set
  // it, and only while the broker holds that message in memory.
  std::optional<std::int64_t> head_timestamp;
  // x-max-priority is among its arguments, so that its head is of the highest priority and not the
  // oldest message.
  std::optional<bool> priorities;

  // Counters since the statistics of the queue began. Absent until the first message (`delivered`,
  // `acknowledged`, `redelivered`: until the first delivery).
  // From the management API they are a sum over the nodes that the channels were on: when a node
  // leaves, its share goes (seen: 100 published became absent). Then they are no counters.
  std::optional<std::uint64_t> published;
  // The page has it by exchange, and there are several: then it is absent.
  bool split_published = false;
  std::optional<std::uint64_t> delivered;  // deliver + deliver_no_ack + get + get_no_ack
  std::optional<std::uint64_t> acknowledged;
  std::optional<std::uint64_t> redelivered;
};

}  // namespace headroom::rabbitmq
