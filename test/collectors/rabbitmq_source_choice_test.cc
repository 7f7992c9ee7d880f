#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "collectors/rabbitmq/source_choice.h"

namespace headroom::rabbitmq {
namespace {

using testing::HasSubstr;

RabbitmqOptions Both() {
  RabbitmqOptions options;
  options.management.emplace();
  options.plugins.resize(1);
  return options;
}

Situation Healthy() { return {.management_answers = true, .plugin_rests = false, .version = 3}; }

TEST(SourceChoice, ThePluginIsTakenWhereItHasWhatIsAskedFor) {
  EXPECT_EQ(Choose(Both(), Healthy()).way, Way::kPlugin);
}

TEST(SourceChoice, RatesOfVersion3NeedTheManagementApi) {
  RabbitmqOptions options = Both();
  options.wanted.rates = true;
  const Choice choice = Choose(options, Healthy());
  EXPECT_EQ(choice.way, Way::kList);
  EXPECT_THAT(choice.why, HasSubstr("rates"));
}

TEST(SourceChoice, RatesOfVersion4AreOnTheOnlyNodesPage) {
  RabbitmqOptions options = Both();
  options.wanted.rates = true;
  Situation situation = Healthy();
  situation.version = 4;
  EXPECT_EQ(Choose(options, situation).way, Way::kPlugin);
  situation.nodes = 2;
  EXPECT_EQ(Choose(options, situation).way, Way::kList);
}

TEST(SourceChoice, RatesOfAQueueWithSeveralExchangesNeedTheManagementApi) {
  RabbitmqOptions options = Both();
  Situation situation = Healthy();
  situation.version = 4;
  situation.split_published = true;
  EXPECT_EQ(Choose(options, situation).way, Way::kPlugin);
  options.wanted.rates = true;
  EXPECT_EQ(Choose(options, situation).way, Way::kList);
}

TEST(SourceChoice, RatesThatTheManagementApiDoesNotKeepAreOnThePage) {
  RabbitmqOptions options = Both();
  options.wanted.rates = true;
  options.queues = {{"/", "orders"}};
  Situation situation = Healthy();
  situation.version = 4;
  EXPECT_EQ(Choose(options, situation).way, Way::kByName);
  situation.management_has_rates = false;
  EXPECT_EQ(Choose(options, situation).way, Way::kPlugin);
  situation.split_published = true;
  EXPECT_EQ(Choose(options, situation).way, Way::kPlugin);
}

TEST(SourceChoice, AFewDeclaredQueuesAreAskedForByName) {
  RabbitmqOptions options = Both();
  options.queues = {{"/", "orders"}};
  EXPECT_EQ(Choose(options, Healthy()).way, Way::kByName);
  options.include = {".*"};
  EXPECT_EQ(Choose(options, Healthy()).way, Way::kPlugin);
}

TEST(SourceChoice, ManyDeclaredQueuesAreNot) {
  RabbitmqOptions options = Both();
  for (std::size_t i = 0; i <= kMaxByName; ++i) options.queues.push_back({"/", std::to_string(i)});
  EXPECT_EQ(Choose(options, Healthy()).way, Way::kPlugin);
}

TEST(SourceChoice, WithoutAnAnswerOfTheManagementApiThePluginIsLeft) {
  RabbitmqOptions options = Both();
  options.queues = {{"/", "orders"}};
  options.wanted.rates = true;
  EXPECT_EQ(Choose(options, {.management_answers = false, .plugin_rests = false, .version = 3}).way,
            Way::kPlugin);
}

TEST(SourceChoice, APluginThatTimedOutIsLeftAloneForAWhile) {
  Situation situation = Healthy();
  situation.plugin_rests = true;
  EXPECT_EQ(Choose(Both(), situation).way, Way::kList);
}

TEST(SourceChoice, WhatTheConfigurationSaysIsDone) {
  RabbitmqOptions options = Both();
  options.source = Source::kManagement;
  EXPECT_EQ(Choose(options, Healthy()).way, Way::kList);
  options.source = Source::kPlugin;
  Situation situation = Healthy();
  situation.plugin_rests = true;
  EXPECT_EQ(Choose(options, situation).way, Way::kPlugin);
}

TEST(SourceChoice, WithOneSourceThereIsNoChoice) {
  RabbitmqOptions options = Both();
  options.plugins.clear();
  EXPECT_EQ(Choose(options, Healthy()).way, Way::kList);
  options = Both();
  options.management.reset();
  EXPECT_EQ(Choose(options, {}).way, Way::kPlugin);
}

}  // namespace
}  // namespace headroom::rabbitmq
