// The client's deadline against servers that are slow, silent or endless.
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <string>

#include "collectors/redis/client.h"
#include "test/collectors/redis_client_fixture.h"
#include "test/support/scripted_server.h"

namespace headroom::redis {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::Peer;
using test::ScriptedServer;

TEST_F(RedisClientProtocol, DeadlineHoldsForTheBatchAndNotForEachReply) {
  const ScriptedServer server({[](Peer& peer) {
    Greet(peer);
    peer.Expect(kPing);  // a reply that comes before its command is another error
    peer.SendUntilClosed("+PONG\r\n", milliseconds(20));
  }});
  Client client(OptionsFor(server.port()));
  ASSERT_TRUE(client.EnsureConnected(Ample()).ok());
  Batch batch;
  for (int i = 0; i < 1000; ++i) batch.Add({"PING"});
  const SteadyTime start = clock_.Now();
  const auto replies = client.Run(batch, In(milliseconds(500)));
  ASSERT_FALSE(replies.ok());
  ExpectError(replies.error(), ErrorKind::kTimeout, "deadline exceeded");
  EXPECT_LT(clock_.Now() - start, seconds(5));
  EXPECT_FALSE(client.connected());
}

TEST_F(RedisClientProtocol, ServerThatNeverStopsSendingMeetsTheDeadline) {
  const ScriptedServer server({[](Peer& peer) {
    Greet(peer);
    peer.Expect(kPing);
    peer.Send("$1000000000\r\n");
    peer.SendEndlessly(std::string(10'000, 'x'));
  }});
  ClientOptions options = OptionsFor(server.port());
  options.max_reply_bytes = options.max_batch_bytes = std::size_t{2} << 30;
  Client client(options);
  ASSERT_TRUE(client.EnsureConnected(Ample()).ok());
  Batch batch;
  batch.Add({"PING"});
  const auto replies = client.Run(batch, In(milliseconds(500)));
  ASSERT_FALSE(replies.ok());
  EXPECT_EQ(replies.error().kind, ErrorKind::kTimeout);
}

TEST_F(RedisClientProtocol, CancellationEndsTheWaitAtOnce) {
  const Cancellation cancellation;
  const ScriptedServer server({[&](Peer& peer) {
    Greet(peer);
    peer.Expect(kPing);
    cancellation.Cancel();
    peer.AwaitClose();
  }});
  Client client(OptionsFor(server.port()));
  const SteadyTime start = clock_.Now();
  const auto replies = Ping(client, Deadline(clock_, start + seconds(20), &cancellation));
  ASSERT_FALSE(replies.ok());
  ExpectError(replies.error(), ErrorKind::kTimeout, "cancelled");
  EXPECT_LT(clock_.Now() - start, seconds(5));
}

TEST_F(RedisClientProtocol, ServerThatAcceptsAndSaysNothingIsATimeout) {
  const ScriptedServer server({[](Peer& peer) { peer.AwaitClose(); }});
  Client client(OptionsFor(server.port()));
  const Status connected = client.EnsureConnected(In(milliseconds(100)));
  ASSERT_FALSE(connected.ok());
  EXPECT_EQ(connected.error().kind, ErrorKind::kTimeout);
  EXPECT_FALSE(client.connected());
}

TEST_F(RedisClientProtocol, LateReplyIsNeverTakenForTheNextBatch) {
  const ScriptedServer server({[](Peer& peer) {
                                 Greet(peer);
                                 peer.Expect(kPing);
                                 peer.AwaitClose();
                               },
                               AnswerPing("+fresh\r\n")});
  Client client(OptionsFor(server.port()));
  ASSERT_TRUE(client.EnsureConnected(Ample()).ok());
  Batch batch;
  batch.Add({"PING"});
  ASSERT_FALSE(client.Run(batch, In(milliseconds(500))).ok());
  EXPECT_FALSE(client.connected());
  const auto replies = Ping(client, Ample());
  ASSERT_TRUE(replies.ok()) << replies.error().message;
  EXPECT_EQ(replies->front().text, "fresh");
}

}  // namespace
}  // namespace headroom::redis
