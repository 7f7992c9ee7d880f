#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "collectors/rabbitmq/plugin_source.h"

namespace headroom::rabbitmq {
namespace {

QueueRow Row(const char* name, std::optional<std::uint64_t> ready) {
  QueueRow row;
  row.vhost = "/";
  row.name = name;
  row.ready = ready;
  return row;
}

TEST(MergeRows, SortsWhatSeveralNodesSay) {
  std::vector<QueueRow> rows = {Row("b", 2), Row("a", 1)};
  EXPECT_TRUE(MergeRows(rows).empty());
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].name, "a");
  EXPECT_EQ(rows[0].ready, 1U);
  EXPECT_EQ(rows[1].ready, 2U);
}

TEST(MergeRows, NodesThatContradictEachOtherLeaveTheQueueUnknown) {
  std::vector<QueueRow> rows = {Row("a", 1), Row("b", 2), Row("a", 3)};
  EXPECT_EQ(MergeRows(rows), (std::vector<QueueId>{{"/", "a"}}));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].name, "b");
}

TEST(MergeRows, CountsOfSeveralNodesAddUpAndDepthsDoNot) {
  std::vector<QueueRow> rows = {Row("a", 5), Row("a", std::nullopt)};
  rows[0].published = 10;
  rows[1].published = 7;
  rows[1].delivered = 3;
  EXPECT_TRUE(MergeRows(rows).empty());
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].ready, 5U);
  EXPECT_EQ(rows[0].published, 17U);
  EXPECT_EQ(rows[0].delivered, 3U);
  EXPECT_EQ(rows[0].acknowledged, std::nullopt);
}

}  // namespace
}  // namespace headroom::rabbitmq
