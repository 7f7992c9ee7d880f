// [[workload]] in a configuration: what is read of it, and what its targets are told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "exporter/config/config.h"
#include "test/exporter/config_workloads_fixture.h"

namespace headroom {
namespace {

using std::chrono::minutes;
using test::workloads::Outcome;
using test::workloads::Parse;
using test::workloads::Pools;
using test::workloads::Rated;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(Workloads, TheDocumentedShapeIsRead) {
  const Outcome outcome = Parse(R"(
[[workload]]
name = "decisions"
queues = [{ target = "main", queue = "queue:decisions" },
          { target = "broker", queue = "orders", messages_per_worker = 20 }]
worker_group = { target = "main", group = "decision-workers", busy_states = ["working", "other"] }
service_time = "6m"
concurrency = 2
finish_within = "1h"
min = 2
max = 200
pools = [{ target = "pooler", database = "app", user = "decisions" }]
connections_per_worker = 0.9
reserve = 10
server_reserve = 20
pool_when_unknown = "ignore"
  [[workload.floor]]
  schedule = "0 9 * * FRI"
  time_zone = "Asia/Seoul"
  lead = "30m"
  duration = "2h"
  workers = 120
)");
  ASSERT_THAT(outcome.about_workloads, IsEmpty());
  ASSERT_TRUE(outcome.config);
  const WorkloadOptions& w = *outcome.config->workloads.at(0);
  EXPECT_EQ(w.name, "decisions");
  EXPECT_EQ(w.queues.at(0).db, "2");
  EXPECT_EQ(w.queues.at(1).vhost, "/");
  EXPECT_EQ(w.queues.at(1).messages_per_worker, 20U);
  EXPECT_THAT(w.worker_group.value().busy_states, ElementsAre("working", "other"));
  EXPECT_EQ(w.service_time, minutes(6));
  EXPECT_EQ(w.finish_within, minutes(60));
  EXPECT_EQ(w.messages_per_worker, std::nullopt);
  EXPECT_EQ(w.concurrency, 2U);
  EXPECT_EQ(w.min, 2U);
  EXPECT_EQ(w.max, 200U);
  EXPECT_EQ(w.pools.at(0).user, "decisions");
  EXPECT_EQ(w.connections_per_worker, (Ratio{9, 10}));
  EXPECT_EQ(w.reserve, 10U);
  EXPECT_EQ(w.server_reserve, 20U);
  EXPECT_EQ(w.pool_when_unknown, WhenPoolUnknown::kIgnore);
  EXPECT_EQ(w.floors.at(0).workers, 120);
}

TEST(Workloads, WhatIsNotGivenHasTheDocumentedDefaults) {
  const Outcome outcome = Parse(
      "[[workload]]\nname='w'\nqueues=[{target='main',queue='q'}]\nmessages_per_worker=50\nmax="
      "9\n");
  ASSERT_TRUE(outcome.config);
  const WorkloadOptions& w = *outcome.config->workloads.at(0);
  EXPECT_EQ(w.concurrency, 1U);
  EXPECT_EQ(w.consumers_per_worker, 1U);
  EXPECT_EQ(w.min, 0U);
  EXPECT_EQ(w.connections_per_worker, (Ratio{1, 1}));
  EXPECT_EQ(w.reserve, 0U);
  EXPECT_EQ(w.server_reserve, 0U);
  EXPECT_EQ(w.pool_when_unknown, WhenPoolUnknown::kHold);
  EXPECT_FALSE(w.worker_group);
  EXPECT_THAT(w.floors, IsEmpty());
}

TEST(Workloads, AreInTheOrderOfTheirNames) {
  const Outcome outcome = Parse(
      "[[workload]]\nname='b'\nqueues=[{target='main',queue='q'}]\nmessages_per_worker=1\nmax=9\n"
      "[[workload]]\nname='a'\nqueues=[{target='main',queue='p'}]\nmessages_per_worker=1\nmax=9\n");
  ASSERT_TRUE(outcome.config);
  EXPECT_EQ(outcome.config->workloads.at(0)->name, "a");
  EXPECT_EQ(outcome.config->workloads.at(1)->name, "b");
}

const TargetConfig& TargetNamed(const Outcome& outcome, std::string_view name) {
  const auto& targets = outcome.config.value().targets;
  return *std::find_if(targets.begin(), targets.end(),
                       [name](const TargetConfig& target) { return target.name == name; });
}

TEST(Workloads, AQueueThatOnlyAWorkloadNamesIsDeclaredToItsTarget) {
  const Outcome outcome = Parse(
      "[[workload]]\nname='w'\nmessages_per_worker=1\nmax=9\nqueues=["
      "{target='main',queue='q'},{target='main',queue='queue:known'},{target='main',queue='mail'},"
      "{target='broker',queue='orders',vhost='app'}]\n");
  EXPECT_THAT(TargetNamed(outcome, "main").workload_queues,
              ElementsAre(QueueName{"q", std::nullopt, "2"}));
  EXPECT_THAT(TargetNamed(outcome, "broker").workload_queues,
              ElementsAre(QueueName{"orders", "app", std::nullopt}));
}

TEST(Workloads, ATargetWhoseWorkloadQueuesChangeIsNotTheSame) {
  const auto main_of = [](const std::string& queue) {
    return TargetNamed(Parse("[[workload]]\nname='w'\nmessages_per_worker=1\nmax=9\n"
                             "queues=[{target='main',queue='" +
                             queue + "'}]\n"),
                       "main");
  };
  EXPECT_TRUE(main_of("a").SameAs(main_of("a")));
  EXPECT_FALSE(main_of("a").SameAs(main_of("b")));
  EXPECT_TRUE(main_of("queue:known").SameAs(main_of("mail")));
}

TEST(Workloads, ATargetWhoseGroupIsUsedIsNotTheSameAsWithout) {
  const auto main_of = [](const std::string& more) {
    return TargetNamed(Parse("[[workload]]\nname='w'\nmessages_per_worker=1\nmax=9\n"
                             "queues=[{target='main',queue='mail'}]\n" +
                             more),
                       "main");
  };
  const std::string group =
      "worker_group={target='main',group='decision-workers',busy_states=['working']}\n";
  EXPECT_TRUE(main_of(group).SameAs(main_of(group)));
  EXPECT_FALSE(main_of(group).SameAs(main_of("")));
}

TEST(Workloads, EachQueueMayHaveARateOfItsOwnInstead) {
  EXPECT_TRUE(Parse("[[workload]]\nname='w'\nmax=9\n"
                    "queues=[{target='main',queue='q',messages_per_worker=5}]\n")
                  .config);
}

TEST(Workloads, APoolThatIsNamedIsDeclaredToItsPoolerAndAReloadSeesIt) {
  const auto pooler = [](std::string_view workloads) {
    const Outcome outcome = Parse(workloads);
    for (const TargetConfig& target : outcome.config.value().targets) {
      if (target.name == "pooler") return target;
    }
    return TargetConfig{};
  };
  const TargetConfig with = pooler(Pools("{target='pooler',database='app',user='web'}"));
  EXPECT_THAT(with.workload_pools, ElementsAre(PoolName{"app", "web"}));
  const TargetConfig without = pooler(Rated(""));
  EXPECT_FALSE(with.SameAs(without));
  EXPECT_TRUE(with.SameAs(pooler(Pools("{target='pooler',database='app',user='web'}"))));
}

}  // namespace
}  // namespace headroom
