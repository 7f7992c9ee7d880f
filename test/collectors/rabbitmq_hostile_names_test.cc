// The rule that no number is given to a queue that is not its own, against names that forge lines.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "collectors/rabbitmq/text_page.h"
#include "test/support/fixtures.h"
#include "test/support/rabbitmq_page.h"

namespace headroom::rabbitmq {
namespace {

using test::PageDialect;
using test::PageQueue;
using test::ReadFixture;
using test::WritePage;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// "vhost|name ready/unacked/consumers" of each row.
std::vector<std::string> Told(const TextPage& page) {
  std::vector<std::string> told;
  const auto text = [](const auto& n) { return n ? std::to_string(*n) : "?"; };
  for (const QueueRow& row : page.rows) {
    told.push_back(row.vhost + '|' + row.name + ' ' + text(row.ready) + '/' + text(row.unacked) +
                   '/' + text(row.consumers));
  }
  return told;
}

std::vector<std::string> ToldOf(const std::vector<PageQueue>& queues,
                                std::size_t unreadable_at_least = 1) {
  const Result<TextPage> page = ParseTextPage(WritePage(queues, PageDialect::kRaw));
  EXPECT_TRUE(page.ok()) << page.error().message;
  if (!page.ok()) return {};
  EXPECT_GE(page->unreadable, unreadable_at_least);
  return Told(*page);
}

TEST(RabbitHostileNames, Rabbit310TellsOnlyWhatIsCertain) {
  const auto page = ParseTextPage(ReadFixture("rabbitmq/3.10/detailed/hostile-names.txt"));
  ASSERT_TRUE(page.ok()) << page.error().message;
  EXPECT_THAT(Told(*page), ElementsAre("/|apinewline 0/0/0", "/|audit 6/0/0", "/|caf\xC3\xA9 0/0/0",
                                       "/|invoices 7/2/1", "/|orders 10/3/1", "/|{ 0/0/0",
                                       "/|} 0/0/0", "tenant-a|orders 3/0/0"));
  // a"b  a\b  a\nb  a","queue="victim  b"} 9  v"h; a<LF>b  trailing<LF>  <LF><LF>  v<LF>h; x y z
  // and the two that they name.
  EXPECT_EQ(page->unreadable, 6U + 4U + 5U);
}

TEST(RabbitHostileNames, Rabbit40TellsAll) {
  const auto page = ParseTextPage(ReadFixture("rabbitmq/4.0/detailed/hostile-names.txt"));
  ASSERT_TRUE(page.ok()) << page.error().message;
  EXPECT_EQ(page->unreadable, 0U);
  const std::string ready = "rabbitmq_detailed_queue_messages_ready";
  EXPECT_THAT(
      Told(*page),
      ElementsAre("/|\n\n 0/0/0", "/|a\nb 3/0/0", "/|a\",\"queue=\"victim 0/0/0", "/|a\"b 0/0/0",
                  "/|a\\b 0/0/0", "/|a\\nb 0/0/0", "/|apinewline 0/0/0", "/|audit 6/0/0",
                  "/|b\"} 9 0/0/0", "/|caf\xC3\xA9 0/0/0", "/|invoices 7/2/1", "/|orders 10/3/1",
                  "/|trailing\n 0/0/0", "/|victim 1/0/0",
                  "/|x\"} 5\n" + ready + "{vhost=\"/\",queue=\"victim 0/0/0",
                  "/|y\"} 6\n" + ready + "{vhost=\"/\",queue=\"elsewhere 0/0/0",
                  "/|z\"} 7\n# just a comment 0/0/0", "/|{ 0/0/0", "/|} 0/0/0",
                  "tenant-a|orders 3/0/0", "v\nh|q 0/0/0", "v\"h|q 0/0/0"));
}

TEST(RabbitHostileNames, ForgedTypeLineSpoilsThePage) {
  const auto page = ParseTextPage(ReadFixture("rabbitmq/3.10/detailed/hostile-type-line.txt"));
  ASSERT_FALSE(page.ok());
  EXPECT_EQ(page.error().kind, ErrorKind::kProtocol);
  EXPECT_THAT(page.error().message, HasSubstr("forges lines"));
}

TEST(RabbitHostileNames, FamilyThatBeginsTwiceSpoilsThePage) {
  const std::string name =
      "x\"} 1\n# TYPE rabbitmq_detailed_queue_consumers gauge\n# HELP "
      "rabbitmq_detailed_queue_consumers x\nrabbitmq_detailed_queue_consumers"
      "{vhost=\"/\",queue=\"orders";
  const auto page = ParseTextPage(WritePage({{"/", name, 1, 1, 1}}, PageDialect::kRaw));
  ASSERT_FALSE(page.ok());
  EXPECT_THAT(page.error().message, HasSubstr("rabbitmq_detailed_queue_consumers begins twice"));
}

TEST(RabbitHostileNames, QuotesAndBackslashesCostOnlyTheirOwnQueue) {
  const std::vector<PageQueue> queues = {{"/", "orders", 7, 1, 2},
                                         {"/", "a\"b", 99, 99, 99},
                                         {"/", "a\\b", 99, 99, 99},
                                         {"/", "orders\"} 5 1700", 99, 99, 99},
                                         {"/\",queue=\"orders", "q", 99, 99, 99},
                                         {"/", "q\",vhost=\"/\",queue=\"orders", 99, 99, 99}};
  EXPECT_THAT(ToldOf(queues, 5), ElementsAre("/|orders 7/1/2"));
}

TEST(RabbitHostileNames, EachForgedLineCostsTheQueueThatItNames) {
  for (const char* family : {"messages_ready", "messages_unacked", "messages", "consumers",
                             "process_reductions_total", "head_message_timestamp"}) {
    const std::string forged =
        std::string("x\"} 5\nrabbitmq_detailed_queue_") + family + "{vhost=\"/\",queue=\"orders";
    EXPECT_THAT(ToldOf({{"/", "idle", 3, 0, 0}, {"/", forged, 99, 99, 99}}, 2),
                ElementsAre("/|idle 3/0/0"))
        << family;
    EXPECT_THAT(ToldOf({{"/", forged, 99, 99, 99}, {"/", "orders", 7, 1, 2}}, 2), IsEmpty())
        << family;
  }
}

TEST(RabbitHostileNames, ForgedLinesWithOtherFormsAreSeenThrough) {
  const std::string ready = "rabbitmq_detailed_queue_messages_ready";
  const std::string other = "rabbitmq_detailed_queue_messages_unacked";
  for (const std::string& name :
       {"x\"} 5\n" + ready + "{queue=\"orders\",vhost=\"/\"} 5\n" + other +
            "{queue=\"orders\",vhost=\"/\"} 6\n# ",
        "x\"} 5\n" + ready + "{vhost=\"/\",queue=\"orders\",} 5 17\n\n",
        std::string("orders\"} 5\n"), std::string("orders\"} 5\n# HELP x y"),
        std::string("orders\"} 5\n# TYPE x"), std::string("orders\"} 5\n\n"),
        std::string("orders\"} 5\n#"), "orders\"} 5\n# HELP " + ready + " x",
        std::string("orders\"} 5\nrabbitmq_build_info{a=\"b")}) {
    EXPECT_THAT(ToldOf({{"/", "idle", 3, 0, 0}, {"/", name, 99, 99, 99}}),
                ElementsAre("/|idle 3/0/0"))
        << name;
    EXPECT_THAT(ToldOf({{name, "q", 99, 99, 99}, {"/", "idle", 3, 0, 0}}),
                ElementsAre("/|idle 3/0/0"))
        << name;
  }
}

TEST(RabbitHostileNames, PageWithOneFamilyOnlyTellsNothingOfABrokerThatDoesNotEscape) {
  std::string page = WritePage({{"/", "orders", 7, 1, 2}}, PageDialect::kRaw);
  const std::size_t second = page.find("# TYPE rabbitmq_detailed_queue_messages_unacked");
  page.erase(second, page.find("# TYPE rabbitmq_build_info") - second);
  const Result<TextPage> told = ParseTextPage(page);
  ASSERT_TRUE(told.ok());
  EXPECT_THAT(told->rows, IsEmpty());
  EXPECT_EQ(told->unreadable, 1U);
}

TEST(RabbitHostileNames, QueueThatLacksAFamilyOfItsTableIsNotTold) {
  std::string page =
      WritePage({{"/", "idle", 3, 0, 0}, {"/", "orders", 7, 1, 2}}, PageDialect::kRaw);
  const std::string row =
      "rabbitmq_detailed_queue_messages_unacked{vhost=\"/\",queue=\"orders\"} 1\n";
  page.erase(page.find(row), row.size());
  const Result<TextPage> told = ParseTextPage(page);
  ASSERT_TRUE(told.ok());
  EXPECT_THAT(Told(*told), ElementsAre("/|idle 3/0/0"));
  EXPECT_EQ(told->unreadable, 1U);
}

TEST(RabbitHostileNames, VersionWithoutANumberIsTakenForOneThatDoesNotEscape) {
  for (const char* version : {"", "4", "40", "v4.0.5", "3.13.7", "-4.0"}) {
    std::string page = WritePage({{"/", "a\\b", 7, 1, 2}}, PageDialect::kEscaped);
    page.replace(page.find("4.0.5"), 5, version);
    const Result<TextPage> told = ParseTextPage(page);
    ASSERT_TRUE(told.ok()) << version;
    EXPECT_THAT(told->rows, IsEmpty()) << version;
    EXPECT_EQ(told->unreadable, 1U) << version;
  }
}

// Names made of what forges best, in random order. Each queue has numbers that no name has.
class NameMaker {
 public:
  std::string Name() {
    std::string name;
    for (std::size_t pieces = Pick(5) + 1; pieces > 0; --pieces)
      name += kPieces[Pick(kPieces.size())];
    return name;
  }
  std::size_t Pick(std::size_t count) { return random_() % count; }

