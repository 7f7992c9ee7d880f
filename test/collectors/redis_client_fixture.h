// What the tests of the Redis client against scripted servers share. Time limits are asserted as
// generous upper bounds only.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collectors/redis/client.h"
#include "exporter/system_clock.h"
#include "test/support/scripted_server.h"

namespace headroom::redis {

inline constexpr std::string_view kSetName =
    "*3\r\n$6\r\nCLIENT\r\n$7\r\nSETNAME\r\n$8\r\nheadroom\r\n";
inline constexpr std::string_view kPing = "*1\r\n$4\r\nPING\r\n";

inline std::string Resp(std::initializer_list<std::string_view> arguments) {
  Batch batch;
  batch.Add(arguments);
  return std::string(batch.bytes());
}

inline void Greet(test::Peer& peer) {
  peer.Expect(kSetName);
  peer.Send("+OK\r\n");
}

// Greets, takes one PING, sends `answer` and then whatever `then` does.
inline test::ScriptedServer::Script AnswerPing(std::string answer) {
  return [answer = std::move(answer)](test::Peer& peer) {
    Greet(peer);
    peer.Expect(kPing);
    peer.Send(answer);
    peer.AwaitClose();
  };
}

class RedisClientProtocol : public ::testing::Test {
 protected:
  RedisClientProtocol() { ::signal(SIGPIPE, SIG_IGN); }

  Deadline In(Duration d) const { return Deadline(clock_, clock_.Now() + d); }
  // Far longer than anything here takes: hitting it is a failure.
  Deadline Ample() const { return In(std::chrono::seconds(20)); }

  static ClientOptions OptionsFor(std::uint16_t port) {
    ClientOptions options;
    options.endpoint.host = "127.0.0.1";
    options.endpoint.port = port;
    return options;
  }

  // Connects and runs one PING.
  Result<std::vector<Reply>> Ping(Client& client, const Deadline& deadline) const {
    const Status connected = client.EnsureConnected(deadline);
    if (!connected.ok()) return connected.error();
    Batch batch;
    batch.Add({"PING"});
    return client.Run(batch, deadline);
  }

  // What one PING to a server with this script fails with.
  Error PingError(test::ScriptedServer::Script script, ClientOptions options = {}) const {
    const test::ScriptedServer server({std::move(script)});
    options.endpoint = OptionsFor(server.port()).endpoint;
    Client client(options);
    const auto replies = Ping(client, Ample());
    EXPECT_FALSE(client.connected());
    if (!replies.ok()) return replies.error();
    ADD_FAILURE() << "expected an error";
    return Error{};
  }

  SystemClock clock_;
};

inline void ExpectError(const Error& error, ErrorKind kind, const std::string& text) {
  EXPECT_EQ(Name(error.kind), Name(kind)) << error.message;
  EXPECT_THAT(error.message, ::testing::HasSubstr(text));
}

}  // namespace headroom::redis
