// What is legal in [[workload]], but odd.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "collectors/registry.h"
#include "exporter/config/config.h"
#include "test/exporter/config_workloads_fixture.h"
#include "test/support/toml.h"

namespace headroom {
namespace {

using test::Messages;
using test::workloads::Outcome;
using test::workloads::Parse;
using test::workloads::Pools;
using test::workloads::Rated;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Workloads, WhatIsLegalButOddIsAWarning) {
  const auto warnings = [](std::string_view text) {
    const Outcome outcome = Parse(text);
    EXPECT_TRUE(outcome.config);
    return outcome.about_workloads;
  };
  EXPECT_THAT(warnings(Pools("{target='alone',database='a',user='u'}")),
              ElementsAre(HasSubstr("does not name the target of the server behind it")));
  EXPECT_THAT(warnings(Rated("[[workload.floor]]\nstart=2026-01-01T00:00:00Z\n"
                             "end=2026-01-02T00:00:00Z\nworkers=30\n")),
              ElementsAre(HasSubstr("floor[0].workers: 30 is above max, 9")));
  EXPECT_THAT(warnings(Rated("[[workload]]\nname='v'\nqueues=[{target='main',queue='q'}]\nmax=9\n"
                             "messages_per_worker=5\n")),
              ElementsAre(HasSubstr("workload[1].queues[0].queue: \"q\" of \"main\" belongs to the "
                                    "workload \"w\" too")));
}

TEST(Workloads, AQueueThatMayBeAMistypedOneIsAWarning) {
  const auto warnings = [](std::string_view queues) {
    const Outcome outcome = Parse("[[workload]]\nname='w'\nmax=9\nmessages_per_worker=5\nqueues=[" +
                                  std::string(queues) + "]\n");
    EXPECT_TRUE(outcome.config);
    return outcome.about_workloads;
  };
  EXPECT_THAT(warnings("{target='main',queue='queue:knwon'}"),
              ElementsAre(HasSubstr("queues[0].queue: the target \"main\" does not declare "
                                    "\"queue:knwon\", but \"queue:known\"")));
  // Names that only workloads have are no yardstick for each other.
  EXPECT_THAT(warnings("{target='main',queue='jobs:1'},{target='main',queue='jobs:2'}"), IsEmpty());
  EXPECT_THAT(warnings("{target='main',queue='queue:known'}"), IsEmpty());
}

TEST(Workloads, APoolOrAGroupOfTwoWorkloadsIsAWarning) {
  const auto second = [](std::string_view what) {
    return "[[workload]]\nname='v'\nqueues=[{target='main',queue='other'}]\nmax=9\n"
           "messages_per_worker=5\n" +
           std::string(what);
  };
  const auto warnings = [](const std::string& text) {
    const Outcome outcome = Parse(text);
    EXPECT_TRUE(outcome.config);
    return outcome.about_workloads;
  };
  const std::string pooled = "pools=[{target='pooler',database='a',user='u'}]\n";
  EXPECT_THAT(
      warnings(Rated(pooled + second(pooled))),
      ElementsAre(HasSubstr("workload[1].pools[0].database: the workload \"w\" has the same "
                            "connections of \"pooler\"")));
  const std::string role = "pools=[{target='db',user='u'}]\n";
  EXPECT_THAT(warnings(Rated(role + second(role))),
              ElementsAre(HasSubstr("workload[1].pools[0].user: the workload \"w\" has the same")));
  EXPECT_THAT(warnings(Rated(role + second(pooled))), IsEmpty());
  const std::string group =
      "worker_group={target='main',group='decision-workers',busy_states=['working']}\n";
  EXPECT_THAT(warnings(Rated(group + second(group))),
              ElementsAre(HasSubstr("workload[1].worker_group.group: \"decision-workers\" of "
                                    "\"main\" belongs to the workload \"w\" too")));
}

TEST(Workloads, ADatabaseThatMayComeLaterHoldsAWorkloadThatStartsFromNothing) {
  const auto warnings = [](std::string_view keys) {
    return Parse(
               "[[pgbouncer]]\nname='any'\ndsn='host=127.0.0.1'\npostgresql='db'\n"
               "any_database=true\n" +
               Pools("{target='any',database='app',user='u'}", std::string(keys)))
        .about_workloads;
  };
  EXPECT_THAT(warnings(""),
              ElementsAre(HasSubstr("workload[0].pools[0].database: if \"app\" is one "
                                    "of the entry \"*\" of \"any\"")));
  EXPECT_THAT(warnings("min=1\n"), IsEmpty());
  EXPECT_THAT(warnings("pool_when_unknown='ignore'\n"), IsEmpty());
}

TEST(Workloads, AGroupThatIsSeldomLookedForIsAWarningAtTheWorkload) {
  Diagnostics diagnostics;
  const auto root = ParseToml(
      "[[redis]]\nname='main'\nurl='redis://h'\ndiscovery_interval='30s'\n"
      "[[redis.workers]]\ngroup='g'\nkeys='c:*'\nstate_field='s'\nstates=['working']\n"
      "heartbeat_ttl='90s'\n"
      "[[workload]]\nname='w'\nqueues=[{target='main',queue='q'}]\nmax=9\nmessages_per_worker=5\n"
      "worker_group={target='main',group='g',busy_states=['working']}\n",
      "t.toml", diagnostics);
  EXPECT_TRUE(ParseConfig(root.value(), CollectorTypes(), diagnostics));
  EXPECT_THAT(Messages(diagnostics),
              ElementsAre(AllOf(HasSubstr("workload[0].worker_group.group: "),
                                HasSubstr("discovery_interval"), HasSubstr("members"))));
}

}  // namespace
}  // namespace headroom
