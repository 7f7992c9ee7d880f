// What must hold for every workload, tried on random ones. The seed is fixed: a failure comes back.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <optional>
#include <random>

#include "test/support/workload.h"

namespace headroom {
namespace {

constexpr int kRounds = 20'000;
constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max();

struct Sample {
  WorkloadOptions options;
  WorkloadInputs inputs;
};

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  bool OneIn(std::uint64_t n) { return random_() % n == 0; }

  // Mostly small, now and then beyond what anybody has.
  std::uint64_t Number(std::uint64_t below) {
    return OneIn(50) ? kLargest - random_() % 3 : random_() % below;
  }
  std::optional<std::uint64_t> Reading(std::uint64_t below) {
    if (OneIn(12)) return std::nullopt;
    return Number(below);
  }

  Sample Next() {
    Sample sample;
    sample.options = Options();
    for (std::size_t i = 0; i < sample.options.queues.size(); ++i) {
      sample.inputs.queues.push_back(Queue());
    }
    if (sample.options.worker_group) sample.inputs.group.busy = Reading(50);
    for (const CapScope::Kind scope :
         {CapScope::Kind::kPool, CapScope::Kind::kDatabase, CapScope::Kind::kUser,
          CapScope::Kind::kServer, CapScope::Kind::kServerDatabase, CapScope::Kind::kServerRole}) {
      if (OneIn(2)) sample.inputs.cap.push_back(Scope(scope));
    }
    if (OneIn(2)) sample.inputs.floor.workers = static_cast<std::int64_t>(random_() % 100);
    return sample;
  }

