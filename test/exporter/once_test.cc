#include "exporter/once.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "exporter/system_clock.h"

namespace headroom {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

// What the collectors of all targets do, in order.
class Events {
 public:
  void Add(const std::string& event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(event);
    changed_.notify_all();
  }
  // Gives others the chance to do what they must not do before this returns.
  void WaitForAny(Duration at_most) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, at_most, [this] { return !events_.empty(); });
  }
  std::vector<std::string> all() const {
    const std::lock_guard lock(mutex_);
    return events_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> events_;
};

class Recorded final : public Collector {
 public:
  Recorded(std::string name, Events& events, bool discovers, bool fails)
      : name_(std::move(name)), events_(events), discovered_(!discovers), fails_(fails) {}

  Result<Reading> Collect(const Deadline&) override {
    events_.Add(name_ + " runs");
    return Reading{};
  }
  std::optional<SteadyTime> NextDiscovery() const override { return SteadyTime(); }
  Status DiscoverSlice(const Deadline&) override {
    events_.WaitForAny(std::chrono::milliseconds(200));
    events_.Add(name_ + " has discovered");
    if (fails_) return Error{ErrorKind::kConnect, "refused"};
    discovered_ = true;
    return Ok{};
  }
  bool Discovered() const override { return discovered_; }

 private:
  std::string name_;
  Events& events_;
  bool discovered_;
  bool fails_;
};

struct Once : testing::Test {
  void Target(const std::string& name, bool discovers, bool fails = false) {
    TargetConfig target;
    target.name = name;
    target.type = &type;
    target.make = [this, name, discovers, fails](const Clock&) {
      return std::make_unique<Recorded>(name, events, discovers, fails);
    };
    config.targets.push_back(target);
  }
  OncePage Collect() { return CollectOnce(config, self, clock); }

  const CollectorType type{.system = "redis",
                           .parse = nullptr,
                           .facts = {},
                           .parts = {},
                           .min_sample_interval = {},
                           .flags = {}};
  Events events;
  Config config;
  SelfMetrics self{"1.2.3"};
  SystemClock clock;
};

TEST_F(Once, NobodyRunsBeforeTheLastDiscoveryHasEnded) {
  Target("quick", false);
  Target("slow", true);
  EXPECT_TRUE(Collect().complete);
  const std::vector<std::string> all = events.all();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0], "slow has discovered");
  EXPECT_THAT(all, UnorderedElementsAre("slow has discovered", "quick runs", "slow runs"));
}

TEST_F(Once, ADiscoveryThatFailsHoldsUpNobody) {
  Target("broken", true, true);
  const OncePage once = Collect();
  EXPECT_FALSE(once.complete);
  EXPECT_THAT(once.complaints, HasSubstr("broken: not everything could be discovered"));
  EXPECT_THAT(events.all(), ElementsAre("broken has discovered", "broken runs"));
}

}  // namespace
}  // namespace headroom
