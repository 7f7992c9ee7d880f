#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "collectors/rabbitmq/options.h"
#include "test/support/option_values.h"

namespace headroom::rabbitmq {
namespace {

using test::Of;
using test::Table;
using test::Texts;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Entry = Value::Entry;
using Parsed = test::ParsedOptions<RabbitmqOptions>;

const Entry kUrl{"url", Of("http://monitor@127.0.0.1:15672")};
const Entry kPlugins{"prometheus_urls", Texts({"http://a:15692", "http://b"})};

Parsed Parse(std::vector<Entry> entries) {
  return test::ParseTarget(Table(std::move(entries)), "rabbitmq[0]", ParseOptions);
}

TEST(RabbitmqOptions, AUrlIsEnough) {
  const Parsed parsed = Parse({kUrl});
  ASSERT_TRUE(parsed.options) << testing::PrintToString(parsed.errors);
  EXPECT_EQ(parsed.options->management->endpoint.port, 15672);
  EXPECT_EQ(parsed.options->management->user, "monitor");
  EXPECT_TRUE(parsed.options->Discovers());
  EXPECT_TRUE(parsed.options->wanted.consumers);
  EXPECT_FALSE(parsed.options->wanted.rates);
}

TEST(RabbitmqOptions, PluginsAloneAreEnough) {
  const Parsed parsed = Parse({kPlugins});
  ASSERT_TRUE(parsed.options) << testing::PrintToString(parsed.errors);
  EXPECT_FALSE(parsed.options->management);
  ASSERT_EQ(parsed.options->plugins.size(), 2U);
  EXPECT_EQ(parsed.options->plugins[1].endpoint.port, 15692);
}

TEST(RabbitmqOptions, NeitherIsAnErrorThatNamesBoth) {
  const Parsed parsed = Parse({});
  EXPECT_THAT(parsed.errors, ElementsAre(HasSubstr("prometheus_urls")));
}

TEST(RabbitmqOptions, ASourceNeedsItsAddress) {
  EXPECT_THAT(Parse({kUrl, {"source", Of("prometheus")}}).errors,
              ElementsAre(HasSubstr("needs prometheus_urls")));
  EXPECT_THAT(Parse({kPlugins, {"source", Of("management")}}).errors,
              ElementsAre(HasSubstr("needs url")));
}

TEST(RabbitmqOptions, QueuesAreNamesOrTables) {
  const Parsed names = Parse({kUrl, {"queues", Texts({"orders", "invoices"})}});
  EXPECT_THAT(names.options->queues, ElementsAre(QueueId{"/", "orders"}, QueueId{"/", "invoices"}));
  const Value tables{Value::List{Table({{"name", Of("orders")}, {"vhost", Of("app")}}),
                                 Table({{"name", Of("orders")}})},
                     {},
                     {}};
  const Parsed parsed = Parse({kUrl, {"queues", tables}});
  ASSERT_TRUE(parsed.options) << testing::PrintToString(parsed.errors);
  EXPECT_THAT(parsed.options->queues,
              ElementsAre(QueueId{"app", "orders"}, QueueId{"/", "orders"}));
  EXPECT_FALSE(parsed.options->Discovers());
}

TEST(RabbitmqOptions, AQueueDeclaredTwiceIsAnError) {
  const Value tables{Value::List{Table({{"name", Of("orders")}}),
                                 Table({{"name", Of("orders")}, {"vhost", Of("/")}})},
                     {},
                     {}};
  EXPECT_THAT(Parse({kUrl, {"queues", tables}}).errors, ElementsAre(HasSubstr("declared twice")));
}

TEST(RabbitmqOptions, UnknownReadingsAreListedWithTheKnownOnes) {
  const Parsed parsed = Parse({kUrl, {"readings", Texts({"messages", "depth"})}});
  EXPECT_THAT(parsed.errors, ElementsAre(HasSubstr("\"consumers\"")));
}

TEST(RabbitmqOptions, ReadingsWithoutMessagesAreAnError) {
  EXPECT_THAT(Parse({kUrl, {"readings", Texts({"rates"})}}).errors,
              ElementsAre(HasSubstr("\"messages\" is always needed")));
}

TEST(RabbitmqOptions, InfoNeedsTheManagementApi) {
  EXPECT_THAT(Parse({kPlugins, {"readings", Texts({"messages", "info"})}}).errors,
              ElementsAre(HasSubstr("management API only")));
}

TEST(RabbitmqOptions, NamesThatNoPageShowsAreLookedUpAtTheDiscoveryInterval) {
  const Parsed parsed = Parse({kUrl, kPlugins, {"discovery_interval", Of("30s")}});
  EXPECT_THAT(parsed.errors, IsEmpty());
  ASSERT_TRUE(parsed.options);
  EXPECT_EQ(parsed.options->discovery_interval, std::chrono::seconds(30));
}

TEST(RabbitmqOptions, ADiscoveryIntervalThatNothingUsesIsAnError) {
  const Entry interval{"discovery_interval", Of("30s")};
  for (const auto& entries : {std::vector<Entry>{kUrl, interval},
                              {kPlugins, interval},
                              {kUrl, kPlugins, {"source", Of("management")}, interval}}) {
    EXPECT_THAT(Parse(entries).errors, ElementsAre(HasSubstr("discovery_interval: is only used")));
  }
  EXPECT_THAT(Parse({kUrl, {"readings", Texts({"messages", "info"})}, interval}).errors, IsEmpty());
}

TEST(RabbitmqOptions, AWrongPatternIsNamed) {
  EXPECT_THAT(Parse({kUrl, {"include", Texts({"orders("})}}).errors,
              ElementsAre(HasSubstr("\"orders(\" is not a regular expression")));
}

TEST(RabbitmqOptions, ADeclaredQueueOutsideOfTheVirtualHostsIsAnError) {
  const Parsed parsed = Parse({kUrl, {"vhosts", Texts({"app"})}, {"queues", Texts({"orders"})}});
  EXPECT_THAT(parsed.errors, ElementsAre(HasSubstr("leaves out \"/\"")));
}

TEST(RabbitmqOptions, APasswordInAUrlIsUsedWithAWarningThatDoesNotShowIt) {
  const Parsed parsed = Parse({{"url", Of("http://monitor:s3cret@127.0.0.1")}});
  ASSERT_TRUE(parsed.options);
  EXPECT_EQ(parsed.options->management->password.literal.Reveal(), "s3cret");
  EXPECT_THAT(parsed.warnings, ElementsAre(HasSubstr("password_file")));
  EXPECT_THAT(parsed.warnings.front(), Not(HasSubstr("s3cret")));
}

TEST(RabbitmqOptions, APasswordWithoutAUserIsAnError) {
  const Parsed parsed =
      Parse({{"url", Of("http://127.0.0.1")}, {"password_file", Of("/run/secrets/rabbitmq")}});
  EXPECT_THAT(parsed.errors, ElementsAre(HasSubstr("no URL has one")));
}

TEST(RabbitmqOptions, TheSameNodeTwiceIsAnError) {
  EXPECT_THAT(Parse({{"prometheus_urls", Texts({"http://a:15692", "http://a"})}}).errors,
              ElementsAre(HasSubstr("twice")));
}

TEST(RabbitmqOptions, OneTlsTableServesEveryAddress) {
  const Parsed parsed = Parse({{"url", Of("https://a")},
                               {"prometheus_urls", Texts({"https://a"})},
                               {"tls", Table({{"ca_file", Of("/ca.pem")}})}});
  ASSERT_TRUE(parsed.options) << testing::PrintToString(parsed.errors);
  EXPECT_EQ(parsed.options->management->endpoint.port, 15671);
  EXPECT_EQ(parsed.options->management->endpoint.tls_options.ca_file, "/ca.pem");
  EXPECT_EQ(parsed.options->plugins[0].endpoint.port, 15691);
  EXPECT_EQ(parsed.options->plugins[0].endpoint.tls_options.ca_file, "/ca.pem");
}

TEST(RabbitmqOptions, WhatThePathsOfOtherToolsEndWithIsUnderstood) {
  const Parsed parsed = Parse(
      {{"url", Of("http://a:15672/api/")}, {"prometheus_urls", Texts({"http://a:15692/metrics"})}});
  ASSERT_TRUE(parsed.options) << testing::PrintToString(parsed.errors);
  EXPECT_THAT(parsed.options->management->path, IsEmpty());
  EXPECT_THAT(parsed.options->plugins[0].path, IsEmpty());
}

TEST(RabbitmqDeclare, AQueueOfAWorkloadEndsNoDiscovery) {
  RabbitmqOptions everything = Parse({kUrl}).options.value();
  const auto declared = Declare({"orders", std::nullopt, std::nullopt}, everything);
  ASSERT_TRUE(declared.ok());
  EXPECT_EQ(declared->vhost, "/");
  EXPECT_TRUE(declared->added);
  EXPECT_THAT(everything.queues, ElementsAre(QueueId{"/", "orders"}));
  EXPECT_TRUE(everything.Discovers());
  EXPECT_THAT(everything.include, ElementsAre(".*"));
}

TEST(RabbitmqDeclare, AQueueOfAWorkloadBeginsNoDiscovery) {
  RabbitmqOptions some = Parse({kUrl, {"queues", Texts({"mail"})}}).options.value();
  EXPECT_FALSE(Declare({"mail", "/", std::nullopt}, some)->added);
  EXPECT_TRUE(Declare({"orders", "app", std::nullopt}, some)->added);
  EXPECT_FALSE(some.Discovers());
  EXPECT_EQ(some.queues.size(), 2U);
}

}  // namespace
}  // namespace headroom::rabbitmq
