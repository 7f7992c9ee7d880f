#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collectors/postgresql/locks.h"
#include "test/collectors/postgresql_replies.h"

namespace headroom::postgresql {
namespace {

using pq::Table;
using test::kPostgresqlVersions;
using test::PostgresqlReply;
using test::WithCell;
using test::WithoutColumn;

Table Reply(const std::string& version) { return PostgresqlReply(version, "primary/locks"); }
std::int64_t Number(const std::string& version) { return std::stoll(version) * 10000; }

class EachVersionOfLocks : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Postgresql, EachVersionOfLocks, testing::ValuesIn(kPostgresqlVersions));

// record.py: four wait; the longest queue is three long.
TEST_P(EachVersionOfLocks, WaitersAndTheLongestChain) {
  const auto locks = ParseLocks(Reply(GetParam()), Number(GetParam()));
  ASSERT_TRUE(locks.ok()) << locks.error().message;
  EXPECT_EQ(locks->waiting_sessions, 4U);
  EXPECT_EQ(locks->longest_chain, 3U);
}

TEST_P(EachVersionOfLocks, TheLongestWaitIsKnownFrom14On) {
  const auto locks = ParseLocks(Reply(GetParam()), Number(GetParam()));
  EXPECT_EQ(locks->longest_wait_seconds.has_value(), Number(GetParam()) >= 140000);
}

TEST_P(EachVersionOfLocks, WithoutAnyColumnNothingIsRead) {
  for (const std::string& column : Reply(GetParam()).columns) {
    EXPECT_FALSE(ParseLocks(WithoutColumn(Reply(GetParam()), column), Number(GetParam())).ok())
        << column;
  }
}

Table Nobody() {
  return {{"processes", "sessions", "longest_wait", "session", "blockers"},
          {{"0", "0", std::nullopt, std::nullopt, std::nullopt}}};
}

TEST(PostgresqlLocks, NobodyWaitingIsAKnownZero) {
  const Locks locks = ParseLocks(Nobody(), 150000).value();
  EXPECT_EQ(locks.waiting_sessions, 0U);
  EXPECT_EQ(locks.longest_wait_seconds, 0);
  EXPECT_EQ(locks.longest_chain, 0U);
}

TEST(PostgresqlLocks, BeforeVersion14TheLongestWaitIsUnknownEvenWhenNobodyWaits) {
  EXPECT_EQ(ParseLocks(Nobody(), 130000)->longest_wait_seconds, std::nullopt);
}

TEST(PostgresqlLocks, AnEmptyReplyIsAnError) {
  Table empty = Nobody();
  empty.rows.clear();
  EXPECT_FALSE(ParseLocks(empty, 150000).ok());
}

TEST(PostgresqlLocks, WithTooManyWaitersTheChainIsUnknown) {
  Table many = WithCell(WithCell(Nobody(), 0, "processes", "65"), 0, "sessions", "65");
  const Locks locks = ParseLocks(WithCell(many, 0, "longest_wait", "2.5"), 150000).value();
  EXPECT_EQ(locks.waiting_sessions, 65U);
  EXPECT_EQ(locks.longest_wait_seconds, 2.5);
  EXPECT_EQ(locks.longest_chain, std::nullopt);
}

TEST(PostgresqlLocks, BlockersThatAreNoNumbersAreRejected) {
  EXPECT_FALSE(ParseLocks(WithCell(Reply("15.18"), 0, "blockers", "1 x"), 150000).ok());
}

TEST(LongestChain, WaitsForAWorkingSessionCountOne) {
  EXPECT_EQ(LongestChain({{1, {9}}, {2, {9}}}), 1U);
}

TEST(LongestChain, TakesTheLongestOfSeveralWays) {
  EXPECT_EQ(LongestChain({{1, {9}}, {2, {1}}, {3, {9, 2}}, {4, {9}}}), 3U);
}

TEST(LongestChain, APreparedTransactionEndsIt) { EXPECT_EQ(LongestChain({{1, {0}}}), 1U); }

TEST(LongestChain, ASessionWhoseWaitHasEndedCountsNothing) {
  EXPECT_EQ(LongestChain({{1, {}}}), 0U);
}

TEST(LongestChain, ADeadlockEnds) {
  EXPECT_EQ(LongestChain({{1, {2}}, {2, {1}}}), 2U);
  EXPECT_EQ(LongestChain({{1, {1}}}), 0U);  // a worker that waits for its own group
}

}  // namespace
}  // namespace headroom::postgresql
