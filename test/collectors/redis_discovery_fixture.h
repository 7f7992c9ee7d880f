// What the tests of Discovery share: passes that are answered by hand, at a time that they say.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "collectors/redis/discovery.h"
#include "test/collectors/redis_replies.h"

namespace headroom::redis {

inline constexpr SteadyTime kStart{std::chrono::hours(1)};

inline Reply Page(const std::string& cursor, const std::vector<std::string>& keys) {
  std::vector<Reply> texts;
  for (const std::string& key : keys) texts.push_back(test::Text(key));
  return test::List({test::Text(cursor), test::List(texts)});
}

class RedisDiscovery : public testing::Test {
 protected:
  RedisDiscovery() { options_.list_patterns = {"queue:*"}; }

  void WithGroup() {
    WorkerOptions group;
    group.group = "g";
    group.pattern = "consumer:*";
    options_.workers.push_back(group);
  }
  Discovery& Subject() {
    if (!discovery_) discovery_.emplace(options_, now_);
    return *discovery_;
  }
  // What the next slice sends, as one line.
  std::string Asked() {
    Batch batch;
    Subject().AddCommand(batch);
    std::string text(batch.bytes());
    for (std::size_t at; (at = text.find("\r\n")) != std::string::npos;) text.replace(at, 2, " ");
    return text;
  }
  // Waits until the next slice is due and answers it.
  Status Slice(const Reply& reply, Duration cost = std::chrono::milliseconds(1)) {
    now_ = std::max(now_, Subject().Next());
    Status status = Subject().Take(reply, now_, cost);
    now_ += cost;
    return status;
  }
  static std::vector<std::string> Names(const KnownKeys& keys) {
    std::vector<std::string> names;
    for (const auto& [key, known] : keys) names.push_back(key);
    return names;
  }
  std::vector<std::string> Lists() { return Names(*Subject().Lists()); }

  RedisOptions options_;
  SteadyTime now_ = kStart;
  std::optional<Discovery> discovery_;
};

}  // namespace headroom::redis
