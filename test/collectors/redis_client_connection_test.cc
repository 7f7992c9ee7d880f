// Connections that are lost, closed while idle or replaced.
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/redis/client.h"
#include "collectors/redis/collector.h"
#include "test/collectors/redis_client_fixture.h"
#include "test/support/scripted_server.h"

namespace headroom::redis {
namespace {

using test::Peer;
using test::ScriptedServer;

TEST_F(RedisClientProtocol, LostConnectionMidReplyIsAConnectError) {
  ExpectError(PingError([](Peer& peer) {
                Greet(peer);
                peer.Expect(kPing);
                peer.Send("$4\r\nPO");
                peer.HalfClose();
                peer.AwaitClose();
              }),
              ErrorKind::kConnect, "closed the connection");
}

// A server whose first connection does `last` after one PING, and then says so.
class IdleConnection : public RedisClientProtocol {
 protected:
  Result<std::vector<Reply>> PingBeforeAndAfter(const ScriptedServer::Script& last) {
    std::promise<void> done;
    const ScriptedServer server({[&](Peer& peer) {
                                   Greet(peer);
                                   peer.Expect(kPing);
                                   peer.Send("+first\r\n");
                                   go_.get_future().wait();
                                   last(peer);
                                   done.set_value();
                                   peer.AwaitClose();
                                 },
                                 AnswerPing("+second\r\n")});
    Client client(OptionsFor(server.port()));
    auto first = Ping(client, Ample());
    go_.set_value();
    if (!first.ok()) return first;
    done.get_future().wait();
    return Ping(client, Ample());
  }
  std::promise<void> go_;
};

TEST_F(IdleConnection, ClosedByTheServerIsReplacedWithoutAFailedRun) {
  const auto replies = PingBeforeAndAfter([](Peer& peer) { peer.HalfCloseAndAwaitArrival(); });
  ASSERT_TRUE(replies.ok()) << replies.error().message;
  EXPECT_EQ(replies->front().text, "second");
}

TEST_F(IdleConnection, WithUnexpectedBytesIsReplaced) {
  const auto replies =
      PingBeforeAndAfter([](Peer& peer) { peer.SendAndAwaitArrival("+late\r\n"); });
  ASSERT_TRUE(replies.ok()) << replies.error().message;
  EXPECT_EQ(replies->front().text, "second");
}

// The collector over such connections.

std::string ScanFrom(std::string_view cursor) {
  return Resp({"SCAN", cursor, "MATCH", "q:*", "COUNT", "1000", "TYPE", "list"});
}

// A server closes what is idle; what answers at the same address then may be another one.
TEST_F(RedisClientProtocol, CursorOfAConnectionThatWasReplacedInSilenceIsNotUsedOnTheNext) {
  std::promise<void> closed;
  const ScriptedServer server({[&](Peer& peer) {
                                 Greet(peer);
                                 peer.Expect(ScanFrom("0"));
                                 peer.Send("*2\r\n$2\r\n17\r\n*0\r\n");
                                 peer.HalfCloseAndAwaitArrival();
                                 closed.set_value();
                                 peer.AwaitClose();
                               },
                               [](Peer& peer) {
                                 Greet(peer);
                                 peer.Expect(ScanFrom("0"));
                                 peer.Send("*2\r\n$1\r\n0\r\n*1\r\n$3\r\nq:a\r\n");
                                 peer.AwaitClose();
                               }});
  RedisOptions options;
  options.client = OptionsFor(server.port());
  options.list_patterns = {"q:*"};
  RedisCollector collector(options, clock_);
  ASSERT_TRUE(collector.DiscoverSlice(Ample()).ok());
  closed.get_future().wait();
  ASSERT_TRUE(collector.DiscoverSlice(Ample()).ok());
  EXPECT_TRUE(collector.Discovered());
}

}  // namespace
}  // namespace headroom::redis
