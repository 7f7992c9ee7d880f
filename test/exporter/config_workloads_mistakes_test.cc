// Mistakes in [[workload]], and around it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "collectors/registry.h"
#include "exporter/config/config.h"
#include "test/exporter/config_workloads_fixture.h"
#include "test/support/toml.h"

namespace headroom {
namespace {

using test::Messages;
using test::workloads::Outcome;
using test::workloads::Parse;
using test::workloads::Plain;
using test::workloads::Pools;
using test::workloads::Rated;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

std::string Queues(std::string_view list) {
  return "[[workload]]\nname='w'\nmax=9\nmessages_per_worker=5\nqueues=[" + std::string(list) +
         "]\n";
}

std::string Group(std::string_view keys, std::string_view more = "") {
  return Rated("worker_group={target='main'," + std::string(keys) + "}\n" + std::string(more));
}

struct Mistake {
  std::string name;
  std::string text;  // what stands below kTargets
  std::string message;
};

std::vector<Mistake> Mistakes() {
  return {
      {"NoName", "[[workload]]\nqueues=[{target='main',queue='q'}]\nmax=9\nmessages_per_worker=5\n",
       "workload[0]: name is missing"},
      {"NameTaken",
       Rated("[[workload]]\nname='w'\nqueues=[{target='main',queue='p'}]\nmax=9\n"
             "messages_per_worker=5\n"),
       "workload[1].name: the name \"w\" is taken by the workload at t.toml:"},
      {"UnknownKey", Rated("connections_per_workr=1\n"),
       "did you mean \"connections_per_worker\"?"},
      {"KeyBelowAFloor",
       Rated("[[workload.floor]]\nstart=2026-01-01T00:00:00Z\nend=2026-01-02T00:00:00Z\nworkers=3\n"
             "min=2\n"),
       "min"},
      {"NoMax",
       "[[workload]]\nname='w'\nqueues=[{target='main',queue='q'}]\nmessages_per_worker=5\n",
       "workload[0]: max is missing"},
      {"MinAboveMax", Rated("min=10\n"), "workload[0].min: min, 10, is above max, 9"},
      {"NegativeMin", Rated("min=-1\n"), "workload[0].min"},
      {"NoQueues", "[[workload]]\nname='w'\nmax=9\nmessages_per_worker=5\n",
       "workload[0]: queues is missing"},
      {"EmptyQueues", Queues(""), "workload[0].queues: must name at least one queue"},
      {"QueueWithoutTarget", Queues("{queue='q'}"), "workload[0].queues[0]: target is missing"},
      {"QueueWithoutName", Queues("{target='main'}"), "workload[0].queues[0]: queue is missing"},
      {"UnknownTarget", Queues("{target='mian',queue='q'}"),
       "queues[0].target: there is no target \"mian\": did you mean \"main\"?"},
      {"TargetWithoutQueues", Queues("{target='db',queue='q'}"),
       "queues[0].target: \"db\" is a [[postgresql]] target, which has no queues"},
      {"VhostOfRedis", Queues("{target='main',queue='q',vhost='/'}"),
       "queues[0].queue: Redis has no virtual hosts"},
      {"DatabaseOfRabbitmq", Queues("{target='broker',queue='q',db=0}"),
       "queues[0].queue: RabbitMQ has no numbered databases"},
      {"AnotherDatabase", Queues("{target='main',queue='q',db=0}"),
       "queues[0].queue: the target reads database 2, not 0"},
      {"KeyOfAQueue", Queues("{target='main',queue='mail:1'}"),
       "queues[0].queue: \"mail:1\" is a key of the queue \"mail\"; name that queue"},
      {"VhostLeftOut", Queues("{target='narrow',queue='q'}"),
       "queues[0].queue: the target's vhosts leave out \"/\""},
      {"ConsumersNotRead", Queues("{target='narrow',queue='q',vhost='app'}"),
       "queues[0].target: \"narrow\" does not read consumers"},
      {"Dots", Queues("{target='broker',queue='..'}"), "cannot be asked for"},
      {"QueueTwice", Queues("{target='broker',queue='q'},{target='broker',queue='q',vhost='/'}"),
       "queues[1].queue: \"q\" of \"broker\" is listed twice"},
      {"NoRate", Plain(""), "workload[0]: expected either finish_within, with service_time, or"},
      {"BothRates", Rated("service_time='1m'\nfinish_within='2m'\n"),
       "messages_per_worker: cannot be used with finish_within"},
      {"NoServiceTime", Plain("finish_within='2m'\n"), "finish_within: needs service_time"},
      {"PromiseBelowServiceTime", Plain("service_time='6m'\nfinish_within='5m'\n"),
       "finish_within: 5m is below service_time, 6m"},
      {"ZeroPerWorker", Plain("messages_per_worker=0\n"), "messages_per_worker"},
      {"ZeroConcurrency", Rated("concurrency=0\n"), "concurrency"},
      {"UnknownGroup", Group("group='decision-worker',busy_states=['working']"),
       "worker_group.group: the target \"main\" has no worker group \"decision-worker\": did you "
       "mean \"decision-workers\"?"},
      {"GroupThatCannotTell", Group("group='blind',busy_states=['working']"),
       "worker_group.group: \"blind\" cannot tell live workers from dead ones"},
      {"UnknownState", Group("group='decision-workers',busy_states=['wroking']"),
       "busy_states: \"wroking\" is not a state of the group \"decision-workers\": did you mean "
       "\"working\"?"},
      {"NoBusyStates", Group("group='decision-workers',busy_states=[]"),
       "busy_states: must name at least one state"},
      {"ConsumersBesideAGroup",
       Group("group='decision-workers',busy_states=['idle']", "consumers_per_worker=2\n"),
       "consumers_per_worker: is not used with worker_group"},
      {"PoolOfRedis", Pools("{target='main'}"),
       "pools[0].target: \"main\" is a [[redis]] target, and workers are bounded by the pools"},
      {"UnknownPooler", Pools("{target='poler',database='a',user='u'}"),
       "there is no target \"poler\": did you mean \"pooler\"?"},
      {"PoolWithoutUser", Pools("{target='pooler',database='a'}"), "pools[0].user: is missing"},
      {"DatabaseAndRole", Pools("{target='db',database='a',user='u'}"),
       "pools[0].user: cannot be used with database"},
      {"PoolTwice", Pools("{target='db'},{target='db'}"), "pools: one of \"db\" is listed twice"},
      {"BothKinds", Pools("{target='db'},{target='pooler',database='a',user='u'}"),
       "pools: are of a pooler and of a server"},
      {"WholeAndPart", Pools("{target='db'},{target='db',user='u'}"),
       "pools: name \"db\" as a whole and a part of it too"},
      {"RoleAndDatabase", Pools("{target='db',user='u'},{target='db',database='d'}"),
       "pools: name \"db\" by user and by database too"},
      {"NoPools", Pools(""), "pools: must name at least one pool"},
      {"Console", Pools("{target='pooler',database='pgbouncer',user='u'}"),
       "pools[0].database: \"pgbouncer\" is PgBouncer's console"},
      {"ReserveWithoutPools", Rated("reserve=1\n"), "reserve: is only used with pools"},
      {"NothingPerWorker", Pools("{target='db'}", "connections_per_worker=0\n"),
       "connections_per_worker"},
      {"UnknownWord", Pools("{target='db'}", "pool_when_unknown='guess'\n"), "pool_when_unknown"},
      {"FloorWithoutZone",
       Rated("[[workload.floor]]\nschedule='0 9 * * *'\nduration='1h'\nworkers=3\n"), "time_zone"},
  };
}

class WorkloadMistake : public testing::TestWithParam<Mistake> {};

TEST_P(WorkloadMistake, IsReportedAtItsKey) {
  const Outcome outcome = Parse(GetParam().text);
  EXPECT_FALSE(outcome.config);
  EXPECT_THAT(outcome.about_workloads, ElementsAre(HasSubstr(GetParam().message)));
}

INSTANTIATE_TEST_SUITE_P(All, WorkloadMistake, testing::ValuesIn(Mistakes()),
                         [](const auto& test) { return test.param.name; });

TEST(Workloads, ATargetWithMistakesIsNotBlamedTwice) {
  Diagnostics diagnostics;
  const auto root = ParseToml(
      "[[redis]]\nname='main'\nurl='nonsense'\n"
      "[[workload]]\nname='w'\nqueues=[{target='main',queue='q'}]\nmax=9\nmessages_per_worker=5\n",
      "t.toml", diagnostics);
  EXPECT_FALSE(ParseConfig(root.value(), CollectorTypes(), diagnostics));
  EXPECT_THAT(Messages(diagnostics), ElementsAre(HasSubstr("redis[0].url")));
}

TEST(Workloads, ATargetCannotHaveTheNameOfAWorkloadInCollect) {
  Diagnostics diagnostics;
  const auto root =
      ParseToml("[[redis]]\nname='workload:x'\nurl='redis://h'\n", "t.toml", diagnostics);
  EXPECT_FALSE(ParseConfig(root.value(), CollectorTypes(), diagnostics));
  EXPECT_THAT(Messages(diagnostics), Contains(HasSubstr("cannot begin with \"workload:\"")));
}

}  // namespace
}  // namespace headroom
