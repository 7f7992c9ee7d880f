#include <gtest/gtest.h>

#include <string>

#include "collectors/rabbitmq/selection.h"

namespace headroom::rabbitmq {
namespace {

TEST(Selection, WithoutAnythingEveryQueueIsWanted) {
  const Selection selection((RabbitmqOptions()));
  EXPECT_TRUE(selection.Wants("/", "orders"));
  EXPECT_FALSE(selection.Declared("/", "orders"));
}

TEST(Selection, DeclaredQueuesAloneMeanNoOthers) {
  RabbitmqOptions options;
  options.queues = {{"/", "orders"}};
  const Selection selection(options);
  EXPECT_TRUE(selection.Wants("/", "orders"));
  EXPECT_FALSE(selection.Wants("other", "orders"));
  EXPECT_FALSE(selection.Wants("/", "invoices"));
}

TEST(Selection, PatternsAreAnchoredAndMatchNewlines) {
  RabbitmqOptions options;
  options.include = {"orders\\..*", "x"};
  const Selection selection(options);
  EXPECT_TRUE(selection.Wants("/", "orders.eu"));
  EXPECT_TRUE(selection.Wants("/", "orders.e\nu"));
  EXPECT_TRUE(selection.Wants("/", "x"));
  EXPECT_FALSE(selection.Wants("/", "old-orders.eu"));
  EXPECT_FALSE(selection.Wants("/", "xx"));
}

TEST(Selection, ExcludeWinsOverIncludeButNotOverADeclaration) {
  RabbitmqOptions options;
  options.include = {".*"};
  options.exclude = {".*\\.tmp"};
  options.queues = {{"/", "kept.tmp"}};
  const Selection selection(options);
  EXPECT_FALSE(selection.Wants("/", "a.tmp"));
  EXPECT_TRUE(selection.Wants("/", "kept.tmp"));
  EXPECT_TRUE(selection.Wants("/", "a"));
}

TEST(Selection, VirtualHostsLimitWhatIsDiscovered) {
  RabbitmqOptions options;
  options.vhosts = {"app"};
  const Selection selection(options);
  EXPECT_TRUE(selection.Wants("app", "orders"));
  EXPECT_FALSE(selection.Wants("/", "orders"));
}

TEST(Selection, AHostilePatternAndNameTakeLinearTime) {
  RabbitmqOptions options;
  options.include = {"(a*)*b"};  // exponential in a backtracking engine
  const Selection selection(options);
  EXPECT_FALSE(selection.Wants("/", std::string(1 << 20, 'a')));
}

TEST(PatternMistake, NamesWhatIsWrong) {
  EXPECT_EQ(PatternMistake("orders.*"), std::nullopt);
  EXPECT_TRUE(PatternMistake("orders(").has_value());
  EXPECT_TRUE(PatternMistake("a)|(b").has_value());
  EXPECT_TRUE(PatternMistake("\\Qab").has_value());
  EXPECT_TRUE(PatternMistake("*").has_value());
}

}  // namespace
}  // namespace headroom::rabbitmq
