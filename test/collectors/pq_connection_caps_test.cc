// What pq::Connection takes from a server that sends too much.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "test/collectors/pq_connection_fixture.h"
#include "test/support/scratch.h"

namespace headroom::pq {
namespace {

using std::chrono::milliseconds;
using test::Peer;
using test::ScriptedServer;
using test::pq::CommandComplete;
using test::pq::DataRow;
using test::pq::Greet;
using test::pq::ReadMessage;
using test::pq::ReadyForQuery;
using test::pq::RowDescription;

using PqConnectionCaps = PqConnection;

TEST_F(PqConnectionCaps, RowsOverTheCapAreAProtocolError) {
  std::string answer = RowDescription({"a"});
  const std::string row = DataRow({"1"});
  for (std::size_t i = 0; i <= Connection::kMaxRows; ++i) answer += row;
  ExpectError(QueryError(AnswerQuery(answer + CommandComplete("SELECT") + ReadyForQuery())),
              ErrorKind::kProtocol, "more than 200000 rows");
}

TEST_F(PqConnectionCaps, BytesOverTheCapAreAProtocolError) {
  ExpectError(QueryError([](Peer& peer) {
                Greet(peer);
                ReadMessage(peer);
                peer.Send(RowDescription({"a"}));
                peer.SendEndlessly(DataRow({std::string(1'000'000, 'x')}));
              }),
              ErrorKind::kProtocol, "than 67108864 bytes");
}

TEST_F(PqConnectionCaps, ManyNullsAreOverTheCapByWhatTheyTakeInMemory) {
  ExpectError(QueryError([](Peer& peer) {
                Greet(peer);
                ReadMessage(peer);
                peer.Send(RowDescription(std::vector<std::string>(1000, "a")));
                peer.SendEndlessly(DataRow(test::pq::Cells(1000)));
              }),
              ErrorKind::kProtocol, "the answer is larger than 67108864 bytes");
}

// With pauses: within one message libpq reads on for as long as there is something to read, and
// nobody can look at the count meanwhile (see Connection::kMaxBytes).
void SendAsANetworkDoes(Peer& peer) {
  peer.SendUntilClosed(std::string(200'000, 'x'), std::chrono::milliseconds(2));
}

TEST_F(PqConnectionCaps, OneRowOfAGigabyteIsRefusedWhileItComes) {
  ExpectError(QueryError([](Peer& peer) {
                Greet(peer);
                ReadMessage(peer);
                peer.Send(RowDescription({"a"}) + test::pq::Header('D', 1U << 30U));
                SendAsANetworkDoes(peer);
              }),
              ErrorKind::kProtocol, "the server sent more than 67108864 bytes");
}

TEST_F(PqConnectionCaps, UnixSocketsHaveTheSameCap) {
  constexpr std::size_t kRows = 50;
  const std::string row = DataRow({std::string(1'000'000, 'x')});
  const test::Scratch scratch;
  const ScriptedServer server({[&row](Peer& peer) {
                                Greet(peer);
                                ReadMessage(peer);
                                peer.Send(RowDescription({"a"}));
                                for (std::size_t i = 0; i < kRows; ++i) peer.Send(row);
                                peer.Send(CommandComplete("SELECT") + ReadyForQuery());
                                ReadMessage(peer);
                                peer.Send(RowDescription({"a"}) + test::pq::Header('D', 1U << 30U));
                                SendAsANetworkDoes(peer);
                              }},
                              scratch.Path(".s.PGSQL.6432"));
  ConnectionOptions options;
  options.conninfo = "port=6432 user=u host=" + scratch.folder().string();
  Connection connection(options);
  const Status connected = connection.Connect(Ample());
  ASSERT_TRUE(connected.ok()) << connected.error().message;
  const Result<Table> table = connection.Query("SELECT", Ample());
  ASSERT_TRUE(table.ok()) << table.error().message;
  EXPECT_EQ(table->rows.size(), kRows);
  const Result<Table> endless = connection.Query("SELECT", Ample());
  ASSERT_FALSE(endless.ok());
  ExpectError(endless.error(), ErrorKind::kProtocol, "the server sent more than 67108864 bytes");
}

TEST_F(PqConnectionCaps, EndlessNoticesAreBoundedAndNotPrinted) {
  const auto flood = [](Peer& peer) {
    Greet(peer);
    ReadMessage(peer);
    peer.SendEndlessly(test::pq::NoticeResponse("printed?" + std::string(10'000, 'x')));
  };
  ::testing::internal::CaptureStderr();
  const Error error = QueryError(flood);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  ExpectError(error, ErrorKind::kProtocol, "the server sent more than");
}

TEST_F(PqConnectionCaps, ServerThatNeverStopsTalkingEndsAtTheDeadline) {
  const ScriptedServer server({[](Peer& peer) {
    Greet(peer);
    ReadMessage(peer);
    peer.SendUntilClosed(test::pq::NoticeResponse("x"), milliseconds(1));
  }});
  Connection connection(OptionsFor(server));
  ASSERT_TRUE(connection.Connect(Ample()).ok());
  const Result<Table> table = connection.Query("SELECT", In(milliseconds(50)));
  ASSERT_FALSE(table.ok());
  ExpectError(table.error(), ErrorKind::kTimeout, "deadline exceeded");
}

}  // namespace
}  // namespace headroom::pq