 private:
  static constexpr std::array<const char*, 29> kPieces = {
      "a",
      "b",
      "/",
      "\"",
      "\\",
      "\n",
      "\n",
      "\"} 5\n",
      "\"} 5",
      "{",
      "}",
      ",",
      "=",
      " ",
      "#",
      "n",
      "vhost=\"",
      "\",queue=\"",
      "vhost=\"/\",queue=\"a",
      "{vhost=\"/\",queue=\"b",
      "\"} 6 1700\n",
      "rabbitmq_detailed_queue_messages_ready",
      "rabbitmq_detailed_queue_messages_unacked",
      "rabbitmq_detailed_queue_messages_ready{vhost=\"/\",queue=\"a",
      "rabbitmq_detailed_queue_messages_unacked{vhost=\"/\",queue=\"a",
      "rabbitmq_detailed_queue_consumers{queue=\"a\",vhost=\"/",
      "# TYPE rabbitmq_detailed_queue_messages_ready gauge\n",
      "# TYPE x gauge\n",
      "# HELP x y\n"};
  std::mt19937 random_{20'261'122};  // NOLINT(cert-msc51-cpp): the same names in every run
};

struct RandomQueues {
  std::map<std::pair<std::string, std::string>, PageQueue> by_name;
  std::vector<PageQueue> in_order;
};

RandomQueues MakeQueues(NameMaker& maker) {
  RandomQueues queues;
  std::uint64_t number = 1000;
  for (std::size_t count = maker.Pick(6) + 1; count > 0; --count) {
    const std::string vhost = maker.Pick(4) == 0 ? maker.Name() : "/";
    const PageQueue queue{vhost, maker.Name(), number + 1, number + 2, number + 3};
    number += 10;
    if (queues.by_name.emplace(std::pair(queue.vhost, queue.name), queue).second) {
      queues.in_order.push_back(queue);
    }
  }
  return queues;
}

TEST(RabbitHostileNames, NoRandomNameGetsANumberThatIsNotItsOwn) {
  NameMaker maker;
  std::size_t told = 0;
  std::size_t untold = 0;
  for (int round = 0; round < 10'000; ++round) {
    const RandomQueues queues = MakeQueues(maker);
    const std::string text = WritePage(queues.in_order, PageDialect::kRaw);
    const Result<TextPage> page = ParseTextPage(text);
    if (!page.ok()) continue;
    for (const QueueRow& row : page->rows) {
      const auto own = queues.by_name.find({row.vhost, row.name});
      ASSERT_NE(own, queues.by_name.end()) << row.vhost << '|' << row.name << " in\n" << text;
      ASSERT_EQ(row.ready, own->second.ready) << row.name << " in\n" << text;
      ASSERT_EQ(row.unacked, own->second.unacked) << row.name << " in\n" << text;
      ASSERT_EQ(row.consumers, own->second.consumers) << row.name << " in\n" << text;
    }
    told += page->rows.size();
    // Who is not told is counted, if less exactly.
    if (page->rows.size() < queues.in_order.size()) {
      ++untold;
      ASSERT_GT(page->unreadable, 0U) << text;
    }
  }
  EXPECT_GT(told, 3'000U);
  EXPECT_GT(untold, 3'000U);
}

TEST(RabbitHostileNames, EveryRandomNameSurvivesABrokerThatEscapes) {
  NameMaker maker;
  for (int round = 0; round < 5'000; ++round) {
    const RandomQueues queues = MakeQueues(maker);
    const std::string text = WritePage(queues.in_order, PageDialect::kEscaped);
    const Result<TextPage> page = ParseTextPage(text);
    ASSERT_TRUE(page.ok()) << page.error().message << " in\n" << text;
    ASSERT_EQ(page->unreadable, 0U) << text;
    ASSERT_EQ(page->rows.size(), queues.by_name.size()) << text;
    auto own = queues.by_name.begin();  // sorted as the rows are
    for (const QueueRow& row : page->rows) {
      ASSERT_EQ(std::pair(row.vhost, row.name), own->first) << text;
      ASSERT_EQ(row.ready, own->second.ready) << text;
      ++own;
    }
  }
}

}  // namespace
}  // namespace headroom::rabbitmq
