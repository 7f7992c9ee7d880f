// What the tests of pq::Connection against scripted servers share. Time limits are asserted as
// generous upper bounds only.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <string>
#include <utility>
#include <vector>

#include "collectors/libpq/connection.h"
#include "exporter/system_clock.h"
#include "test/support/pq_wire.h"
#include "test/support/scripted_server.h"

namespace headroom::pq {

inline void ExpectError(const Error& error, ErrorKind kind, const std::string& text) {
  EXPECT_EQ(Name(error.kind), Name(kind)) << error.message;
  EXPECT_THAT(error.message, ::testing::HasSubstr(text));
  EXPECT_THAT(error.message, ::testing::Not(::testing::HasSubstr("\n")));
}

// Greets, takes one query and sends `answer`.
inline test::ScriptedServer::Script AnswerQuery(std::string answer) {
  return [answer = std::move(answer)](test::Peer& peer) {
    test::pq::Greet(peer);
    test::pq::ReadMessage(peer);
    peer.Send(answer);
    peer.AwaitClose();
  };
}

// What it sends instead of the first word of a server.
inline test::ScriptedServer::Script AnswerStartup(std::string answer) {
  return [answer = std::move(answer)](test::Peer& peer) {
    test::pq::ReadStartup(peer);
    peer.Send(answer);
  };
}

class PqConnection : public ::testing::Test {
 protected:
  PqConnection() { ::signal(SIGPIPE, SIG_IGN); }

  Deadline In(Duration d, const Cancellation* cancellation = nullptr) const {
    return Deadline(clock_, clock_.Now() + d, cancellation);
  }
  // Far longer than anything here takes: hitting it is a failure.
  Deadline Ample(const Cancellation* cancellation = nullptr) const {
    return In(std::chrono::seconds(50), cancellation);
  }

  static ConnectionOptions OptionsFor(const test::ScriptedServer& server,
                                      const std::string& host = "127.0.0.1") {
    ConnectionOptions options;
    options.conninfo =
        fmt::format("host={} port={} user=u dbname=d sslmode=disable", host, server.port());
    return options;
  }

  // What connecting to a server with this script fails with.
  Error ConnectError(test::ScriptedServer::Script script, const std::string& more = "") const {
    const test::ScriptedServer server({std::move(script)});
    ConnectionOptions options = OptionsFor(server);
    options.conninfo += more;
    Connection connection(options);
    const Status connected = connection.Connect(Ample());
    EXPECT_FALSE(connection.connected());
    if (!connected.ok()) return connected.error();
    ADD_FAILURE() << "expected an error";
    return Error{};
  }

  // What one query fails with.
  Error QueryError(test::ScriptedServer::Script script, bool stays_connected = false) const {
    const test::ScriptedServer server({std::move(script)});
    Connection connection(OptionsFor(server));
    const Status connected = connection.Connect(Ample());
    if (!connected.ok()) return connected.error().Within("not even connected");
    const Result<Table> table = connection.Query("SELECT", Ample());
    EXPECT_EQ(connection.connected(), stays_connected);
    if (!table.ok()) return table.error();
    ADD_FAILURE() << "expected an error";
    return Error{};
  }

  SystemClock clock_;
};

}  // namespace headroom::pq
