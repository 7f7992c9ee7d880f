// Which server pq::Connection reaches, and how long that may take.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "test/collectors/pq_connection_fixture.h"

namespace headroom::pq {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::Peer;
using test::ScriptedServer;
using test::pq::ErrorResponse;
using test::pq::Greet;
using test::pq::ReadStartup;
using test::pq::ReadyForQuery;
using test::pq::TableAnswer;
using ::testing::HasSubstr;
using ::testing::Not;

using PqConnectionConnect = PqConnection;

TEST_F(PqConnectionConnect, ForcedAndExtraWordsWinAndDefaultsFillGaps) {
  std::string startup;
  const Cancellation read;
  {
    const ScriptedServer server({[&](Peer& peer) {
      startup = ReadStartup(peer);
      read.Cancel();
      peer.AwaitClose();
    }});
    ConnectionOptions options = OptionsFor(server);
    options.conninfo += " application_name=theirs options='-c a=b'";
    options.forced = {{"options", ""}, {"application_name", "ours"}};
    options.defaults = {{"dbname", "other"}, {"client_encoding", "UTF8"}};
    Connection connection(options);
    EXPECT_FALSE(connection.Connect(Ample(&read), {{"application_name", "extra"}}).ok());
  }
  EXPECT_THAT(startup, HasSubstr(std::string("application_name\0extra\0", 23)));
  EXPECT_THAT(startup, HasSubstr(std::string("database\0d\0", 11)));
  EXPECT_THAT(startup, HasSubstr(std::string("client_encoding\0UTF8\0", 21)));
  EXPECT_THAT(startup, Not(HasSubstr("options")));
}

TEST_F(PqConnectionConnect, WaitForASilentServerSaysHowFarItCame) {
  const Cancellation begun;
  const ScriptedServer server({[&](Peer& peer) {
    ReadStartup(peer);
    begun.Cancel();
    peer.AwaitClose();
  }});
  Connection connection(OptionsFor(server));
  const Status connected = connection.Connect(Ample(&begun));
  ASSERT_FALSE(connected.ok());
  ExpectError(connected.error(), ErrorKind::kTimeout,
              "the server took the connection and did not go on");
}

TEST_F(PqConnectionConnect, SilenceAtConnectEndsAtTheDeadline) {
  const ScriptedServer server({[](Peer& peer) { peer.AwaitClose(); }});
  Connection connection(OptionsFor(server));
  const Status connected = connection.Connect(In(milliseconds(50)));
  ASSERT_FALSE(connected.ok());
  ExpectError(connected.error(), ErrorKind::kTimeout, "deadline exceeded");
}

TEST_F(PqConnectionConnect, CancellationEndsAConnectAtOnce) {
  const Cancellation cancellation;
  const ScriptedServer server({[&](Peer& peer) {
    cancellation.Cancel();
    peer.AwaitClose();
  }});
  Connection connection(OptionsFor(server));
  const SteadyTime start = clock_.Now();
  const Status connected = connection.Connect(Ample(&cancellation));
  ASSERT_FALSE(connected.ok());
  EXPECT_EQ(Name(connected.error().kind), "timeout");
  EXPECT_LT(clock_.Now() - start, seconds(10));
}

TEST_F(PqConnectionConnect, SessionThatTheServerClosedMeanwhileIsOpenedAnew) {
  const ScriptedServer server({[](Peer& peer) {
                                 Greet(peer);
                                 peer.Send(ErrorResponse("FATAL", "57P01", "terminating"));
                                 peer.HalfCloseAndAwaitArrival();
                                 peer.AwaitClose();
                               },
                               AnswerQuery(TableAnswer({"a"}, {{"1"}}) + ReadyForQuery())});
  Connection connection(OptionsFor(server));
  ASSERT_TRUE(connection.Connect(Ample()).ok());
  // The end may still be on its way.
  for (const Deadline limit = Ample(); server.accepted() < 2 && !limit.Expired();) {
    ASSERT_TRUE(connection.Connect(limit).ok());
  }
  EXPECT_TRUE(connection.Query("SELECT", Ample()).ok());
}

TEST_F(PqConnectionConnect, OpenSessionIsKept) {
  const ScriptedServer server({AnswerQuery(TableAnswer({"a"}, {{"1"}}) + ReadyForQuery())});
  Connection connection(OptionsFor(server));
  ASSERT_TRUE(connection.Connect(Ample()).ok());
  ASSERT_TRUE(connection.Connect(Ample()).ok());
  EXPECT_TRUE(connection.Query("SELECT", Ample()).ok());
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(PqConnectionConnect, NameThatDoesNotResolveInTimeEndsAtTheDeadline) {
  const Cancellation over;
  const auto ended = std::make_shared<std::promise<void>>();  // the thread has left it
  Resolver resolver([&, ended](const std::string&, std::uint16_t) -> Result<AddressList> {
    static_cast<void>(Ample(&over).Poll(-1, 0));
    ended->set_value();
    return Error{ErrorKind::kConnect, "late"};
  });
  ConnectionOptions options;
  options.conninfo = "host=slow.example user=u";
  Connection connection(options, resolver);
  const Status connected = connection.Connect(In(milliseconds(50)));
  over.Cancel();
  ended->get_future().wait();
  ASSERT_FALSE(connected.ok());
  ExpectError(connected.error(), ErrorKind::kTimeout, "resolving slow.example took longer");
}

// The addresses of a name: loopback ones.
AddressList Loopback(const std::vector<std::string>& texts) {
  Resolver numeric;
  const SystemClock clock;
  AddressList addresses;
  for (const std::string& text : texts) {
    addresses.push_back(numeric.Resolve(text, 0, Deadline(clock, clock.Now()))->front());
  }
  return addresses;
}

TEST_F(PqConnectionConnect, NextAddressOfANameIsTriedAfterARefusal) {
  const ScriptedServer server({Greet});
  Resolver resolver([](const std::string& host, std::uint16_t) -> Result<AddressList> {
    EXPECT_EQ(host, "db.example");
    return Loopback({"127.0.0.9", "127.0.0.1"});
  });
  Connection connection(OptionsFor(server, "db.example"), resolver);
  const Status connected = connection.Connect(Ample());
  EXPECT_TRUE(connected.ok()) << connected.error().message;
}

TEST_F(PqConnectionConnect, SilentHostLeavesTimeForTheNext) {
  const ScriptedServer silent({[](Peer& peer) { peer.AwaitClose(); }});
  const ScriptedServer server({Greet});
  ConnectionOptions options;
  options.conninfo = fmt::format("host=127.0.0.1,127.0.0.1 port={},{} user=u sslmode=disable",
                                 silent.port(), server.port());
  Connection connection(options);
  const Status connected = connection.Connect(In(seconds(6)));
  EXPECT_TRUE(connected.ok()) << connected.error().message;
}

TEST_F(PqConnectionConnect, HostThatRefusesUsIsTheAnswerAndTheNextIsNotTried) {
  const ScriptedServer refusing({AnswerStartup(ErrorResponse("FATAL", "28P01", "no"))});
  const ScriptedServer server({Greet});
  ConnectionOptions options;
  options.conninfo = fmt::format("host=127.0.0.1,127.0.0.1 port={},{} user=u sslmode=disable",
                                 refusing.port(), server.port());
  Connection connection(options);
  const Status connected = connection.Connect(Ample());
  ASSERT_FALSE(connected.ok());
  ExpectError(connected.error(), ErrorKind::kAuth, "28P01 no");
  EXPECT_EQ(server.accepted(), 0);
}

}  // namespace
}  // namespace headroom::pq
