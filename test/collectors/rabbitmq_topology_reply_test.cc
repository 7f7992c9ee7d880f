#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "collectors/rabbitmq/management_reply.h"
#include "test/support/fixtures.h"

namespace headroom::rabbitmq {
namespace {

class RabbitMqTopology : public testing::TestWithParam<std::string> {
 protected:
  std::string Text(const std::string& name) {
    return test::ReadFixture("rabbitmq/" + GetParam() + "/api_" + name + ".json");
  }
  QueueTraits TraitsOf(const std::string& name) {
    std::string body = Text("queues_traits");
    const std::vector<QueueTraits> all = ParseQueueTraits(body).value();
    for (const QueueTraits& traits : all) {
      if (traits.vhost == "/" && traits.name == name) return traits;
    }
    ADD_FAILURE() << "no queue " << name;
    return {};
  }
};
INSTANTIATE_TEST_SUITE_P(Versions, RabbitMqTopology, testing::Values("3.10", "4.0"),
                         [](const auto& version) {
                           return version.param == "4.0" ? "V4_0" : "V3_10";
                         });

TEST_P(RabbitMqTopology, TraitsSayKindDurabilityAndPolicy) {
  EXPECT_EQ(TraitsOf("quorum").kind, "quorum");
  EXPECT_EQ(TraitsOf("stream").kind, "stream");
  EXPECT_EQ(TraitsOf("orders").durable, true);
  EXPECT_EQ(TraitsOf("exclusive").durable, false);
  EXPECT_EQ(TraitsOf("jobs").policy, "dlx-policy");
  EXPECT_EQ(TraitsOf("orders").policy, "");
}

TEST_P(RabbitMqTopology, TheDefaultExchangeIsNotNoExchange) {
  EXPECT_EQ(TraitsOf("by-argument").dead_letter_exchange, "");
  EXPECT_EQ(TraitsOf("by-argument").dead_letter_routing_key, "orders.dead");
  EXPECT_EQ(TraitsOf("topic-dl").dead_letter_exchange, "dlx-topic");
  EXPECT_EQ(TraitsOf("topic-dl").dead_letter_routing_key, std::nullopt);
  EXPECT_EQ(TraitsOf("orders").dead_letter_exchange, std::nullopt);
}

TEST_P(RabbitMqTopology, PoliciesSayTheirDeadLetterSettings) {
  std::string body = Text("policies");
  const std::vector<Policy> policies = ParsePolicies(body).value();
  ASSERT_EQ(policies.size(), 2U);
  EXPECT_EQ(policies[0].name, "dlx-policy");
  EXPECT_EQ(policies[0].dead_letter_exchange, "dlx");
  EXPECT_EQ(policies[0].dead_letter_routing_key, "jobs.dead");
  EXPECT_EQ(policies[1].name, "ttl-policy");
  EXPECT_EQ(policies[1].dead_letter_exchange, std::nullopt);
}

TEST_P(RabbitMqTopology, BindingsLeadToQueuesAndExchanges) {
  std::string body = Text("bindings_dlx");
  const std::vector<Binding> bindings = ParseBindings(body).value();
  ASSERT_EQ(bindings.size(), 3U);
  std::map<std::string, std::string> key_of;
  for (const Binding& binding : bindings) {
    EXPECT_NE(binding.queue.empty(), binding.exchange.empty());
    key_of[binding.queue + ">" + binding.exchange] = binding.routing_key;
  }
  EXPECT_EQ(key_of.at("jobs.dead>"), "jobs.dead");
  EXPECT_EQ(key_of.at("orders.dead>"), "orders.dead");
  EXPECT_EQ(key_of.at(">dlx-topic"), "jobs.dead");
}

TEST(RabbitMqBindings, BindingToNowhereIsAnError) {
  for (const char* text : {R"([{"destination":"q","destination_type":"planet","routing_key":""}])",
                           R"([{"destination":"","destination_type":"queue","routing_key":""}])",
                           R"([{"destination":"q","destination_type":"queue"}])"}) {
    std::string body = text;
    EXPECT_FALSE(ParseBindings(body).ok()) << text;
  }
}

TEST(RabbitMqTraits, WhatStandsTwiceIsLeftOut) {
  std::string body =
      R"([{"vhost":"/","name":"a"},{"vhost":"/","name":"a"},{"vhost":"/","name":"b"}])";
  EXPECT_EQ(ParseQueueTraits(body)->size(), 1U);
  EXPECT_EQ(ParsePolicies(body)->size(), 1U);
}

TEST(RabbitMqTraits, PrioritiesAreSeenWhateverTheirNumberIs) {
  std::string body =
      R"([{"vhost":"/","name":"a","arguments":{"x-max-priority":10,"x-queue-type":"classic"}},)"
      R"({"vhost":"/","name":"b","arguments":{"x-queue-type":"classic"}}])";
  const auto traits = ParseQueueTraits(body);
  EXPECT_TRUE(traits->at(0).priorities);
  EXPECT_EQ(traits->at(0).kind, "classic");
  EXPECT_FALSE(traits->at(1).priorities);
}

// A client may have put anything into its arguments, one key twice as well.
TEST(RabbitMqTraits, TheFirstOfTwoEqualArgumentsCounts) {
  std::string body =
      R"([{"vhost":"/","name":"a","arguments":{"x-dead-letter-exchange":"x","x-dead-letter-exchange":"y"}}])";
  EXPECT_EQ(ParseQueueTraits(body)->at(0).dead_letter_exchange, "x");
}

}  // namespace
}  // namespace headroom::rabbitmq
