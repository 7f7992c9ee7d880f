// Workloads and their inputs for tests: everything known, nothing limited; tests change what they
// are about.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "exporter/workload/evaluate.h"

namespace headroom::test {

inline WorkloadOptions Workload(std::uint64_t messages_per_worker, std::uint64_t min,
                                std::uint64_t max) {
  WorkloadOptions options;
  options.name = "decisions";
  options.queues = {{"main", "queue:decisions"}};
  options.messages_per_worker = messages_per_worker;
  options.min = min;
  options.max = max;
  return options;
}

// min 0, max 1,000.
inline WorkloadOptions WorkloadWithin(Duration service_time, Duration finish_within,
                                      std::uint64_t concurrency = 1) {
  WorkloadOptions options = Workload(1, 0, 1000);
  options.messages_per_worker.reset();
  options.service_time = service_time;
  options.finish_within = finish_within;
  options.concurrency = concurrency;
  return options;
}

// A kind without messages in flight and consumers: a Redis list.
inline QueueInput ListInput(std::optional<std::uint64_t> ready) {
  QueueInput input;
  input.ready = ready;
  input.has_in_flight = false;
  input.has_consumers = false;
  if (!ready) input.why = "target main is down: refused";
  return input;
}

// A kind with both.
inline QueueInput BrokerInput(std::uint64_t ready, std::uint64_t in_flight,
                              std::uint64_t consumers) {
  QueueInput input;
  input.ready = ready;
  input.in_flight = in_flight;
  input.consumers = consumers;
  return input;
}

inline CapMember Limited(std::string name, std::uint64_t max) {
  CapMember member;
  member.name = std::move(name);
  member.limit = CapMember::Limit::kLimited;
  member.max = max;
  return member;
}

// A pool without a limit, or with that many connections; negative: unknown.
inline CapScope PoolOf(bool unlimited, int connections) {
  CapMember member;
  if (unlimited) {
    member.limit = CapMember::Limit::kUnlimited;
  } else if (connections >= 0) {
    member = Limited({}, static_cast<std::uint64_t>(connections));
  } else {
    member.why = "target pooler-a is down: refused";
  }
  member.name = "app/decisions of pooler-a";
  return {CapScope::Kind::kPool, {member}};
}

// PostgreSQL's server: used now, and of these by the workload.
inline CapScope ServerOf(std::uint64_t max, std::uint64_t reserved, std::uint64_t used,
                         std::uint64_t own) {
  CapMember member = Limited("db", max);
  member.reserved = reserved;
  member.current = used;
  member.own = own;
  return {CapScope::Kind::kServer, {member}};
}

// With one queue.
inline WorkloadInputs Inputs(QueueInput queue) {
  WorkloadInputs inputs;
  inputs.queues = {std::move(queue)};
  return inputs;
}

}  // namespace headroom::test
