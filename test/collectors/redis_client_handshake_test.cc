// The handshake: whom the client is, what it is refused for, and that no password is passed on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <utility>

#include "collectors/redis/client.h"
#include "test/collectors/redis_client_fixture.h"
#include "test/support/scratch.h"
#include "test/support/scripted_server.h"

namespace headroom::redis {
namespace {

using test::Peer;
using test::ScriptedServer;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(RedisClientProtocol, FullServerThatTurnsUsAwayUnaskedIsALimit) {
  ExpectError(PingError([](Peer& peer) { peer.Send("-ERR max number of clients reached\r\n"); }),
              ErrorKind::kLimit, "max number of clients");
}

ClientOptions WithPasswordAndDatabase() {
  ClientOptions options;
  options.db = 2;
  options.password.from = SecretSource::From::kLiteral;
  options.password.literal = Secret("hunter2");
  return options;
}

// Reads the whole handshake and answers all of it with `word`.
ScriptedServer::Script TurnAway(std::string word) {
  return [word = std::move(word)](Peer& peer) {
    peer.Expect(Resp({"AUTH", "hunter2"}) + Resp({"SELECT", "2"}));
    peer.Expect(kSetName);
    peer.Send(word);
    peer.HalfClose();
    peer.AwaitClose();
  };
}

TEST_F(RedisClientProtocol, FullServerIsALimitAlsoWhenAllOfTheHandshakeWasSent) {
  ExpectError(
      PingError(TurnAway("-ERR max number of clients reached\r\n"), WithPasswordAndDatabase()),
      ErrorKind::kLimit, "max number of clients");
}

TEST_F(RedisClientProtocol, ProtectedModeIsAnAuthErrorAlsoWhenAllOfTheHandshakeWasSent) {
  ExpectError(PingError(TurnAway("-DENIED Redis is running in protected mode\r\n"),
                        WithPasswordAndDatabase()),
              ErrorKind::kAuth, "protected mode");
}

TEST_F(RedisClientProtocol, LastWordsOfAnUnknownKindAreNotPassedOn) {
  const Error error =
      PingError(TurnAway("-ERR no such command: hunter2\r\n"), WithPasswordAndDatabase());
  ExpectError(error, ErrorKind::kConnect, "closed the connection");
  EXPECT_THAT(error.message, Not(HasSubstr("hunter2")));
}

// Answers each line of what it reads with an error that repeats it, as servers of line protocols
// do.
void EchoLinesAsErrors(Peer& peer) {
  const std::string got = peer.ReadSome();
  std::string answer;
  for (std::size_t at = 0, end; (end = got.find("\r\n", at)) != std::string::npos; at = end + 2) {
    answer += "-ERR unknown: " + got.substr(at, end - at) + "\r\n";
    if (got.substr(at, end - at) == "hunter2") break;
  }
  peer.Send(answer);
  peer.AwaitClose();
}

TEST_F(RedisClientProtocol, PasswordThatALineServerEchoesIsNotPassedOn) {
  const Error error = PingError(EchoLinesAsErrors, WithPasswordAndDatabase());
  EXPECT_EQ(error.kind, ErrorKind::kProtocol) << error.message;
  EXPECT_THAT(error.message, Not(HasSubstr("hunter2")));
}

TEST_F(RedisClientProtocol, AnswerToAuthOfAnUnknownKindIsNotPassedOn) {
  const Error error =
      PingError(TurnAway("-hunter2 is no command\r\n+OK\r\n+OK\r\n"), WithPasswordAndDatabase());
  EXPECT_EQ(error.kind, ErrorKind::kAuth) << error.message;
  EXPECT_THAT(error.message, Not(HasSubstr("hunter2")));
}

// A secret that was exchanged is seen at the next connect.
TEST_F(RedisClientProtocol, RotatedPasswordFileIsUsedAtTheNextConnect) {
  const test::Scratch scratch;
  const auto script = [](const std::string& password) {
    return [password](Peer& peer) {
      peer.Expect(Resp({"AUTH", password}));
      peer.Expect(kSetName);
      peer.Send("+OK\r\n+OK\r\n");
      peer.AwaitClose();
    };
  };
  const ScriptedServer server({script("old"), script("new")});
  ClientOptions options = OptionsFor(server.port());
  options.password.from = SecretSource::From::kFile;
  options.password.place = scratch.Path("password");
  Client client(options);
  scratch.Write("password", "old\n");
  ASSERT_TRUE(client.EnsureConnected(Ample()).ok());
  scratch.Write("password", "new\n");
  ASSERT_TRUE(client.EnsureConnected(Ample()).ok());  // the connection stands: nothing is read
  client.Disconnect();
  EXPECT_TRUE(client.EnsureConnected(Ample()).ok());
  EXPECT_EQ(server.accepted(), 2);
}

TEST_F(RedisClientProtocol, HandshakeAuthenticatesSelectsAndNamesInOneRoundTrip) {
  const ScriptedServer server({[](Peer& peer) {
    peer.Expect("*3\r\n$4\r\nAUTH\r\n$3\r\nann\r\n$6\r\nse cre\r\n");
    peer.Expect("*2\r\n$6\r\nSELECT\r\n$1\r\n7\r\n");
    peer.Expect(kSetName);
    peer.Send("+OK\r\n+OK\r\n+OK\r\n");
    peer.AwaitClose();
  }});
  ClientOptions options = OptionsFor(server.port());
  options.user = "ann";
  options.db = 7;
  options.password.from = SecretSource::From::kLiteral;
  options.password.literal = Secret("se cre");
  Client client(options);
  const Status connected = client.EnsureConnected(Ample());
  EXPECT_TRUE(connected.ok());
  EXPECT_GT(client.round_trip(), Duration::zero());
}

TEST_F(RedisClientProtocol, ServerThatWantsAPasswordIsAnAuthError) {
  ExpectError(PingError([](Peer& peer) {
                peer.Expect(kSetName);
                peer.Send("-NOAUTH Authentication required.\r\n");
                peer.AwaitClose();
              }),
              ErrorKind::kAuth, "set password_file or password_env");
}

TEST_F(RedisClientProtocol, NameThatMayNotBeSetDoesNotMatter) {
  const ScriptedServer server({[](Peer& peer) {
    peer.Expect(kSetName);
    peer.Send("-NOPERM this user has no permissions to run the 'client|setname' command\r\n");
    peer.AwaitClose();
  }});
  Client client(OptionsFor(server.port()));
  EXPECT_TRUE(client.EnsureConnected(Ample()).ok());
}

TEST_F(RedisClientProtocol, PasswordInTheAnswerToAuthIsNotPassedOn) {
  ClientOptions options;
  options.password.from = SecretSource::From::kLiteral;
  options.password.literal = Secret("hunter2");
  const Error error = PingError(
      [](Peer& peer) {
        peer.Expect("*2\r\n$4\r\nAUTH\r\n$7\r\nhunter2\r\n");
        peer.Expect(kSetName);
        peer.Send(
            "-ERR unknown command 'AUTH', with args beginning with: 'hunter2' \r\n"
            "-NOAUTH Authentication required.\r\n");
        peer.AwaitClose();
      },
      options);
  ExpectError(error, ErrorKind::kAuth, "AUTH");
  EXPECT_THAT(error.message, Not(HasSubstr("hunter2")));
}

TEST_F(RedisClientProtocol, DatabaseThatIsNotThereIsUnsupported) {
  ClientOptions options;
  options.db = 99;
  ExpectError(PingError(
                  [](Peer& peer) {
                    peer.Expect("*2\r\n$6\r\nSELECT\r\n$2\r\n99\r\n");
                    peer.Expect(kSetName);
                    peer.Send("-ERR DB index is out of range\r\n+OK\r\n");
                    peer.AwaitClose();
                  },
                  options),
              ErrorKind::kUnsupported, "SELECT 99: ERR DB index is out of range");
}

}  // namespace
}  // namespace headroom::redis
