// Replies that no Redis server gives, and replies that are too large.
#include <gtest/gtest.h>

#include <string>

#include "collectors/redis/client.h"
#include "test/collectors/redis_client_fixture.h"
#include "test/support/scripted_server.h"

namespace headroom::redis {
namespace {

using test::Peer;
using test::ScriptedServer;

TEST_F(RedisClientProtocol, HttpServerIsNamedAsSuch) {
  ExpectError(PingError([](Peer& peer) { peer.Send("HTTP/1.1 400 Bad Request\r\n\r\n"); }),
              ErrorKind::kProtocol,
              "not a Redis server (its answer begins with 'H', as HTTP does)");
}

TEST_F(RedisClientProtocol, TlsServerOnAPlainUrlIsNamedAsSuch) {
  ExpectError(PingError([](Peer& peer) { peer.Send("\x15\x03\x01\x02\x02\x0a"); }),
              ErrorKind::kProtocol, "use rediss://");
}

TEST_F(RedisClientProtocol, EchoServerIsNoRedisServer) {
  ExpectError(PingError([](Peer& peer) {
                for (auto got = peer.ReadSome(); !got.empty(); got = peer.ReadSome()) {
                  peer.Send(got);
                }
              }),
              ErrorKind::kProtocol, "not a Redis server");
}

TEST_F(RedisClientProtocol, GarbageBehindGoodRepliesIsMalformed) {
  ExpectError(PingError(AnswerPing("\x01\x02garbage\r\n")), ErrorKind::kProtocol, "type byte 0x01");
}

TEST_F(RedisClientProtocol, HugeStringIsRejectedByItsHeader) {
  ExpectError(PingError(AnswerPing("$5000000000\r\n")), ErrorKind::kProtocol,
              "reply over 33554432 bytes");
}

TEST_F(RedisClientProtocol, HugeArrayIsRejectedByItsHeader) {
  ExpectError(PingError(AnswerPing("*100000000\r\n")), ErrorKind::kProtocol,
              "reply over 33554432 bytes");
}

TEST_F(RedisClientProtocol, HugeArrayInsideAnArrayIsRejectedByItsHeader) {
  ExpectError(PingError(AnswerPing("*2\r\n:1\r\n*100000000\r\n")), ErrorKind::kProtocol,
              "reply over 33554432 bytes");
}

TEST_F(RedisClientProtocol, EndlessLineEndsAtTheCap) {
  ClientOptions options;
  options.max_reply_bytes = 100'000;
  ExpectError(PingError(
                  [](Peer& peer) {
                    Greet(peer);
                    peer.Expect(kPing);
                    peer.Send("+");
                    peer.SendEndlessly(std::string(10'000, 'x'));
                  },
                  options),
              ErrorKind::kProtocol, "reply over 100000 bytes");
}

TEST_F(RedisClientProtocol, RepliesThatAreSmallAloneAreCappedTogether) {
  const ScriptedServer server({[](Peer& peer) {
    Greet(peer);
    for (int i = 0; i < 20; ++i) peer.Expect(kPing);
    for (int i = 0; i < 20; ++i) peer.Send("$1000\r\n" + std::string(1000, 'x') + "\r\n");
    peer.AwaitClose();
  }});
  ClientOptions options = OptionsFor(server.port());
  options.max_batch_bytes = 10'000;
  Client client(options);
  ASSERT_TRUE(client.EnsureConnected(Ample()).ok());
  Batch batch;
  for (int i = 0; i < 1000; ++i) batch.Add({"PING"});
  const auto replies = client.Run(batch, Ample());
  ASSERT_FALSE(replies.ok());
  EXPECT_EQ(replies.error().kind, ErrorKind::kProtocol);
}

TEST_F(RedisClientProtocol, ReplyThatNoCommandAskedForFailsTheBatch) {
  ExpectError(PingError(AnswerPing("+PONG\r\n:1\r\n")), ErrorKind::kProtocol,
              "no command asked for");
}

}  // namespace
}  // namespace headroom::redis
