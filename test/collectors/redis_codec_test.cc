#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hiredis/hiredis.h>

#include <string>

#include "collectors/redis/codec.h"
#include "collectors/redis/reply_errors.h"

namespace headroom::redis {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t kCap = 10'000;

Status FeedAll(std::string_view bytes, std::vector<Reply>& replies, std::size_t cap = kCap) {
  ReplyReader reader(cap, 10 * cap);
  return reader.Feed(bytes, replies);
}

Error ErrorOf(std::string_view bytes, std::size_t cap = kCap) {
  std::vector<Reply> replies;
  const Status status = FeedAll(bytes, replies, cap);
  return status.ok() ? Error{} : status.error();
}

TEST(RedisCodec, EveryTypeIsTold) {
  std::vector<Reply> r;
  ASSERT_TRUE(
      FeedAll("+OK\r\n-ERR x\r\n:-5\r\n$2\r\nab\r\n$-1\r\n*-1\r\n*0\r\n$0\r\n\r\n", r).ok());
  ASSERT_EQ(r.size(), 8U);
  EXPECT_EQ(r[0].type, Reply::Type::kStatus);
  EXPECT_TRUE(r[1].IsError());
  EXPECT_EQ(r[2].integer, -5);
  EXPECT_EQ(r[3].text, "ab");
  EXPECT_EQ(r[4].type, Reply::Type::kNil);
  EXPECT_EQ(r[5].type, Reply::Type::kNil);
  EXPECT_EQ(r[6].type, Reply::Type::kArray);
  EXPECT_EQ(r[7].type, Reply::Type::kString);
}

TEST(RedisCodec, NestedArraysKeepTheirShape) {
  std::vector<Reply> r;
  ASSERT_TRUE(FeedAll("*2\r\n*2\r\n:1\r\n:2\r\n$-1\r\n", r).ok());
  ASSERT_EQ(r.size(), 1U);
  ASSERT_EQ(r[0].elements.size(), 2U);
  EXPECT_EQ(r[0].elements[0].elements.at(1).integer, 2);
  EXPECT_EQ(r[0].elements[1].type, Reply::Type::kNil);
}

TEST(RedisCodec, UnfinishedReplyIsNoReplyYet) {
  ReplyReader reader(kCap, kCap);
  std::vector<Reply> r;
  ASSERT_TRUE(reader.Feed("*2\r\n:1\r\n", r).ok());
  EXPECT_TRUE(r.empty());
  EXPECT_FALSE(reader.idle());
  ASSERT_TRUE(reader.Feed(":2\r\n", r).ok());
  EXPECT_EQ(r.size(), 1U);
  EXPECT_TRUE(reader.idle());
}

// No server writes such a line: hiredis 0.14 takes it as it is, 1.x refuses it.
TEST(RedisCodec, LoneCarriageReturnDoesNotEndTheLine) {
  std::vector<Reply> r;
  const Status fed = FeedAll("+a\rb\nc\r\r\n", r);
#if HIREDIS_MAJOR >= 1
  ASSERT_FALSE(fed.ok());
  EXPECT_EQ(fed.error().kind, ErrorKind::kProtocol);
#else
  ASSERT_TRUE(fed.ok());
  EXPECT_EQ(r.at(0).text, "a\rb\nc\r");
#endif
}

TEST(RedisCodec, DeepestNestingIsReadAndOneMoreIsNot) {
  std::string deep;
  for (std::size_t i = 0; i < FramingScanner::kMaxDepth; ++i) deep += "*1\r\n";
  std::vector<Reply> r;
  EXPECT_TRUE(FeedAll(deep + ":1\r\n", r).ok());
  EXPECT_THAT(ErrorOf(deep + "*1\r\n:1\r\n").message, HasSubstr("nested deeper than 7"));
}

TEST(RedisCodec, ReplyAtTheCapIsReadAndOneByteMoreIsNot) {
  const std::string text(100, 'x');
  const std::string reply = "$100\r\n" + text + "\r\n";
  std::vector<Reply> r;
  EXPECT_TRUE(FeedAll(reply, r, reply.size()).ok());
  EXPECT_EQ(ErrorOf(reply, reply.size() - 1).kind, ErrorKind::kProtocol);
}

TEST(RedisCodec, ElementsOfNestedArraysCountTogether) {
  // 100 elements of 64 bytes fit 10,000; a second array of as many does not.
  std::vector<Reply> r;
  EXPECT_TRUE(FeedAll("*100\r\n", r).ok());
  EXPECT_THAT(ErrorOf("*100\r\n*100\r\n").message, HasSubstr("reply over 10000 bytes"));
}

class Malformed : public ::testing::TestWithParam<std::string> {};
TEST_P(Malformed, IsAProtocolError) {
  EXPECT_EQ(ErrorOf(GetParam()).kind, ErrorKind::kProtocol) << ErrorOf(GetParam()).message;
}
INSTANTIATE_TEST_SUITE_P(RedisCodec, Malformed,
                         ::testing::Values("hello\r\n", ":\r\n", ":1x\r\n", ":+1\r\n", ":01\r\n",
                                           ":-0\r\n", ":9223372036854775808\r\n",
                                           ":111111111111111111111", ":1\rx", "$-2\r\n", "*-2\r\n",
                                           "$1\r\nabc", "$1\r\na\rx", "$x\r\n", "%1\r\n", "_\r\n",
                                           "\r\n", "$9223372036854775807\r\n",
                                           "*9223372036854775807\r\n"));

struct Case {
  std::string text;
  ErrorKind kind;
};
class RedisErrorReply : public ::testing::TestWithParam<Case> {};
TEST_P(RedisErrorReply, KindFollowsFromTheFirstWord) {
  Reply reply;
  reply.type = Reply::Type::kError;
  reply.text = GetParam().text;
  EXPECT_EQ(Name(ToError(reply).kind), Name(GetParam().kind)) << reply.text;
}
INSTANTIATE_TEST_SUITE_P(
    RedisCodec, RedisErrorReply,
    ::testing::Values(Case{"NOAUTH Authentication required.", ErrorKind::kAuth},
                      Case{"WRONGPASS invalid username-password pair", ErrorKind::kAuth},
                      Case{"DENIED Redis is running in protected mode", ErrorKind::kAuth},
                      Case{"NOPERM this user has no permissions", ErrorKind::kPermission},
                      Case{"LOADING Redis is loading the dataset", ErrorKind::kConnect},
                      Case{"MASTERDOWN Link with MASTER is down", ErrorKind::kConnect},
                      Case{"CLUSTERDOWN Hash slot not served", ErrorKind::kConnect},
                      Case{"BUSY Redis is busy running a script", ErrorKind::kTimeout},
                      Case{"BUSYKEY Target key name already exists", ErrorKind::kProtocol},
                      Case{"MOVED 3999 127.0.0.1:6381", ErrorKind::kUnsupported},
                      Case{"ASK 3999 127.0.0.1:6381", ErrorKind::kUnsupported},
                      Case{"WRONGTYPE Operation against a key", ErrorKind::kUnsupported},
                      Case{"ERR max number of clients reached", ErrorKind::kLimit},
                      Case{"ERR unknown command 'FOO'", ErrorKind::kUnsupported},
                      Case{"ERR syntax error", ErrorKind::kProtocol}));

TEST(RedisErrorText, IsBoundedAndPrintable) {
  Reply reply;
  reply.type = Reply::Type::kError;
  reply.text = "ERR \n\x1b[31m" + std::string(1000, 'x');
  const std::string message = ToError(reply).message;
  EXPECT_THAT(message, HasSubstr("ERR \\x0a\\x1b[31mxxx"));
  EXPECT_LT(message.size(), 220U);
}

}  // namespace
}  // namespace headroom::redis