 private:
  WorkloadOptions Options() {
    WorkloadOptions options = test::Workload(1 + random_() % 30, random_() % 20, 0);
    options.max = options.min + random_() % 60;
    options.queues.resize(1 + random_() % 4, options.queues[0]);
    for (WorkloadQueue& queue : options.queues) {
      if (OneIn(3)) queue.messages_per_worker = 1 + random_() % 100;
    }
    if (OneIn(2)) options.worker_group = WorkloadGroup{"main", "g", {"working"}};
    if (OneIn(2)) options.service_time = std::chrono::milliseconds(1 + random_() % 100'000);
    options.concurrency = 1 + random_() % 5;
    options.consumers_per_worker = 1 + random_() % 5;
    options.connections_per_worker = {1 + random_() % 30, 1 + random_() % 10};
    options.reserve = random_() % 20;
    options.server_reserve = random_() % 20;
    if (OneIn(2)) options.pool_when_unknown = WhenPoolUnknown::kIgnore;
    return options;
  }

  QueueInput Queue() {
    QueueInput queue;
    queue.ready = Reading(500);
    queue.has_in_flight = OneIn(2);
    if (queue.has_in_flight) queue.in_flight = Reading(100);
    queue.has_consumers = OneIn(2);
    if (queue.has_consumers) queue.consumers = Reading(60);
    return queue;
  }

  CapScope Scope(CapScope::Kind scope) {
    CapScope made{scope, {}};
    const std::uint64_t members = 1 + random_() % 3;
    for (std::uint64_t i = 0; i < members; ++i) {
      CapMember member = test::Limited("m", Number(300));
      member.current = random_() % 100;
      member.own = random_() % 100;
      if (OneIn(20)) member.limit = CapMember::Limit::kUnknown;
      if (OneIn(20)) member.limit = CapMember::Limit::kUnlimited;
      made.members.push_back(member);
    }
    return made;
  }

  std::mt19937_64 random_;
};

void ForEachSample(std::uint64_t seed, const std::function<void(Sample&, Generator&)>& check) {
  Generator generator(seed);
  for (int round = 0; round < kRounds && !testing::Test::HasFailure(); ++round) {
    SCOPED_TRACE(round);
    Sample sample = generator.Next();
    check(sample, generator);
  }
}

bool QueueKnown(const Sample& sample, const QueueInput& queue) {
  if (!queue.ready || (queue.has_in_flight && !queue.in_flight)) return false;
  return sample.options.worker_group || !queue.has_in_flight || !queue.has_consumers ||
         queue.consumers;
}

bool CapKnown(const Sample& sample) {
  const auto any = [](const CapScope& scope, CapMember::Limit limit) {
    return std::any_of(scope.members.begin(), scope.members.end(),
                       [limit](const CapMember& member) { return member.limit == limit; });
  };
  return std::none_of(sample.inputs.cap.begin(), sample.inputs.cap.end(), [&](const auto& scope) {
    return any(scope, CapMember::Limit::kUnknown) && !any(scope, CapMember::Limit::kUnlimited);
  });
}

TEST(WorkloadProperties, MinThenMinimumThenRecommendedThenMax) {
  ForEachSample(1, [](Sample& sample, Generator&) {
    const WorkloadOptions& options = sample.options;
    const WorkloadResult result = Evaluate(options, sample.inputs);
    EXPECT_LE(options.min, result.minimum_workers);
    EXPECT_LE(result.minimum_workers, std::max(options.min, options.max));
    if (!result.recommended_workers) return;
    EXPECT_LE(result.minimum_workers, *result.recommended_workers);
    EXPECT_LE(*result.recommended_workers, std::max(options.min, options.max));
    EXPECT_LE(*result.recommended_workers, *result.wanted_workers);
  });
}

TEST(WorkloadProperties, RecommendedIsAbsentJustWhenANeededInputIsUnknown) {
  ForEachSample(2, [](Sample& sample, Generator&) {
    const auto& queues = sample.inputs.queues;
    bool known = std::all_of(queues.begin(), queues.end(),
                             [&](const QueueInput& queue) { return QueueKnown(sample, queue); });
    if (sample.options.worker_group && !sample.inputs.group.busy) known = false;
    const WorkloadResult result = Evaluate(sample.options, sample.inputs);
    EXPECT_EQ(result.wanted_workers.has_value(), known);
    const bool ignored = sample.options.pool_when_unknown == WhenPoolUnknown::kIgnore;
    EXPECT_EQ(result.recommended_workers.has_value(), known && (ignored || CapKnown(sample)));
    EXPECT_EQ(result.limited.has_value(), result.recommended_workers.has_value());
  });
}

TEST(WorkloadProperties, MoreWaitingIsNeverFewerWorkers) {
  ForEachSample(3, [](Sample& sample, Generator& generator) {
    const WorkloadResult before = Evaluate(sample.options, sample.inputs);
    for (QueueInput& queue : sample.inputs.queues) {
      if (queue.ready && *queue.ready < kLargest / 2) *queue.ready += generator.Number(50) / 2;
    }
    const WorkloadResult after = Evaluate(sample.options, sample.inputs);
    ASSERT_EQ(before.recommended_workers.has_value(), after.recommended_workers.has_value());
    if (!before.recommended_workers) return;
    EXPECT_LE(*before.backlog_workers, *after.backlog_workers);
    EXPECT_LE(*before.recommended_workers, *after.recommended_workers);
    EXPECT_EQ(before.minimum_workers, after.minimum_workers);
  });
}

TEST(WorkloadProperties, LoweringALimitNeverRaisesAndRaisingAFloorNeverLowers) {
  ForEachSample(4, [](Sample& sample, Generator&) {
    const WorkloadResult before = Evaluate(sample.options, sample.inputs);
    Sample tighter = sample;
    ++tighter.options.reserve;
    if (tighter.options.max > tighter.options.min) --tighter.options.max;
    const WorkloadResult lower = Evaluate(tighter.options, tighter.inputs);
    sample.inputs.floor.workers += 7;
    const WorkloadResult higher = Evaluate(sample.options, sample.inputs);
    EXPECT_LE(lower.minimum_workers, before.minimum_workers);
    EXPECT_LE(before.minimum_workers, higher.minimum_workers);
    if (!before.recommended_workers) return;
    EXPECT_LE(*lower.recommended_workers, *before.recommended_workers);
    EXPECT_LE(*before.recommended_workers, *higher.recommended_workers);
  });
}

// Workers that come and take connections must not change what the pools bear.
TEST(WorkloadProperties, WhatTheWorkersOpenThemselvesDoesNotChangeTheCap) {
  ForEachSample(5, [](Sample& sample, Generator& generator) {
    const PoolCap before = Evaluate(sample.options, sample.inputs).cap;
    for (CapScope& scope : sample.inputs.cap) {
      for (CapMember& member : scope.members) {
        member.own = std::min(member.own, member.current);
      }
    }
    const PoolCap settled = Evaluate(sample.options, sample.inputs).cap;
    for (CapScope& scope : sample.inputs.cap) {
      for (CapMember& member : scope.members) {
        const std::uint64_t opened = generator.Number(40) / 4;
        member.own += opened;
        member.current += opened;
      }
    }
    const PoolCap after = Evaluate(sample.options, sample.inputs).cap;
    EXPECT_EQ(before.workers, settled.workers);
    EXPECT_EQ(settled.workers, after.workers);
    EXPECT_EQ(settled.limit, after.limit);
  });
}

TEST(WorkloadProperties, WhatIsRecommendedFitsIntoThePoolsUnlessMinSaysOtherwise) {
  ForEachSample(6, [](Sample& sample, Generator&) {
    const WorkloadResult result = Evaluate(sample.options, sample.inputs);
    const PoolCap& cap = result.cap;
    if (cap.limit != CapMember::Limit::kLimited || cap.connections > kLargest / 100) return;
    const Ratio& each = sample.options.connections_per_worker;
    const auto fit = [&](std::uint64_t workers) {
      return workers * each.numerator <= cap.connections * each.denominator;
    };
    EXPECT_TRUE(fit(cap.workers));
    EXPECT_FALSE(fit(cap.workers + 1));
    if (!result.recommended_workers) return;
    EXPECT_LE(*result.recommended_workers, std::max(cap.workers, sample.options.min));
  });
}

}  // namespace
}  // namespace headroom
