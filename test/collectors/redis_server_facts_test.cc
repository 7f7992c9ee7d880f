#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "collectors/redis/replica.h"
#include "collectors/redis/server_facts.h"
#include "test/support/fixtures.h"

namespace headroom::redis {
namespace {

using test::ReadFixture;
using testing::Contains;
using testing::ElementsAre;
using testing::Key;
using testing::Not;
using testing::Pair;

// name{label="value",...} -> value
std::map<std::string, double> Series(std::string_view text) {
  std::map<std::string, double> series;
  for (const Fact& fact : ReadFacts(Info(text))) {
    std::string name(fact.desc->name);
    EXPECT_EQ(fact.label_values.size(), fact.desc->labels.size()) << name;
    for (std::size_t i = 0; i < fact.label_values.size(); ++i) {
      name +=
          fmt::format("{}{}={}", i == 0 ? "{" : ",", fact.desc->labels[i], fact.label_values[i]);
    }
    EXPECT_TRUE(series.emplace(name, fact.value).second) << "twice: " << name;
  }
  return series;
}

std::string WithoutField(const std::string& text, std::string_view field) {
  const std::size_t begin = text.find(fmt::format("\n{}:", field)) + 1;
  EXPECT_NE(begin, 0U) << field;
  return text.substr(0, begin) + text.substr(text.find('\n', begin) + 1);
}

std::vector<std::string> FieldsOf(const std::string& text) {
  std::vector<std::string> fields;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = text.find('\n', begin);
    const std::string line = text.substr(begin, end - begin);
    if (line.find(':') != std::string::npos) fields.push_back(line.substr(0, line.find(':')));
    begin = end + 1;
  }
  return fields;
}

TEST(RedisFacts, PrimaryReportsItsReplica) {
  const auto series = Series(ReadFixture("redis/7.0/info-primary.txt"));
  const std::string replica = "{slave_ip=127.0.0.1,slave_port=17101,slave_state=online";
  EXPECT_THAT(series, Contains(Key("redis_connected_slave_offset_bytes" + replica)));
  EXPECT_THAT(series, Contains(Key("redis_connected_slave_lag_seconds" + replica)));
  EXPECT_THAT(series, Contains(Pair("redis_memory_max_bytes", 256.0 * 1024 * 1024)));
  EXPECT_THAT(series, Contains(Pair("redis_db_keys{db=db0", 2)));
  EXPECT_THAT(series, Contains(Pair("redis_db_keys_expiring{db=db0", 1)));
  EXPECT_THAT(series, Contains(Pair("redis_db_keys{db=db3", 1)));
  EXPECT_THAT(series, Contains(Pair("redis_keyspace_hits_total", 1)));
  EXPECT_THAT(series, Contains(Pair("redis_keyspace_misses_total", 1)));
}

TEST(RedisFacts, ReplicaThatIsNotOnlineHasAcknowledgedNothing) {
  std::string text = ReadFixture("redis/7.0/info-primary.txt");
  const std::string online = "state=online";
  text.replace(text.find(online), online.size(), "state=wait_bgsave");
  const auto series = Series(text);
  EXPECT_THAT(series, Contains(Pair("redis_connected_slaves", 1)));
  EXPECT_THAT(series, Not(Contains(Key(testing::StartsWith("redis_connected_slave_")))));
}

TEST(RedisFacts, ReplicaReportsItsLink) {
  const auto series = Series(ReadFixture("redis/7.0/info-replica.txt"));
  const std::string primary = "{master_host=127.0.0.1,master_port=17100";
  EXPECT_THAT(series, Contains(Pair("redis_master_link_up" + primary, 1)));
  EXPECT_THAT(series, Contains(Key("redis_master_last_io_seconds_ago" + primary)));
  EXPECT_THAT(series, Contains(Pair("redis_slave_info" + primary + ",read_only=1", 1)));
}

TEST(RedisFacts, LinkThatIsDownHasNoLastIo) {
  const auto series = Series(ReadFixture("redis/7.0/info-replica-link-down.txt"));
  const std::string primary = "{master_host=127.0.0.1,master_port=17100";
  EXPECT_THAT(series, Contains(Pair("redis_master_link_up" + primary, 0)));
  EXPECT_THAT(series, Not(Contains(Key("redis_master_last_io_seconds_ago" + primary))));
}

// Redis 8.0 adds sections whose fields begin with "db0" too.
TEST(RedisFacts, OtherProductsAndVersionsGiveTheSameSeries) {
  const auto names = [](const std::string& fixture) {
    std::set<std::string> all;
    for (const Fact& fact : ReadFacts(Info(ReadFixture(fixture)))) {
      all.insert(std::string(fact.desc->name));
    }
    return all;
  };
  for (const char* file : {"info-primary.txt", "info-replica.txt", "info-standalone.txt"}) {
    const std::string name = file;
    EXPECT_EQ(names("redis/8.0/" + name), names("redis/7.0/" + name)) << name;
    EXPECT_EQ(names("valkey/8.1/" + name), names("redis/7.0/" + name)) << name;
  }
}

TEST(RedisFacts, ValkeyTellsItsModeUnderAnotherName) {
  const std::string text = ReadFixture("valkey/8.1/info-standalone.txt");
  for (const Fact& fact : ReadFacts(Info(text))) {
    if (fact.desc->name == "redis_instance_info") {
      EXPECT_EQ(fact.label_values[3], "standalone");
    }
  }
}

class RedisInfoField : public testing::TestWithParam<const char*> {};

// Takes every line out in turn: what is left must be what was there, less what that line said.
TEST_P(RedisInfoField, MissingRemovesItsSeriesAndChangesNoOther) {
  const std::string text = ReadFixture(GetParam());
  const auto whole = Series(text);
  std::set<std::string> removed;
  for (const std::string& field : FieldsOf(text)) {
    for (const auto& [name, value] : Series(WithoutField(text, field))) {
      if (name.rfind("redis_instance_info", 0) == 0) continue;  // below
      auto before = whole.find(name);
      ASSERT_NE(before, whole.end()) << field << " brought " << name;
      EXPECT_EQ(value, before->second) << field << " changed " << name;
    }
    const auto rest = Series(WithoutField(text, field));
    for (const auto& [name, value] : whole) {
      if (!rest.contains(name)) removed.insert(name);
    }
  }
  for (const auto& [name, value] : whole) EXPECT_TRUE(removed.contains(name)) << name;
}

TEST_P(RedisInfoField, ThatIsNoNumberRemovesItsSeries) {
  const std::string text = ReadFixture(GetParam());
  const auto whole = Series(text);
  std::string broken = text;
  const std::size_t at = broken.find("\nused_memory:") + 13;
  broken.replace(at, broken.find('\r', at) - at, "12MB");
  auto expected = whole;
  expected.erase("redis_memory_used_bytes");
  EXPECT_EQ(Series(broken), expected);
}

INSTANTIATE_TEST_SUITE_P(Fixtures, RedisInfoField,
                         testing::Values("redis/7.0/info-primary.txt", "redis/7.0/info-replica.txt",
                                         "redis/7.0/info-standalone.txt",
                                         "redis/8.0/info-primary.txt", "redis/8.0/info-replica.txt",
                                         "valkey/8.1/info-primary.txt",
                                         "valkey/8.1/info-replica.txt"));

TEST(RedisFacts, InstanceInfoLeavesOutTheLabelThatIsUnknown) {
  const std::string text = ReadFixture("redis/7.0/info-standalone.txt");
  for (const Fact& fact : ReadFacts(Info(WithoutField(text, "redis_version")))) {
    if (fact.desc->name != "redis_instance_info") continue;
    EXPECT_EQ(fact.label_values[0], "master");
    EXPECT_EQ(fact.label_values[1], "");
  }
  EXPECT_THAT(Series(WithoutField(text, "role")),
              Not(Contains(Key(testing::StartsWith("redis_instance_info")))));
}

TEST(RedisFacts, EmptyTextGivesNothing) {
  EXPECT_TRUE(ReadFacts(Info("")).empty());
  EXPECT_TRUE(ReadPool(Info("")).connections.empty());
  EXPECT_FALSE(ReadPool(Info("")).max_connections.has_value());
}

TEST(RedisPool, CountsClientsReplicasAndClusterLinks) {
  const Pool pool = ReadPool(Info(
      "connected_clients:7\r\ncluster_connections:4\r\nmaxclients:100\r\nconnected_slaves:2\r\n"));
  ASSERT_EQ(pool.connections.size(), 1U);
  EXPECT_EQ(pool.connections[0].state, "open");
  EXPECT_EQ(pool.connections[0].count, 13U);
  EXPECT_EQ(pool.max_connections, 100U);
  EXPECT_EQ(pool.available_connections, 87U);
}

TEST(RedisPool, NeverHasLessThanNoRoom) {
  const Pool pool = ReadPool(
      Info("connected_clients:12\ncluster_connections:0\nmaxclients:10\nconnected_slaves:0\n"));
  EXPECT_EQ(pool.available_connections, 0U);
}

TEST(RedisPool, AnyUnknownPartMakesTheSumUnknown) {
  const std::string text = ReadFixture("redis/7.0/info-primary.txt");
  for (const char* field : {"connected_clients", "connected_slaves", "maxclients"}) {
    const std::string rest = WithoutField(text, field);
    const Pool pool = ReadPool(Info(rest));
    EXPECT_FALSE(pool.available_connections.has_value()) << field;
    EXPECT_EQ(pool.connections.empty(), std::string(field) != "maxclients") << field;
  }
}

TEST(RedisPool, BeforeRedis62NoClusterMeansNoClusterLinks) {
  const std::string base = "connected_clients:1\nmaxclients:10\nconnected_slaves:0\n";
  EXPECT_EQ(ReadPool(Info(base + "cluster_enabled:0\n")).available_connections, 9U);
  EXPECT_FALSE(ReadPool(Info(base + "cluster_enabled:1\n")).available_connections.has_value());
  EXPECT_FALSE(ReadPool(Info(base)).available_connections.has_value());
}

TEST(RedisReplica, ASilentLinkIsALostPrimary) {
  const auto lost = [](std::string_view text) { return HasLostItsPrimary(Info(text)); };
  EXPECT_FALSE(lost("role:master\r\n"));
  EXPECT_FALSE(lost("master_link_status:up\r\nmaster_last_io_seconds_ago:30\r\n"));
  EXPECT_FALSE(lost("master_link_status:up\r\n"));
  EXPECT_TRUE(lost("master_link_status:up\r\nmaster_last_io_seconds_ago:31\r\n"));
  EXPECT_TRUE(lost("master_link_status:down\r\nmaster_last_io_seconds_ago:-1\r\n"));
}

}  // namespace
}  // namespace headroom::redis
