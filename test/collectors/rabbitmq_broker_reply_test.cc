#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "collectors/rabbitmq/management_reply.h"
#include "collectors/rabbitmq/server_facts.h"
#include "test/support/fixtures.h"

namespace headroom::rabbitmq {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Key;
using testing::Not;
using testing::Pair;
using testing::StartsWith;

class RabbitMqBroker : public testing::TestWithParam<std::string> {
 protected:
  std::string Text(const std::string& name) {
    return test::ReadFixture("rabbitmq/" + GetParam() + "/api_" + name + ".json");
  }
  bool IsV4() { return GetParam() == "4.0"; }
  std::string Host(int number) { return fmt::format("{}{}@localhost", IsV4() ? "m" : "n", number); }

  Overview ReadOverview(const std::string& name) {
    std::string body = Text(name);
    Result<Overview> overview = ParseOverview(body);
    if (!overview.ok()) ADD_FAILURE() << overview.error().message;
    return overview.ok() ? *overview : Overview{};
  }
  std::vector<Node> ReadNodes(const std::string& name) {
    std::string body = Text(name);
    Result<std::vector<Node>> nodes = ParseNodes(body);
    if (!nodes.ok()) ADD_FAILURE() << nodes.error().message;
    return nodes.ok() ? *nodes : std::vector<Node>{};
  }
  // name{label=value,...} -> value
  std::map<std::string, double> Series(const std::string& overview, const std::string& nodes) {
    std::map<std::string, double> series;
    for (const Fact& fact : ReadFacts(ReadOverview(overview), ReadNodes(nodes))) {
      std::string name(fact.desc->name);
      EXPECT_EQ(fact.label_values.size(), fact.desc->labels.size()) << name;
      for (std::size_t i = 0; i < fact.label_values.size(); ++i) {
        name += fmt::format(" {}={}", fact.desc->labels[i], fact.label_values[i]);
      }
      EXPECT_TRUE(series.emplace(name, fact.value).second) << "twice: " << name;
    }
    return series;
  }
};
INSTANTIATE_TEST_SUITE_P(Versions, RabbitMqBroker, testing::Values("3.10", "4.0"),
                         [](const auto& version) {
                           return version.param == "4.0" ? "V4_0" : "V3_10";
                         });

TEST_P(RabbitMqBroker, OverviewSaysWhoAnsweredAndWhatThereIs) {
  const Overview overview = ReadOverview("overview");
  EXPECT_EQ(overview.version, IsV4() ? "4.0.5" : "3.10.8");
  EXPECT_EQ(overview.erlang_version, IsV4() ? "27.3.4.1" : "25.2.3");
  EXPECT_EQ(overview.node, Host(1));
  EXPECT_FALSE(overview.stats_disabled);
  EXPECT_EQ(overview.queues, IsV4() ? 14U : 15U);
  EXPECT_EQ(overview.connections, 2U);
  EXPECT_EQ(overview.channels, 6U);
}

// Two connections were open when the broker wrote "connections":0.
TEST_P(RabbitMqBroker, WithoutStatisticsConnectionsAreUnknown) {
  for (const char* reply : {"overview_disable_stats", "overview_no_collector"}) {
    const Overview overview = ReadOverview(reply);
    EXPECT_TRUE(overview.stats_disabled);
    EXPECT_EQ(overview.connections, std::nullopt);
    EXPECT_EQ(overview.channels, std::nullopt);
    EXPECT_EQ(overview.queues, IsV4() ? 17U : 18U);
  }
}

// Such a user is told 0 queues, 0 connections and 0 channels.
TEST_P(RabbitMqBroker, UserWithoutTheMonitoringTagLearnsNoTotals) {
  const Overview overview = ReadOverview("overview_management_tag");
  EXPECT_EQ(overview.version, IsV4() ? "4.0.5" : "3.10.8");
  EXPECT_EQ(overview.queues, std::nullopt);
  EXPECT_EQ(overview.connections, std::nullopt);
  EXPECT_EQ(overview.channels, std::nullopt);
}

TEST_P(RabbitMqBroker, NodesSayTheirResources) {
  const std::vector<Node> nodes = ReadNodes("nodes");
  ASSERT_EQ(nodes.size(), 2U);
  EXPECT_EQ(nodes[0].name, Host(1));
  EXPECT_EQ(nodes[1].name, Host(2));
  for (const Node& node : nodes) {
    EXPECT_EQ(node.running, true);
    EXPECT_EQ(node.memory_alarm, false);
    EXPECT_EQ(node.disk_alarm, false);
    EXPECT_EQ(node.disk_free_limit, 50'000'000U);
    EXPECT_EQ(node.fds_total, 20'000U);
    EXPECT_EQ(node.partitions, 0U);
    EXPECT_TRUE(node.memory_used && node.memory_limit && node.disk_free && node.fds_used);
    EXPECT_GT(*node.uptime_ms, 1000U);
  }
}

TEST(RabbitMqNodes, PartitionsAreCounted) {
  std::string body = R"([{"name":"a","running":true,"partitions":["b","c"]}])";
  EXPECT_EQ(ParseNodes(body)->at(0).partitions, 2U);
}

TEST(RabbitMqNodes, NodeThatIsDownHasNoNumbers) {
  std::string body = R"([{"name":"a","mem_used":0,"fd_used":0,"partitions":[],"running":false}])";
  const std::vector<Node> nodes = *ParseNodes(body);
  EXPECT_EQ(nodes[0].running, false);
  EXPECT_FALSE(nodes[0].memory_used || nodes[0].fds_used || nodes[0].partitions);
}

TEST(RabbitMqNodes, DiskThatCannotBeMeasuredIsUnknown) {
  std::string body = R"([{"name":"a","running":true,"disk_free":"NaN","fd_total":"unknown"}])";
  EXPECT_EQ(ParseNodes(body)->at(0).disk_free, std::nullopt);
  EXPECT_EQ(ParseNodes(body)->at(0).fds_total, std::nullopt);
}

TEST(RabbitMqNodes, OneNodeTwiceOrWithoutANameIsAnError) {
  for (const char* text : {R"([{"name":"a"},{"name":"a"}])", R"([{"running":true}])"}) {
    std::string body = text;
    EXPECT_FALSE(ParseNodes(body).ok()) << text;
  }
}

TEST_P(RabbitMqBroker, FactsOfARunningCluster) {
  const auto series = Series("overview", "nodes");
  EXPECT_EQ(series.size(), 2 * 10 + 3U);
  for (int host : {1, 2}) {
    EXPECT_THAT(series, Contains(Pair("rabbitmq_running node=" + Host(host), 1)));
    EXPECT_THAT(series, Contains(Pair("rabbitmq_partitions node=" + Host(host), 0)));
    EXPECT_THAT(series, Contains(Pair("rabbitmq_node_mem_alarm node=" + Host(host), 0)));
    EXPECT_THAT(series, Contains(Pair("rabbitmq_fd_available node=" + Host(host), 20'000)));
  }
  EXPECT_THAT(series, Contains(Pair("rabbitmq_open_connections", 2)));
  EXPECT_THAT(series, Contains(Pair("rabbitmq_open_channels", 6)));
  EXPECT_THAT(series, Contains(Pair(StartsWith(IsV4() ? "rabbitmq_version_info rabbitmq=4.0.5"
                                                      : "rabbitmq_version_info rabbitmq=3.10.8"),
                                    1)));
}

TEST_P(RabbitMqBroker, NodeThatIsDownIsNotRunningAndNothingElse) {
  const auto series = Series("overview_node_down", "nodes_node_down");
  EXPECT_THAT(series, Contains(Pair("rabbitmq_running node=" + Host(1), 1)));
  EXPECT_THAT(series, Contains(Pair("rabbitmq_running node=" + Host(2), 0)));
  std::size_t of_the_other = 0;
  for (const auto& [name, value] : series) of_the_other += name.ends_with(Host(2)) ? 1 : 0;
  EXPECT_EQ(of_the_other, 1U);
}

TEST_P(RabbitMqBroker, WithoutStatisticsOnlyRunningAndVersionAreLeft) {
  std::set<std::string> names;
  for (const auto& [name, value] : Series("overview_disable_stats", "nodes_disable_stats")) {
    names.insert(name.substr(0, name.find(' ')));
  }
  EXPECT_THAT(names, ElementsAre("rabbitmq_running", "rabbitmq_version_info"));
}

TEST(RabbitMqFacts, NothingSaidIsNothingReported) {
  EXPECT_TRUE(ReadFacts(Overview{}, {}).empty());
  EXPECT_TRUE(ReadFacts(Overview{}, {Node{.name = "a"}}).empty());
}

// Families of rabbitmq_prometheus 3.10 and 4.0 that people scrape beside this.
TEST(RabbitMqFacts, NoNameIsOneOfTheBrokersOwnPlugin) {
  const std::set<std::string_view> taken = {"rabbitmq_connections",   "rabbitmq_channels",
                                            "rabbitmq_consumers",     "rabbitmq_queues",
                                            "rabbitmq_build_info",    "rabbitmq_nodes",
                                            "rabbitmq_identity_info", "rabbitmq_process_open_fds"};
  const std::set<std::string_view> labels_taken = {"cluster", "type",     "service", "env",
                                                   "job",     "instance", "target",  "system"};
  for (const FactDesc* desc : FactTable()) {
    EXPECT_FALSE(taken.contains(desc->name)) << desc->name;
    for (std::string_view label : desc->labels) EXPECT_FALSE(labels_taken.contains(label)) << label;
  }
}

}  // namespace
}  // namespace headroom::rabbitmq
