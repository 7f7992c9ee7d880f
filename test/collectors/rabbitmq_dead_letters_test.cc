#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "collectors/rabbitmq/dead_letters.h"
#include "test/support/fixtures.h"

namespace headroom::rabbitmq {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

QueueTraits Queue(std::string name, std::optional<std::string> exchange = {},
                  std::optional<std::string> key = {}, std::string policy = "") {
  return QueueTraits{.vhost = "/",
                     .name = std::move(name),
                     .kind = "classic",
                     .policy = std::move(policy),
                     .dead_letter_exchange = std::move(exchange),
                     .dead_letter_routing_key = std::move(key)};
}

const std::vector<Binding> kTwoQueues = {{.queue = "a", .routing_key = "a"},
                                         {.queue = "b", .routing_key = "b"}};

std::set<ObjectId> Dead(const std::vector<QueueTraits>& traits, const std::vector<Policy>& policies,
                        const Exchanges& exchanges) {
  return FindDeadLetters(traits, policies, exchanges).queues;
}

TEST(RabbitMqDeadLetters, DefaultExchangeLeadsToTheQueueOfTheRoutingKey) {
  EXPECT_THAT(Dead({Queue("q", "", "q.dead")}, {}, {}), ElementsAre(Pair("/", "q.dead")));
  EXPECT_THAT(ExchangesToAsk({Queue("q", "", "q.dead")}, {}, {}), IsEmpty());
}

TEST(RabbitMqDeadLetters, DefaultExchangeWithoutAKeyLeadsNowhereKnown) {
  const DeadLetters found = FindDeadLetters({Queue("q", "")}, {}, {});
  EXPECT_THAT(found.queues, IsEmpty());
  EXPECT_THAT(found.exchange_of, ElementsAre(Pair(Pair("/", "q"), "")));
}

TEST(RabbitMqDeadLetters, QueueWithoutAnExchangeHasNone) {
  EXPECT_THAT(FindDeadLetters({Queue("q")}, {}, {}).exchange_of, IsEmpty());
  EXPECT_THAT(FindDeadLetters({Queue("q", {}, "key")}, {}, {}).exchange_of, IsEmpty());
}

// Tried: a message rejected from such a queue goes through the argument's exchange under the
// policy's key.
TEST(RabbitMqDeadLetters, ArgumentsWinOverThePolicyOneByOne) {
  const Policy policy{.vhost = "/",
                      .name = "p",
                      .dead_letter_exchange = "dlx",
                      .dead_letter_routing_key = "by-policy"};
  EXPECT_THAT(Dead({Queue("q", "", {}, "p")}, {policy}, {}), ElementsAre(Pair("/", "by-policy")));
  EXPECT_THAT(Dead({Queue("q", "", "own", "p")}, {policy}, {}), ElementsAre(Pair("/", "own")));
  EXPECT_THAT(ExchangesToAsk({Queue("q", {}, {}, "p")}, {policy}, {}),
              ElementsAre(Pair("/", "dlx")));
}

TEST(RabbitMqDeadLetters, APolicyIsOneOfTheQueuesVhost) {
  const Policy elsewhere{.vhost = "other", .name = "p", .dead_letter_exchange = "dlx"};
  EXPECT_THAT(ExchangesToAsk({Queue("q", {}, {}, "p")}, {elsewhere}, {}), IsEmpty());
}

TEST(RabbitMqDeadLetters, DirectExchangeLeadsToTheQueuesOfTheKey) {
  const Exchanges direct = {{{"/", "dlx"}, {"direct", kTwoQueues}}};
  EXPECT_THAT(Dead({Queue("q", "dlx", "a")}, {}, direct), ElementsAre(Pair("/", "a")));
  EXPECT_THAT(Dead({Queue("q", "dlx")}, {}, direct), ElementsAre(Pair("/", "a"), Pair("/", "b")));
  const Exchanges built_in = {{{"/", "amq.direct"}, {"", kTwoQueues}}};
  EXPECT_THAT(Dead({Queue("q", "amq.direct", "b")}, {}, built_in), ElementsAre(Pair("/", "b")));
}

TEST(RabbitMqDeadLetters, OtherExchangesLeadToEveryQueueThatIsBound) {
  for (const char* kind : {"", "topic", "fanout", "headers"}) {
    const Exchanges exchanges = {{{"/", "dlx"}, {kind, kTwoQueues}}};
    EXPECT_THAT(Dead({Queue("q", "dlx", "a")}, {}, exchanges),
                ElementsAre(Pair("/", "a"), Pair("/", "b")))
        << kind;
  }
}

TEST(RabbitMqDeadLetters, BindingsAreFollowedFromExchangeToExchange) {
  Exchanges known = {{{"/", "dlx"}, {"", {{.exchange = "next"}, {.exchange = "dlx"}}}}};
  const std::vector<QueueTraits> traits = {Queue("q", "dlx")};
  EXPECT_THAT(ExchangesToAsk(traits, {}, known), ElementsAre(Pair("/", "next")));
  known[{"/", "next"}] = {"", {{.exchange = "dlx"}, {.queue = "dead"}}};
  EXPECT_THAT(ExchangesToAsk(traits, {}, known), IsEmpty());
  EXPECT_THAT(Dead(traits, {}, known), ElementsAre(Pair("/", "dead")));
}

TEST(RabbitMqDeadLetters, TwoKeysOfOneExchangeAreTwoRoutes) {
  const Exchanges direct = {{{"/", "dlx"}, {"direct", kTwoQueues}}};
  EXPECT_THAT(Dead({Queue("p", "dlx", "b"), Queue("q", "dlx", "a")}, {}, direct),
              ElementsAre(Pair("/", "a"), Pair("/", "b")));
}

TEST(RabbitMqDeadLetters, AStreamHasNoDeadLetters) {
  QueueTraits stream = Queue("s", "", "s.dead");
  stream.kind = "stream";
  EXPECT_THAT(FindDeadLetters({stream}, {}, {}).exchange_of, IsEmpty());
  EXPECT_THAT(Dead({stream}, {}, {}), IsEmpty());
}

class RabbitMqDeadLettersOf : public testing::TestWithParam<std::string> {};

template <class T>
std::vector<T> Parse(Result<std::vector<T>> (*parse)(std::string&), const std::string& file) {
  std::string body = test::ReadFixture("rabbitmq/" + file);
  return parse(body).value();
}

TEST_P(RabbitMqDeadLettersOf, RecordedBrokerAreFound) {
  const std::string folder = GetParam() + "/api_";
  const auto traits = Parse(&ParseQueueTraits, folder + "queues_traits.json");
  const auto policies = Parse(&ParsePolicies, folder + "policies.json");
  Exchanges exchanges;
  EXPECT_THAT(ExchangesToAsk(traits, policies, exchanges),
              ElementsAre(Pair("/", "dlx"), Pair("/", "dlx-topic")));
  exchanges[{"/", "dlx"}] = {"direct", Parse(&ParseBindings, folder + "bindings_dlx.json")};
  exchanges[{"/", "dlx-topic"}] = {"topic",
                                   Parse(&ParseBindings, folder + "bindings_dlx-topic.json")};
  EXPECT_THAT(ExchangesToAsk(traits, policies, exchanges), IsEmpty());
  const DeadLetters found = FindDeadLetters(traits, policies, exchanges);
  EXPECT_THAT(found.queues, ElementsAre(Pair("/", "jobs.audit"), Pair("/", "jobs.dead"),
                                        Pair("/", "orders.dead")));
  EXPECT_THAT(found.exchange_of,
              ElementsAre(Pair(Pair("/", "by-argument"), ""), Pair(Pair("/", "jobs"), "dlx"),
                          Pair(Pair("/", "topic-dl"), "dlx-topic")));
}
INSTANTIATE_TEST_SUITE_P(Versions, RabbitMqDeadLettersOf, testing::Values("3.10", "4.0"),
                         [](const auto& version) {
                           return version.param == "4.0" ? "V4_0" : "V3_10";
                         });

}  // namespace
}  // namespace headroom::rabbitmq
