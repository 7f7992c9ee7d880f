// What a batch sends and what it gives back, however the server's bytes come.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <utility>

#include "collectors/redis/client.h"
#include "collectors/redis/reply_errors.h"
#include "test/collectors/redis_client_fixture.h"
#include "test/support/scripted_server.h"

namespace headroom::redis {
namespace {

using std::chrono::seconds;
using test::Peer;
using test::ScriptedServer;

TEST_F(RedisClientProtocol, ReplyThatComesByteByByteIsRead) {
  const ScriptedServer server({[](Peer& peer) {
    Greet(peer);
    peer.Expect(kPing);
    peer.SendBytewise("*2\r\n$4\r\na\r\nb\r\n*1\r\n:-7\r\n");
    peer.AwaitClose();
  }});
  Client client(OptionsFor(server.port()));
  const auto replies = Ping(client, Ample());
  ASSERT_TRUE(replies.ok()) << replies.error().message;
  ASSERT_EQ(replies->size(), 1U);
  ASSERT_EQ(replies->front().elements.size(), 2U);
  EXPECT_EQ(replies->front().elements[0].text, "a\r\nb");
  EXPECT_EQ(replies->front().elements[1].elements.at(0).integer, -7);
}

TEST_F(RedisClientProtocol, KeysAreSentAsTheyAreWhateverTheirBytes) {
  const std::string key("a\r\n\0\xff $", 7);
  const ScriptedServer server({[&](Peer& peer) {
    Greet(peer);
    peer.Expect("*2\r\n$4\r\nLLEN\r\n$7\r\n" + key + "\r\n");
    peer.Send(":3\r\n");
    peer.AwaitClose();
  }});
  Client client(OptionsFor(server.port()));
  ASSERT_TRUE(client.EnsureConnected(Ample()).ok());
  Batch batch;
  batch.Add({"LLEN", key});
  const auto replies = client.Run(batch, Ample());
  ASSERT_TRUE(replies.ok());
  EXPECT_EQ(replies->front().integer, 3);
}

// Takes ECHO commands of equal size and gives each argument back; never reads while it writes.
// `most_open` is the largest number of commands received and not answered.
void EchoAll(Peer& peer, std::size_t command_bytes, std::size_t argument_bytes,
             std::size_t& most_open) {
  const int small = 4096;
  ::setsockopt(peer.fd(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
  Greet(peer);
  std::string got;
  for (std::string more = peer.ReadSome(); !more.empty(); more = peer.ReadSome()) {
    got += more;
    most_open = std::max(most_open, got.size() / command_bytes);
    std::size_t used = 0;
    for (; got.size() - used >= command_bytes; used += command_bytes) {
      const std::string argument =
          got.substr(used + command_bytes - 2 - argument_bytes, argument_bytes);
      peer.Send(fmt::format("${}\r\n{}\r\n", argument_bytes, argument));
    }
    got.erase(0, used);
  }
}

TEST_F(RedisClientProtocol, TenThousandCommandsAreAnsweredInOrderWithoutBlockingBothSides) {
  constexpr std::size_t kArgument = 1000;
  constexpr std::size_t kCommands = 10'000;
  std::size_t most_open = 0;
  Batch batch;
  for (std::size_t i = 0; i < kCommands; ++i) batch.Add({"ECHO", fmt::format("{:01000}", i)});
  {
    const ScriptedServer server(
        {[&](Peer& peer) { EchoAll(peer, batch.end(0), kArgument, most_open); }});
    Client client(OptionsFor(server.port()));
    ASSERT_TRUE(client.EnsureConnected(Ample()).ok());
    const auto replies = client.Run(batch, Ample());
    ASSERT_TRUE(replies.ok()) << replies.error().message;
    ASSERT_EQ(replies->size(), kCommands);
    for (std::size_t i = 0; i < kCommands; ++i) {
      ASSERT_EQ((*replies)[i].text, fmt::format("{:01000}", i));
    }
  }
  EXPECT_LE(most_open, 1000U);
}

TEST_F(RedisClientProtocol, NoMoreThanAThousandCommandsAreUnderWay) {
  std::string received;
  const Cancellation enough;
  const ScriptedServer server({[&](Peer& peer) {
    Greet(peer);
    // Answers nothing: what comes is all that the client is ready to have unanswered.
    for (std::string more = peer.ReadSome(); !more.empty(); more = peer.ReadSome()) {
      received += more;
      if (received.size() < 1000 * kPing.size()) continue;
      pollfd beyond{peer.fd(), POLLIN, 0};
      ::poll(&beyond, 1, /*timeout=*/100);
      enough.Cancel();
    }
  }});
  Client client(OptionsFor(server.port()));
  Batch batch;
  for (int i = 0; i < 3000; ++i) batch.Add({"PING"});
  {
    ASSERT_TRUE(client.EnsureConnected(Ample()).ok());
    const auto replies = client.Run(batch, Deadline(clock_, clock_.Now() + seconds(20), &enough));
    ASSERT_FALSE(replies.ok());
    EXPECT_EQ(replies.error().kind, ErrorKind::kTimeout);
  }
  // The server turns to a second connection once it has seen the end of the first.
  ASSERT_TRUE(client.EnsureConnected(Ample()).ok());
  EXPECT_EQ(received.size(), 1000 * kPing.size());
}

TEST_F(RedisClientProtocol, HundredThousandElementsOfTwoHundredBytesAreRead) {
  constexpr std::size_t kElements = 100'000;
  std::string answer = fmt::format("*{}\r\n", kElements);
  for (std::size_t i = 0; i < kElements; ++i) answer += fmt::format("$200\r\n{:0200}\r\n", i);
  const ScriptedServer server({AnswerPing(std::move(answer))});
  Client client(OptionsFor(server.port()));
  const auto replies = Ping(client, Ample());
  ASSERT_TRUE(replies.ok()) << replies.error().message;
  EXPECT_EQ(replies->front().elements.size(), kElements);
}

TEST_F(RedisClientProtocol, ErrorRepliesOfABatchAreRepliesAndKeepTheConnection) {
  const ScriptedServer server({AnswerPing("-WRONGTYPE Operation against a key\r\n")});
  Client client(OptionsFor(server.port()));
  const auto replies = Ping(client, Ample());
  ASSERT_TRUE(replies.ok());
  ASSERT_TRUE(replies->front().IsError());
  EXPECT_EQ(ToError(replies->front()).kind, ErrorKind::kUnsupported);
  EXPECT_TRUE(client.connected());
}

}  // namespace
}  // namespace headroom::redis
