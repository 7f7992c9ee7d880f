// What the tests of RedisCollector against a real redis-server share.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "collectors/redis/collector.h"
#include "test/support/redis_server.h"
#include "test/support/shifted_clock.h"

namespace headroom::redis {

class RedisCollectorTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!test::RedisServer::Available()) GTEST_SKIP() << "there is no redis-server to test against";
  }
  // Call once the server runs and `options` says what to read.
  void Watch(const test::RedisServer& server) {
    options_.client.endpoint = server.endpoint();
    collector_ = std::make_unique<RedisCollector>(options_, clock_);
  }
  Deadline Soon() { return Deadline(clock_, clock_.Now() + std::chrono::seconds(10)); }
  // As the exporter has it: a required part that was not answered fails the run.
  Result<Reading> Run() {
    auto reading = collector_->Collect(Soon());
    if (!reading.ok()) return reading;
    for (const Part& part : reading->parts) {
      if (part.required && part.error) return *part.error;
    }
    return reading;
  }
  Reading Good() {
    auto reading = Run();
    EXPECT_TRUE(reading.ok()) << reading.error().message;
    return reading.ok() ? *reading : Reading();
  }
  // Slices until the next one is not due before the next pass.
  Status WholePass() {
    do {
      if (Status status = collector_->DiscoverSlice(Soon()); !status.ok()) return status;
    } while (*collector_->NextDiscovery() - clock_.Now() < std::chrono::seconds(1));
    return Ok{};
  }
  void DeclareList(const std::string& key) {
    QueueOptions queue;
    queue.name = key;
    queue.keys = {key};
    options_.queues.push_back(queue);
  }
  WorkerOptions& DeclareGroup(const std::string& pattern) {
    WorkerOptions group;
    group.group = "g";
    group.pattern = pattern;
    group.state_field = "state";
    group.states = {"idle", "working"};
    group.heartbeat_field = "at";
    options_.workers.push_back(group);
    return options_.workers.back();
  }
  std::string Now(Duration ago = {}) {
    return fmt::format("{}", Seconds((clock_.WallNow() - ago).time_since_epoch()));
  }

  test::ShiftedClock clock_;
  RedisOptions options_;
  std::unique_ptr<RedisCollector> collector_;
};

inline const Queue* Find(const Reading& reading, std::string_view name) {
  for (const Queue& queue : reading.queues) {
    if (queue.name == name) return &queue;
  }
  return nullptr;
}

inline std::string Workers(const Reading& reading) {
  std::string text;
  for (const WorkerGroup& group : reading.worker_groups) {
    for (const WorkerState& state : group.states) {
      text += fmt::format("{} {}+{} ", state.state, state.live,
                          state.stale ? std::to_string(*state.stale) : "?");
    }
  }
  return text;
}

inline const Part* FindPart(const Reading& reading, std::string_view name) {
  for (const Part& part : reading.parts) {
    if (part.name == name) return &part;
  }
  return nullptr;
}

}  // namespace headroom::redis
