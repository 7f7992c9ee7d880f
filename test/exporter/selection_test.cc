#include "exporter/selection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <utility>

#include "test/support/fake_clock.h"
#include "test/support/fake_collector.h"

namespace headroom {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

// Two poolers on db, one on db2, and a Redis.
class SelectionTest : public testing::Test {
 protected:
  SelectionTest() {
    Add("db", {});
    Add("db2", {});
    Add("main", {});
    Add("pooler-a", {"db"});
    Add("pooler-b", {"db"});
    Add("pooler-c", {"db2"});
    Add("pooler-d", {"db", "db2"});
  }
  void Add(const std::string& name, std::vector<std::string> links) {
    WorkerOptions options{name, "fake", 2s, 1s, std::nullopt, 0.1, 1000};
    options.links = std::move(links);
    all_.push_back(std::make_shared<TargetWorker>(
        std::move(options), test::FakeCollector::Factory(std::make_shared<test::Script>()), clock_,
        [](const Snapshot&) {}));
  }
  // Which targets are asked.
  std::vector<std::string> Selected(const std::vector<std::string>& names) {
    std::vector<std::string> selected;
    const Result<Selection> selection = headroom::Select(Running(), names);
    EXPECT_TRUE(selection.ok());
    for (const auto& worker : selection->workers) selected.push_back(worker->options().target);
    return selected;
  }
  headroom::Running Running() const { return {all_, workloads_}; }
  std::string Refused(const std::vector<std::string>& names) {
    const Result<Selection> selection = headroom::Select(Running(), names);
    return selection.ok() ? "" : selection.error().message;
  }
  void AddWorkload(WorkloadOptions workload) {
    workloads_.push_back(std::make_shared<const WorkloadOptions>(std::move(workload)));
  }

  test::FakeClock clock_;
  Workers all_;
  Workloads workloads_;
};

TEST_F(SelectionTest, WithoutNamesItIsEverything) { EXPECT_EQ(Selected({}).size(), all_.size()); }

TEST_F(SelectionTest, ATargetWithoutLinksIsAskedAlone) {
  EXPECT_THAT(Selected({"main"}), ElementsAre("main"));
}

TEST_F(SelectionTest, APoolerNeedsItsServersAndNotTheirOtherPoolers) {
  EXPECT_THAT(Selected({"pooler-a"}), ElementsAre("db", "pooler-a"));
  EXPECT_THAT(Selected({"pooler-d"}), ElementsAre("db", "db2", "pooler-d"));
}

TEST_F(SelectionTest, AServerNeedsAllThatNameItAndNotTheirOtherServers) {
  EXPECT_THAT(Selected({"db"}), ElementsAre("db", "pooler-a", "pooler-b", "pooler-d"));
}

TEST_F(SelectionTest, AWorkloadNeedsItsTargetsAndTheServersBehindItsPoolers) {
  AddWorkload({.name = "w",
               .queues = {{"main", "q", "", "", std::nullopt}},
               .pools = {{"pooler-a", "app", "web"}}});
  EXPECT_THAT(Selected({"workload:w"}), ElementsAre("db", "main", "pooler-a"));
}

TEST_F(SelectionTest, AWorkloadOnAServerNeedsNoPoolers) {
  AddWorkload({.name = "w",
               .worker_group = WorkloadGroup{"main", "g", {"working"}},
               .pools = {{"db", "", ""}}});
  EXPECT_THAT(Selected({"workload:w"}), ElementsAre("db", "main"));
}

TEST_F(SelectionTest, WhatAWorkloadNeedsIsAwaitedAndWhatATargetIsJoinedWithIsNot) {
  AddWorkload({.name = "w", .pools = {{"pooler-a", "app", "web"}}});
  const auto selection = headroom::Select(Running(), {"workload:w", "pooler-c"});
  ASSERT_TRUE(selection.ok());
  EXPECT_THAT(selection->awaited, ElementsAre("db", "pooler-a", "pooler-c"));
  EXPECT_EQ(selection->workers.size(), 4U);  // and db2
  EXPECT_TRUE(headroom::Select(Running(), {})->awaited.empty());
}

TEST_F(SelectionTest, OfAWorkloadNoTargetIsShown) {
  AddWorkload({.name = "v", .queues = {{"main", "q", "", "", std::nullopt}}});
  AddWorkload({.name = "w", .queues = {{"main", "q", "", "", std::nullopt}}});
  const auto selection = headroom::Select(Running(), {"workload:w", "db2", "workload:w"});
  ASSERT_TRUE(selection.ok());
  EXPECT_FALSE(selection->everything);
  EXPECT_THAT(selection->targets, ElementsAre("db2"));
  ASSERT_EQ(selection->workloads.size(), 1U);
  EXPECT_EQ(selection->workloads[0]->name, "w");
  EXPECT_THAT(Selected({"workload:w", "db2"}), ElementsAre("db2", "main", "pooler-c", "pooler-d"));
}

TEST_F(SelectionTest, TheFirstUnknownNameIsSaidWithThoseThatThereAre) {
  AddWorkload({.name = "decisions"});
  EXPECT_EQ(Refused({"db", "pooler-x", "neither"}),
            "collect[]: there is no target \"pooler-x\" in the configuration: did you mean "
            "\"pooler-a\"?\n");
  EXPECT_EQ(Refused({"workload:decision"}),
            "collect[]: there is no workload \"decision\" in the configuration: did you mean "
            "\"decisions\"?\n");
  EXPECT_EQ(Refused({"workload:"}),
            "collect[]: there is no workload \"\" in the configuration; those that it has: "
            "\"decisions\"\n");
}

}  // namespace
}  // namespace headroom
