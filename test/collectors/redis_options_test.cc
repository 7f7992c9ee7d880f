#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "collectors/redis/options.h"
#include "test/support/option_values.h"

namespace headroom::redis {
namespace {

using test::Of;
using test::Table;
using test::Tables;
using test::Texts;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Entry = Value::Entry;
using Parsed = test::ParsedOptions<RedisOptions>;

const Entry kUrl{"url", Of("redis://127.0.0.1:6379/2")};

Parsed Parse(const Value& table) { return test::ParseTarget(table, "redis[0]", ParseOptions); }

Value WithQueue(std::initializer_list<Entry> queue) {
  return Table({kUrl, {"queues", Tables(Table(queue))}});
}
Value WithWorkers(std::vector<Entry> more, bool complete = true) {
  Value::Table group(std::move(more));
  if (complete) {
    group.push_back({"group", Of("g")});
    group.push_back({"keys", Of("consumer:*")});
    group.push_back({"state_field", Of("state")});
    group.push_back({"states", Texts({"idle", "working"})});
  }
  return Table({kUrl, {"workers", Tables(Of(std::move(group)))}});
}

TEST(RedisOptions, UrlAloneReadsTheServerOnly) {
  const Parsed parsed = Parse(Table({kUrl}));
  ASSERT_TRUE(parsed.options.has_value());
  EXPECT_EQ(parsed.options->client.db, 2);
  EXPECT_EQ(parsed.options->client.endpoint.port, 6379);
  EXPECT_EQ(parsed.options->discovery_interval, std::chrono::seconds(30));
  EXPECT_EQ(parsed.options->pattern_ttl, std::chrono::hours(1));
  EXPECT_THAT(parsed.warnings, IsEmpty());
}

TEST(RedisOptions, ListsAreQueuesOfTheirOwnName) {
  const Parsed parsed = Parse(Table({kUrl, {"lists", Texts({"q:a", "q:b"})}}));
  ASSERT_TRUE(parsed.options.has_value());
  ASSERT_EQ(parsed.options->queues.size(), 2U);
  EXPECT_EQ(parsed.options->queues[1].name, "q:b");
  EXPECT_THAT(parsed.options->queues[1].keys, ElementsAre("q:b"));
}

TEST(RedisOptions, FullQueue) {
  const Parsed parsed = Parse(WithQueue({{"name", Of("later")},
                                         {"keys", Texts({"a", "b"})},
                                         {"kind", Of("zset")},
                                         {"score_unit", Of("ms")},
                                         {"in_flight_key", Of("busy")},
                                         {"in_flight_kind", Of("hash")},
                                         {"age_field", Of("at")}}));
  ASSERT_TRUE(parsed.options.has_value()) << parsed.errors.front();
  const QueueOptions& queue = parsed.options->queues.front();
  EXPECT_EQ(queue.kind, QueueOptions::Kind::kSortedSet);
  EXPECT_TRUE(queue.score_in_milliseconds);
  EXPECT_EQ(queue.in_flight_kind, QueueOptions::InFlightKind::kHash);
  EXPECT_THAT(queue.keys, ElementsAre("a", "b"));
}

TEST(RedisOptions, WorkersWithHeartbeatDefaultToStaleAfterAMinute) {
  const Parsed parsed = Parse(WithWorkers({{"heartbeat_field", Of("at")}}));
  ASSERT_TRUE(parsed.options.has_value());
  EXPECT_EQ(parsed.options->workers[0].stale_after, std::chrono::seconds(60));
  EXPECT_THAT(parsed.warnings, IsEmpty());
}

struct Case {
  const char* name;
  Value table;
  const char* key;
  const char* message;
};

class RedisOptionsMistake : public testing::TestWithParam<Case> {};

TEST_P(RedisOptionsMistake, IsNamedWithItsPlace) {
  const Parsed parsed = Parse(GetParam().table);
  EXPECT_FALSE(parsed.options.has_value());
  ASSERT_EQ(parsed.errors.size(), 1U);
  EXPECT_THAT(parsed.errors[0], HasSubstr(std::string(GetParam().key) + ": "));
  EXPECT_THAT(parsed.errors[0], HasSubstr(GetParam().message));
}

const Entry kName{"name", Of("n")};
const Entry kKey{"key", Of("k")};

INSTANTIATE_TEST_SUITE_P(
    Tables, RedisOptionsMistake,
    testing::Values(
        Case{"url", Table({{"lists", Texts({"a"})}}), "redis[0]", "url"},
        Case{"bad_url", Table({{"url", Of("http://x")}}), "redis[0].url", "redis://"},
        Case{"two_passwords",
             Table({{"url", Of("redis://u:p@h")}, {"password_file", Of("/run/x")}}), "redis[0].url",
             "password_file"},
        Case{"tls_without_tls", Table({kUrl, {"tls", Table({{"ca_file", Of("/ca")}})}}),
             "redis[0].tls", "rediss://"},
        Case{"half_a_certificate",
             Table({{"url", Of("rediss://h")}, {"tls", Table({{"cert_file", Of("/c")}})}}),
             "redis[0].tls.cert_file", "key_file"},
        Case{"fast_discovery", Table({kUrl, {"discovery_interval", Of("50ms")}}),
             "redis[0].discovery_interval", "100ms"},
        Case{"no_key", WithQueue({kName}), "redis[0].queues[0].key", "either"},
        Case{"both_keys", WithQueue({kName, kKey, {"keys", Texts({"b"})}}),
             "redis[0].queues[0].key", "either"},
        Case{"no_name", WithQueue({kKey}), "redis[0].queues[0]", "name"},
        Case{"bad_kind", WithQueue({kName, kKey, {"kind", Of("set")}}), "redis[0].queues[0].kind",
             "zset"},
        Case{"list_score", WithQueue({kName, kKey, {"score_unit", Of("ms")}}),
             "redis[0].queues[0].score_unit", "zset"},
        Case{"list_priorities", WithQueue({kName, kKey, {"score_unit", Of("none")}}),
             "redis[0].queues[0].score_unit", "zset"},
        Case{"priorities_age",
             WithQueue({kName,
                        kKey,
                        {"kind", Of("zset")},
                        {"score_unit", Of("none")},
                        {"age_field", Of("a")}}),
             "redis[0].queues[0].age_field", "which is oldest"},
        Case{"in_flight_kind", WithQueue({kName, kKey, {"in_flight_kind", Of("hash")}}),
             "redis[0].queues[0].in_flight_kind", "in_flight_key"},
        Case{"oldest", WithQueue({kName, kKey, {"oldest", Of("head")}}),
             "redis[0].queues[0].oldest", "age_field"},
        Case{"zset_oldest",
             WithQueue({kName,
                        kKey,
                        {"kind", Of("zset")},
                        {"age_field", Of("a")},
                        {"oldest", Of("head")}}),
             "redis[0].queues[0].oldest", "lists"},
        Case{"declared_twice",
             Table({kUrl, {"lists", Texts({"k"})}, {"queues", Tables(Table({kName, kKey}))}}),
             "redis[0].lists", "\"k\""},
        Case{"key_of_two_queues",
             Table({kUrl,
                    {"queues", Of(std::vector<Value>{
                                   Table({kName, kKey}),
                                   Table({{"name", Of("m")}, {"keys", Texts({"z", "k"})}})})}}),
             "redis[0].queues[1].keys", "\"k\" is a key of the queue \"n\" already"},
        Case{"in_flight_key_of_two_queues",
             Table({kUrl,
                    {"queues",
                     Of(std::vector<Value>{Table({kName, kKey, {"in_flight_key", Of("unacked")}}),
                                           Table({{"name", Of("m")},
                                                  {"key", Of("z")},
                                                  {"in_flight_key", Of("unacked")}})})}}),
             "redis[0].queues[1].in_flight_key",
             "\"unacked\" is the in_flight_key of the queue \"n\" already"},
        Case{"in_flight_key_is_the_queue", WithQueue({kName, kKey, {"in_flight_key", Of("k")}}),
             "redis[0].queues[0].in_flight_key", "\"k\" is a key of the queue \"n\" already"},
        Case{"list_in_flight",
             Table({kUrl,
                    {"lists", Texts({"busy"})},
                    {"queues", Tables(Table({kName, kKey, {"in_flight_key", Of("busy")}}))}}),
             "redis[0].lists", "\"busy\" is the in_flight_key of the queue \"n\""},
        Case{"list_named_as_a_queue",
             Table({kUrl, {"lists", Texts({"n"})}, {"queues", Tables(Table({kName, kKey}))}}),
             "redis[0].lists", "is called \"n\" too"},
        Case{"same_name",
             Table({kUrl,
                    {"queues", Of(std::vector<Value>{Table({kName, kKey}),
                                                     Table({kName, {"key", Of("z")}})})}}),
             "redis[0].queues[1].name", "\"n\""},
        Case{"other",
             WithWorkers({{"heartbeat_ttl", Of("90s")},
                          {"group", Of("g")},
                          {"keys", Of("c:*")},
                          {"state_field", Of("s")},
                          {"states", Texts({"idle", "other"})}},
                         false),
             "redis[0].workers[0].states", "reserved"},
        Case{"two_heartbeats",
             WithWorkers({{"heartbeat_field", Of("at")}, {"heartbeat_ttl", Of("90s")}}),
             "redis[0].workers[0].heartbeat_ttl", "heartbeat_field"},
        Case{"stale_without_heartbeat", WithWorkers({{"stale_after", Of("90s")}}),
             "redis[0].workers[0].stale_after", "heartbeat"},
        Case{"keys_and_members",
             WithWorkers({{"heartbeat_field", Of("at")}, {"members", Of("set")}}),
             "redis[0].workers[0].keys", "members"},
        Case{"misplaced", WithWorkers({{"heartbeat_field", Of("at")}, {"lists", Texts({"a"})}}),
             "redis[0].workers[0].lists", "belongs"},
        Case{"misspelt", WithWorkers({{"heartbeat_field", Of("at")}, {"since_feld", Of("x")}}),
             "redis[0].workers[0].since_feld", "since_field"}),
    [](const auto& test_case) { return test_case.param.name; });

TEST(RedisOptions, UnknownKeyIsLeftToTheCallerOfParse) {
  const Parsed parsed = Parse(Table({kUrl, {"list_pattern", Texts({"a"})}}));
  EXPECT_THAT(parsed.errors, ElementsAre(HasSubstr("list_patterns")));
}

TEST(RedisOptions, PasswordInTheUrlWarnsWithoutShowingIt) {
  const Parsed parsed = Parse(Table({{"url", Of("redis://monitor:s3cret@127.0.0.1")}}));
  ASSERT_TRUE(parsed.options.has_value());
  EXPECT_EQ(parsed.options->client.user, "monitor");
  EXPECT_EQ(parsed.options->client.password.from, SecretSource::From::kLiteral);
  ASSERT_EQ(parsed.warnings.size(), 1U);
  EXPECT_THAT(parsed.warnings[0], HasSubstr("password_file"));
  EXPECT_THAT(parsed.warnings[0], testing::Not(HasSubstr("s3cret")));
}

TEST(RedisOptions, UnknowableStalenessWarns) {
  const Parsed parsed = Parse(WithWorkers({}));
  ASSERT_TRUE(parsed.options.has_value());
  EXPECT_FALSE(parsed.options->workers[0].KnowsStaleness());
  EXPECT_THAT(parsed.warnings, ElementsAre(HasSubstr("heartbeat_ttl")));
}

TEST(RedisOptions, StaleAfterThatNoKeyLivesToSeeWarns) {
  const Parsed parsed = Parse(WithWorkers({{"heartbeat_ttl", Of("30s")}}));
  ASSERT_TRUE(parsed.options.has_value());
  EXPECT_THAT(parsed.warnings, ElementsAre(HasSubstr("stale_after (1m) is not below")));
}

TEST(RedisDeclare, WhatIsHandedOutOfAQueueIsNoQueueOfItsOwn) {
  RedisOptions options =
      Parse(WithQueue({kName, kKey, {"in_flight_key", Of("busy")}})).options.value();
  const auto declared = Declare({"busy", std::nullopt, std::nullopt}, options);
  ASSERT_FALSE(declared.ok());
  EXPECT_THAT(declared.error().message,
              HasSubstr("\"busy\" is the in_flight_key of the queue \"n\""));
  EXPECT_EQ(options.queues.size(), 1U);
}

Value GroupOf(std::initializer_list<Entry> keys, std::initializer_list<Entry> target = {}) {
  Value::Table group(keys);
  group.push_back({"group", Of("g")});
  group.push_back({"state_field", Of("state")});
  group.push_back({"states", Texts({"working"})});
  group.push_back({"heartbeat_field", Of("at")});
  Value::Table table(target);
  table.push_back(kUrl);
  table.push_back({"workers", Tables(Of(std::move(group)))});
  return Of(std::move(table));
}

const Entry kPattern{"keys", Of("consumer:*")};

TEST(RedisUseGroup, AGroupThatIsFoundByAPatternIsLookedForMoreOften) {
  RedisOptions options = Parse(GroupOf({kPattern})).options.value();
  const UsedGroup used = UseGroup("g", options);
  EXPECT_TRUE(used.changed);
  EXPECT_THAT(used.warning, IsEmpty());
  EXPECT_EQ(options.discovery_interval, std::chrono::seconds(5));
}

TEST(RedisUseGroup, AGroupThatIsNamedByASetNeedsNoDiscovery) {
  RedisOptions options = Parse(GroupOf({{"members", Of("set")}})).options.value();
  EXPECT_FALSE(UseGroup("g", options).changed);
  EXPECT_EQ(options.discovery_interval, std::chrono::seconds(30));
}

TEST(RedisUseGroup, AnIntervalThatIsGivenStaysAndALongOneWarns) {
  RedisOptions options =
      Parse(GroupOf({kPattern}, {{"discovery_interval", Of("10s")}})).options.value();
  UsedGroup used = UseGroup("g", options);
  EXPECT_FALSE(used.changed);
  EXPECT_THAT(used.warning, IsEmpty());
  EXPECT_EQ(options.discovery_interval, std::chrono::seconds(10));

  options = Parse(GroupOf({kPattern}, {{"discovery_interval", Of("30s")}})).options.value();
  used = UseGroup("g", options);
  EXPECT_FALSE(used.changed);
  EXPECT_THAT(used.warning, HasSubstr("discovery_interval of its target is 30s"));
  EXPECT_THAT(used.warning, HasSubstr("members"));
  EXPECT_EQ(options.discovery_interval, std::chrono::seconds(30));
}

}  // namespace
}  // namespace headroom::redis
