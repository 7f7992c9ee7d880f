#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "collectors/rabbitmq/text_page.h"
#include "test/support/fixtures.h"

namespace headroom::rabbitmq {
namespace {

using test::ReadFixture;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

constexpr const char* kPages[] = {
    "rabbitmq/3.10/detailed/messages.txt",   "rabbitmq/3.10/detailed/consumers.txt",
    "rabbitmq/3.10/detailed/everything.txt", "rabbitmq/4.0/detailed/messages.txt",
    "rabbitmq/4.0/detailed/consumers.txt",   "rabbitmq/4.0/detailed/rates.txt",
    "rabbitmq/4.0/detailed/everything.txt",  "rabbitmq/derived/detailed/queue-info.txt"};

TextPage Parse(const std::string& body) {
  Result<TextPage> page = ParseTextPage(body);
  EXPECT_TRUE(page.ok()) << page.error().message;
  return page.ok() ? *std::move(page) : TextPage{};
}

std::string ErrorOf(const std::string& body) {
  const Result<TextPage> page = ParseTextPage(body);
  EXPECT_FALSE(page.ok());
  if (page.ok()) return {};
  EXPECT_EQ(page.error().kind, ErrorKind::kProtocol);
  return page.error().message;
}

const QueueRow& Row(const TextPage& page, std::string_view vhost, std::string_view name) {
  static const QueueRow kNone;
  for (const QueueRow& row : page.rows) {
    if (row.vhost == vhost && row.name == name) return row;
  }
  ADD_FAILURE() << "no " << name << " in " << vhost;
  return kNone;
}

std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

// Where the block of a family begins and ends.
std::pair<std::size_t, std::size_t> Block(const std::string& page, const std::string& family) {
  const std::size_t begin = page.find("# TYPE " + family + ' ');
  EXPECT_NE(begin, std::string::npos) << family;
  return {begin, std::min(page.find("\n# TYPE ", begin), page.size() - 2) + 1};
}

std::string WithoutFamily(const std::string& page, const std::string& family) {
  const auto [begin, end] = Block(page, family);
  return page.substr(0, begin) + page.substr(end);
}

std::vector<std::string> Families(const std::string& page) {
  std::vector<std::string> families;
  for (std::size_t at = 0; (at = page.find("# TYPE ", at)) != std::string::npos; ++at) {
    families.push_back(page.substr(at + 7, page.find(' ', at + 7) - at - 7));
  }
  return families;
}

using Numbers = std::map<std::string, double>;

// Every number of a page that is known, by queue and field.
Numbers AllNumbers(const TextPage& page) {
  Numbers all;
  for (const QueueRow& row : page.rows) {
    const auto add = [&](const char* field, const auto& value) {
      if (value) all[row.vhost + ' ' + row.name + ' ' + field] = static_cast<double>(*value);
    };
    add("ready", row.ready);
    add("unacked", row.unacked);
    add("consumers", row.consumers);
    add("capacity", row.consumer_capacity);
    add("memory", row.memory_bytes);
    add("head", row.head_timestamp);
    add("published", row.published);
    add("delivered", row.delivered);
    add("acknowledged", row.acknowledged);
    add("redelivered", row.redelivered);
  }
  if (page.uptime_seconds) all["uptime"] = *page.uptime_seconds;
  return all;
}

TEST(RabbitTextPage, TellsReadyAndUnackedAndNothingThatWasNotAsked) {
  for (const char* name : {kPages[0], kPages[3]}) {
    EXPECT_THAT(AllNumbers(Parse(ReadFixture(name))),
                ElementsAre(Pair("/ audit ready", 6), Pair("/ audit unacked", 0),
                            Pair("/ idle ready", 0), Pair("/ idle unacked", 0),
                            Pair("/ invoices ready", 7), Pair("/ invoices unacked", 2),
                            Pair("/ orders ready", 10), Pair("/ orders unacked", 3),
                            Pair("tenant-a orders ready", 3), Pair("tenant-a orders unacked", 0)))
        << name;
  }
}

TEST(RabbitTextPage, TellsConsumers) {
  for (const char* name : {kPages[1], kPages[4]}) {
    const TextPage page = Parse(ReadFixture(name));
    EXPECT_EQ(Row(page, "/", "orders").consumers, 1U) << name;
    EXPECT_EQ(Row(page, "/", "idle").consumers, 0U) << name;
  }
}

TEST(RabbitTextPage, TellsWhoseItIs) {
  const TextPage page = Parse(ReadFixture("rabbitmq/3.10/detailed/messages.txt"));
  EXPECT_EQ(page.node, "tp@localhost");
  EXPECT_EQ(page.cluster, "tp@vm");
  EXPECT_EQ(page.version, "3.10.8");
  EXPECT_EQ(page.uptime_seconds, std::nullopt);
  EXPECT_EQ(page.unreadable, 0U);
}

TEST(RabbitTextPage, TellsWhatQueueMetricsHas) {
  const TextPage old = Parse(ReadFixture("rabbitmq/3.10/detailed/everything.txt"));
  EXPECT_EQ(Row(old, "/", "orders").consumer_capacity, 0.01719983173650635);
  EXPECT_EQ(Row(old, "/", "orders").memory_bytes, 89496U);
  EXPECT_EQ(Row(old, "/", "orders").head_timestamp, 1'700'000'000);
  EXPECT_EQ(Row(old, "/", "audit").consumer_capacity, std::nullopt);
  EXPECT_GT(old.uptime_seconds, 0);
  const TextPage page = Parse(ReadFixture("rabbitmq/4.0/detailed/everything.txt"));
  EXPECT_EQ(Row(page, "/", "invoices").consumer_capacity, 1.0);
  EXPECT_EQ(Row(page, "/", "orders").head_timestamp, 1'700'000'000);
  EXPECT_GT(page.uptime_seconds, 0);
}

TEST(RabbitTextPage, HeadTimestampThatIsNaNIsUnknown) {
  const std::string text = ReadFixture("rabbitmq/3.10/detailed/everything.txt");
  ASSERT_THAT(text, HasSubstr("head_message_timestamp{vhost=\"/\",queue=\"idle\"} NaN\n"));
  const TextPage page = Parse(text);
  EXPECT_EQ(Row(page, "/", "idle").head_timestamp, std::nullopt);
  EXPECT_EQ(Row(page, "/", "invoices").head_timestamp, std::nullopt);
  EXPECT_EQ(page.unreadable, 0U);
}

TEST(RabbitTextPage, TellsCountersOfQueuesThatHaveThem) {
  const TextPage page = Parse(ReadFixture("rabbitmq/4.0/detailed/rates.txt"));
  const QueueRow& orders = Row(page, "/", "orders");
  EXPECT_EQ(orders.delivered, 2U + 1U + 3U + 0U);
  EXPECT_EQ(orders.acknowledged, 2U);
  EXPECT_EQ(orders.redelivered, 0U);
  const QueueRow& invoices = Row(page, "/", "invoices");
  EXPECT_EQ(invoices.published, 9U);
  EXPECT_EQ(invoices.redelivered, 1U);
  EXPECT_EQ(Row(page, "/", "audit").published, 6U);
  EXPECT_EQ(Row(page, "/", "audit").delivered, std::nullopt);
  EXPECT_EQ(Row(page, "/", "idle").published, std::nullopt);
}

// The row of `events` would go with the exchange, and the sum would go backwards.
TEST(RabbitTextPage, PublishedThroughTwoExchangesIsUnknown) {
  const std::string text = ReadFixture("rabbitmq/4.0/detailed/rates.txt");
  const std::string row =
      "rabbitmq_detailed_queue_exchange_messages_published_total{vhost=\"/\",exchange=\"events\","
      "queue=\"orders\"} 4\n";
  EXPECT_EQ(Row(Parse(text), "/", "orders").published, std::nullopt);
  EXPECT_TRUE(Row(Parse(text), "/", "orders").split_published);
  EXPECT_FALSE(Row(Parse(text), "/", "audit").split_published);
  EXPECT_EQ(Row(Parse(Replaced(text, row, "")), "/", "orders").published, 12U);
}

TEST(RabbitTextPage, QueueOfAnotherNodeHasOnlyItsCounters) {
  std::string text = ReadFixture("rabbitmq/4.0/detailed/rates.txt");
  text = Replaced(text, "exchange=\"\",queue=\"audit\"", "exchange=\"\",queue=\"far\"");
  const QueueRow row = Row(Parse(text), "/", "far");
  EXPECT_EQ(row.published, 6U);
  EXPECT_EQ(row.ready, std::nullopt);
}

TEST(RabbitTextPage, QueueInfoTellsTheKindAndMakesNoRow) {
  const TextPage page = Parse(ReadFixture("rabbitmq/derived/detailed/queue-info.txt"));
  EXPECT_EQ(Row(page, "/", "invoices").kind, "quorum");
  EXPECT_EQ(Row(page, "/", "audit").kind, "stream");
  EXPECT_EQ(Row(page, "tenant-a", "orders").kind, "classic");
  EXPECT_EQ(page.rows.size(), 5U);  // not "elsewhere", which follows only
  EXPECT_EQ(page.unreadable, 0U);
}

TEST(RabbitTextPage, BrokerWithoutQueuesIsAnAnswer) {
  for (const char* name :
       {"rabbitmq/3.10/detailed/no-queues.txt", "rabbitmq/4.0/detailed/no-queues.txt"}) {
    const TextPage page = Parse(ReadFixture(name));
    EXPECT_THAT(page.rows, IsEmpty()) << name;
    EXPECT_EQ(page.unreadable, 0U) << name;
    EXPECT_TRUE(page.uptime_seconds.has_value()) << name;
  }
}

TEST(RabbitTextPage, FamilyThatIsMissingTakesItsNumbersAwayAndChangesNoOther) {
  for (const char* name : kPages) {
    const std::string text = ReadFixture(name);
    const Numbers whole = AllNumbers(Parse(text));
    std::size_t lost = 0;
    for (const std::string& family : Families(text)) {
      SCOPED_TRACE(std::string(name) + " without " + family);
      const Result<TextPage> page = ParseTextPage(WithoutFamily(text, family));
      if (!page.ok()) {
        EXPECT_THAT(family, testing::AnyOf("rabbitmq_build_info", "rabbitmq_identity_info"));
        continue;
      }
      const Numbers rest = AllNumbers(*page);
      lost += whole.size() - rest.size();
      for (const auto& [key, value] : rest) EXPECT_THAT(whole, testing::Contains(Pair(key, value)));
    }
    EXPECT_GE(lost, whole.size()) << name;
  }
}

TEST(RabbitTextPage, PageWithoutItsIdentityIsAnError) {
  const std::string text = ReadFixture("rabbitmq/4.0/detailed/messages.txt");
  for (const char* family : {"rabbitmq_build_info", "rabbitmq_identity_info"}) {
    EXPECT_THAT(ErrorOf(WithoutFamily(text, family)), HasSubstr("no identity"));
  }
}

TEST(RabbitTextPage, CutAnywhereIsAnError) {
  for (const char* name :
       {"rabbitmq/3.10/detailed/messages.txt", "rabbitmq/4.0/detailed/rates.txt",
        "rabbitmq/3.10/detailed/hostile-names.txt", "rabbitmq/4.0/detailed/no-queues.txt"}) {
    const std::string text = ReadFixture(name);
    for (std::size_t size = 0; size < text.size(); ++size) {
      ASSERT_FALSE(ParseTextPage(text.substr(0, size)).ok()) << name << " cut at " << size;
    }
  }
}

TEST(RabbitTextPage, SomethingElseIsAnError) {
  EXPECT_THAT(ErrorOf(""), HasSubstr("not one"));
  EXPECT_THAT(ErrorOf("<html>\n\n"), HasSubstr("not one"));
  EXPECT_THAT(ErrorOf("# TYPE up gauge\nup 1\n\n"), HasSubstr("not of this plugin"));
}

TEST(RabbitTextPage, NumberThatIsNoCountIsUnknownAndTheRestStands) {
  const std::string text = ReadFixture("rabbitmq/4.0/detailed/messages.txt");
  for (const char* number : {"NaN", "-1", "+Inf", "Inf", "-Inf", "1.5", "9007199254740994", "1e300",
                             "99999999999999999999999"}) {
    const TextPage page = Parse(Replaced(text, "queue=\"orders\"} 10\n",
                                         std::string("queue=\"orders\"} ") + number + '\n'));
    EXPECT_EQ(Row(page, "/", "orders").ready, std::nullopt) << number;
    EXPECT_EQ(Row(page, "/", "orders").unacked, 3U) << number;
    EXPECT_EQ(page.unreadable, 0U) << number;
  }
}

TEST(RabbitTextPage, SameTextInAnotherFormIsRead) {
  const std::string text = ReadFixture("rabbitmq/4.0/detailed/messages.txt");
  for (const char* line :
       {"{vhost=\"/\",queue=\"orders\"} 10 1700000000000\n", "{vhost=\"/\",queue=\"orders\",} 10\n",
        "{ vhost = \"/\" , queue = \"orders\" }  10.0 \n", "{queue=\"orders\",vhost=\"/\"} +10\n",
        "{vhost=\"/\",queue=\"orders\"}\t1e1\n"}) {
    const TextPage page = Parse(Replaced(text, "{vhost=\"/\",queue=\"orders\"} 10\n", line));
    EXPECT_EQ(Row(page, "/", "orders").ready, 10U) << line;
    EXPECT_EQ(page.rows.size(), 5U) << line;
  }
}

TEST(RabbitTextPage, LineThatIsNotOfTheFormMakesItsQueueUnreadable) {
  const std::string text = ReadFixture("rabbitmq/4.0/detailed/messages.txt");
  for (const char* line :
       {"{vhost=\"/\",queue=\"orders\"} \n", "{vhost=\"/\",queue=\"orders\"}10\n",
        "{vhost=\"/\",queue=\"orders\"} ten\n", "{vhost=\"/\",queue=\"orders\"} 10 x\n",
        "{vhost=\"/\",queue=\"orders\"} +-10\n", "{vhost=\"/\",queue=\"orders\"} 10 1 1\n"}) {
    const TextPage page = Parse(Replaced(text, "{vhost=\"/\",queue=\"orders\"} 10\n", line));
    EXPECT_EQ(page.rows.size(), 4U) << line;
    EXPECT_EQ(page.unreadable, 1U) << line;
  }
}

TEST(RabbitTextPage, QueueThatStandsTwiceInAFamilyIsUnreadable) {
  const std::string text = ReadFixture("rabbitmq/4.0/detailed/messages.txt");
  const std::string family = "rabbitmq_detailed_queue_messages_ready";
  const std::string row = family + "{vhost=\"/\",queue=\"orders\"} 10\n";
  for (const std::string& second : {row, family + "{queue=\"orders\",vhost=\"/\"} 10\n"}) {
    const TextPage page = Parse(Replaced(text, row, row + second));
    EXPECT_EQ(page.rows.size(), 4U) << second;
    EXPECT_EQ(page.unreadable, 1U) << second;
  }
}

TEST(RabbitTextPage, LabelsThatAreNotOfTheFormNameNobody) {
  const std::string text = ReadFixture("rabbitmq/4.0/detailed/messages.txt");
  for (const char* labels :
       {"vhost=\"/\",queue=\"or\"ders\"", "vhost=\"/\",queue=\"orders\",queue=\"orders\"",
        "vhost=\"/\"", "vhost=\"/\",queue=\"orders\",more=\"1\"", "vhost=\"/\",queue=\"or\\ders\"",
        "vhost=\"/\" queue=\"orders\"", "vhost=\"/\",queue=orders", "vhost=\"/\",,queue=\"orders\"",
        "", "vhost=\"/\",queue=\"orders\\\""}) {
    const TextPage page =
        Parse(Replaced(text, "vhost=\"/\",queue=\"orders\"} 10", std::string(labels) + "} 10"));
    EXPECT_EQ(Row(page, "/", "orders").ready, std::nullopt) << labels;
    EXPECT_EQ(page.unreadable, 1U) << labels;
  }
}

}  // namespace
}  // namespace headroom::rabbitmq
