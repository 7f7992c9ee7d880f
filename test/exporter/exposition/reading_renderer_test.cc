#include "exporter/exposition/reading_renderer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>

#include "test/exporter/exposition/reading_fixture.h"

namespace headroom {
namespace {

using test::kNow;
using test::List;
using test::Render;
using testing::HasSubstr;
using testing::Not;

TEST(ReadingRenderer, NothingReadMeansNothingWritten) { EXPECT_EQ(Render({}), ""); }

TEST(ReadingRenderer, WhatNeverChangesStandsOnTheInfoFamily) {
  Reading reading;
  Queue& queue = reading.queues.emplace_back(List("jobs", 17));
  queue.durable = false;
  EXPECT_THAT(Render(reading),
              HasSubstr("queue=\"jobs\",db=\"0\",kind=\"list\",durable=\"false\"} 1\n"));
  queue.kind.clear();
  EXPECT_THAT(Render(reading), HasSubstr("queue=\"jobs\",db=\"0\",durable=\"false\"} 1\n"));
}

TEST(ReadingRenderer, TheDefaultExchangeHasNoLabel) {
  Reading reading;
  Queue& queue = reading.queues.emplace_back(List("jobs", 17));
  EXPECT_THAT(Render(reading), Not(HasSubstr("dead_letter")));
  queue.dead_letter_exchange = "";
  queue.dead_letter_queue = true;
  EXPECT_THAT(Render(reading), HasSubstr("headroom_queue_dead_letter_info{target=\"main\","
                                         "system=\"redis\",queue=\"jobs\",db=\"0\"} 1\n"));
  EXPECT_THAT(Render(reading), HasSubstr("headroom_queue_dead_letter_queue{"));
}

TEST(ReadingRenderer, AQueueIsWrittenWithWhatIsKnownOfIt) {
  Reading reading;
  reading.queues.push_back(List("jobs", 17));
  EXPECT_EQ(Render(reading),
            "headroom_queue_info{target=\"main\",system=\"redis\",queue=\"jobs\",db=\"0\","
            "kind=\"list\"} 1\n"
            "headroom_queue_messages{target=\"main\",system=\"redis\",queue=\"jobs\",db=\"0\","
            "state=\"ready\"} 17\n");
}

TEST(ReadingRenderer, KnownZeroIsWrittenAndUnknownIsAbsent) {
  Reading reading;
  reading.queues = {List("empty", 0, true), List("unknown", std::nullopt, true)};
  const std::string text = Render(reading);
  EXPECT_THAT(text, HasSubstr("queue=\"empty\",db=\"0\",state=\"ready\"} 0\n"));
  EXPECT_THAT(text, Not(HasSubstr("unknown")));
}

TEST(ReadingRenderer, EveryNumberOfAQueueHasItsSeries) {
  Queue q = List("q", 1);
  q.vhost = "/";
  q.consumer_group = "g";
  q.in_flight = 2;
  q.delayed = 3;
  q.dead = 4;
  q.consumers = 5;
  q.oldest_message_age_seconds = 6.5;
  q.published = 7;
  q.delivered = 8;
  q.acknowledged = 9;
  q.redelivered = 10;
  q.missing = false;
  Reading reading;
  reading.queues.push_back(q);
  const std::string labels =
      "{target=\"main\",system=\"redis\",queue=\"q\",vhost=\"/\",db=\"0\",consumer_group=\"g\"";
  EXPECT_EQ(Render(reading),
            "headroom_queue_acknowledged_total" + labels + "} 9\n" +                //
                "headroom_queue_consumers" + labels + "} 5\n" +                     //
                "headroom_queue_delivered_total" + labels + "} 8\n" +               //
                "headroom_queue_info" + labels + ",kind=\"list\"} 1\n" +            //
                "headroom_queue_messages" + labels + ",state=\"dead\"} 4\n" +       //
                "headroom_queue_messages" + labels + ",state=\"delayed\"} 3\n" +    //
                "headroom_queue_messages" + labels + ",state=\"in_flight\"} 2\n" +  //
                "headroom_queue_messages" + labels + ",state=\"ready\"} 1\n" +      //
                "headroom_queue_missing" + labels + "} 0\n" +                       //
                "headroom_queue_oldest_message_age_seconds" + labels + "} 6.5\n" +  //
                "headroom_queue_published_total" + labels + "} 7\n" +               //
                "headroom_queue_redelivered_total" + labels + "} 10\n");
}

TEST(ReadingRenderer, AnUnknownKindLeavesTheInfoWithoutTheLabel) {
  Reading reading;
  reading.queues.push_back(List("q", 1));
  reading.queues[0].kind.clear();
  EXPECT_THAT(
      Render(reading),
      HasSubstr("headroom_queue_info{target=\"main\",system=\"redis\",queue=\"q\",db=\"0\"} "
                "1\n"));
}

TEST(ReadingRenderer, ADeclaredQueueWinsOverTheSameQueueDiscovered) {
  for (const bool declared_first : {true, false}) {
    Reading reading;
    reading.queues = {List("q", declared_first ? 1 : 2, declared_first),
                      List("q", declared_first ? 2 : 1, !declared_first)};
    const std::string text = Render(reading);
    EXPECT_THAT(text, HasSubstr("state=\"ready\"} 1\n"));
    EXPECT_THAT(text, Not(HasSubstr("} 2\n")));
  }
}

TEST(ReadingRenderer, QueuesOfTwoDatabasesAreTwo) {
  Reading reading;
  reading.queues = {List("q", 1), List("q", 2)};
  reading.queues[1].db = "1";
  const std::string text = Render(reading);
  EXPECT_THAT(text, HasSubstr("db=\"0\",state=\"ready\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("db=\"1\",state=\"ready\"} 2\n"));
}

TEST(ReadingRenderer, SamplesAreSortedByLabelValuesNotByTheirEscapedText) {
  Reading reading;
  reading.queues = {List("a!", 1), List("b", 2), List("a", 3)};
  const std::string text = Render(reading);
  EXPECT_LT(text.find("queue=\"a\""), text.find("queue=\"a!\""));
  EXPECT_LT(text.find("queue=\"a!\""), text.find("queue=\"b\""));
}

TEST(ReadingRenderer, ARealQueueNamedOtherNeverLooksLikeTheSum) {
  Reading reading;
  reading.queues = {List("_other", 100, true), List("a", 7), List("b", 3)};
  reading.queues[0].db.clear();
  const std::string text = Render(reading, 0);
  EXPECT_THAT(text, HasSubstr("queue=\"_other\",state=\"ready\"} 10\n"));
  EXPECT_THAT(text, HasSubstr("queue=\"_other~"));
  EXPECT_THAT(text, Not(HasSubstr("queue=\"_other\",state=\"ready\"} 100\n")));
}

TEST(ReadingRenderer, MaxSeriesFoldsWholeQueuesIntoOtherAndCountsTheirSeries) {
  Reading reading;
  reading.queues = {List("a", 5), List("b", 900), List("c", 7), List("mine", 0, true)};
  ReadingRenderer renderer("main", "redis", 2);  // room for one list: its messages and its info
  const ReadingRenderer::Output output = renderer.Render(reading, kNow);
  EXPECT_EQ(output.blocks.text,
            "headroom_queue_info{target=\"main\",system=\"redis\",queue=\"b\",db=\"0\","
            "kind=\"list\"} 1\n"
            "headroom_queue_info{target=\"main\",system=\"redis\",queue=\"mine\",db=\"0\","
            "kind=\"list\"} 1\n"
            "headroom_queue_messages{target=\"main\",system=\"redis\",queue=\"_other\","
            "state=\"ready\"} 12\n"
            "headroom_queue_messages{target=\"main\",system=\"redis\",queue=\"b\",db=\"0\","
            "state=\"ready\"} 900\n"
            "headroom_queue_messages{target=\"main\",system=\"redis\",queue=\"mine\",db=\"0\","
            "state=\"ready\"} 0\n");
  EXPECT_EQ(output.dropped_series, 4U);
  EXPECT_EQ(output.blocks.series, 5U);
}

TEST(ReadingRenderer, AFoldedQueueThatIsUnknownMakesTheSumAbsent) {
  Reading reading;
  reading.queues = {List("a", 5), List("b", 900), List("c", std::nullopt)};
  EXPECT_THAT(Render(reading, 2), Not(HasSubstr("_other")));
}

TEST(ReadingRenderer, PlacesAreRememberedFromRunToRun) {
  Reading reading;
  reading.queues = {List("a", 5), List("b", 4)};
  ReadingRenderer renderer("main", "redis", 2);
  renderer.Render(reading, kNow);
  reading.queues[1].ready = 1'000'000;
  const auto later = renderer.Render(reading, kNow + std::chrono::hours(1));
  EXPECT_THAT(later.blocks.text, HasSubstr("queue=\"a\",db=\"0\",state=\"ready\"} 5\n"));
  EXPECT_THAT(later.blocks.text, HasSubstr("queue=\"_other\",state=\"ready\"} 1000000\n"));
}

}  // namespace
}  // namespace headroom
