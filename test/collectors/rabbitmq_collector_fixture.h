// A collector and the brokers that it asks, which answer as no real one does on demand.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/rabbitmq/collector.h"
#include "test/support/fake_broker.h"
#include "test/support/http_client_fixture.h"
#include "test/support/rabbitmq_page.h"
#include "test/support/shifted_clock.h"

namespace headroom::rabbitmq {

inline constexpr const char* kPage = "/metrics/detailed";
inline constexpr const char* kOverview =
    R"({"node":"a@b","rabbitmq_version":"3.10.8","cluster_name":"c","disable_stats":false,)"
    R"("object_totals":{"queues":1}})";

inline std::string Page(const std::vector<test::PageQueue>& queues, std::string_view node = "a@b") {
  return test::WritePage(queues, test::PageDialect::kRaw, node);
}

inline std::string Listed(const std::string& name, int ready) {
  return R"({"vhost":"/","name":")" + name +
         R"(","state":"running","messages_unacknowledged":0,"messages_ready":)" +
         std::to_string(ready) + "}";
}

class RabbitmqCollectorTest : public testing::Test {
 protected:
  RabbitmqCollectorTest() {
    ::signal(SIGPIPE, SIG_IGN);
    management_.Answer("/api/overview", kOverview);
    management_.Answer("/api/nodes", R"([{"name":"a@b","running":true,"uptime":100000}])");
    management_.Answer("/api/queues", "[]");
    management_.Answer("/api/vhosts/%2F", R"({"name":"/"})");
    options_.include = {".*"};
  }

  void UseManagement() { options_.management = test::HttpOptionsAt(management_.port()); }
  void UsePlugin(const test::FakeBroker& node) {
    options_.plugins.push_back(test::HttpOptionsAt(node.port()));
  }

  Result<Reading> Run(Duration timeout = std::chrono::seconds(20)) {
    if (!collector_) collector_ = std::make_unique<RabbitmqCollector>(options_, clock_);
    return collector_->Collect(Deadline(clock_, clock_.Now() + timeout));
  }
  Reading Good(Duration timeout = std::chrono::seconds(20)) {
    auto reading = Run(timeout);
    EXPECT_TRUE(reading.ok()) << reading.error().message;
    return reading.ok() ? *reading : Reading();
  }

  static const Queue* Find(const Reading& reading, std::string_view name) {
    const auto found = std::find_if(reading.queues.begin(), reading.queues.end(),
                                    [&](const Queue& q) { return q.name == name; });
    return found == reading.queues.end() ? nullptr : &*found;
  }
  static std::optional<std::uint64_t> Ready(const Reading& reading, std::string_view name) {
    const Queue* queue = Find(reading, name);
    return queue == nullptr ? std::nullopt : queue->ready;
  }
  static std::vector<std::string> Failed(const Reading& reading) {
    std::vector<std::string> names;
    for (const Part& part : reading.parts) {
      if (part.error) names.push_back(part.name);
    }
    return names;
  }

  test::ShiftedClock clock_;
  test::FakeBroker management_;
  test::FakeBroker node_a_;
  test::FakeBroker node_b_;
  RabbitmqOptions options_;
  std::unique_ptr<RabbitmqCollector> collector_;
};

}  // namespace headroom::rabbitmq
