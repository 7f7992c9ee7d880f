// pq::Connection: one query at a time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "test/collectors/pq_connection_fixture.h"

namespace headroom::pq {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::Peer;
using test::ScriptedServer;
using test::pq::DataRow;
using test::pq::ErrorResponse;
using test::pq::Greet;
using test::pq::ReadMessage;
using test::pq::ReadyForQuery;
using test::pq::RowDescription;
using test::pq::TableAnswer;
using ::testing::ElementsAre;

using PqConnectionQuery = PqConnection;

TEST_F(PqConnectionQuery, AnswerThatComesByteByByteIsReadByColumnWithItsNulls) {
  const ScriptedServer server({[](Peer& peer) {
    Greet(peer);
    EXPECT_EQ(ReadMessage(peer), std::string("QSHOW POOLS\0", 12));
    peer.SendBytewise(TableAnswer({"a", "b"}, {{"1", std::nullopt}, {"", "x\ty"}}) +
                      ReadyForQuery());
    peer.AwaitClose();
  }});
  Connection connection(OptionsFor(server));
  ASSERT_TRUE(connection.Connect(Ample()).ok());
  EXPECT_EQ(connection.server_version(), 150004);
  EXPECT_EQ(connection.server_parameter("server_version"), "15.4");
  const Result<Table> table = connection.Query("SHOW POOLS", Ample());
  ASSERT_TRUE(table.ok()) << table.error().message;
  EXPECT_THAT(table->columns, ElementsAre("a", "b"));
  EXPECT_THAT(table->rows, ElementsAre(ElementsAre("1", std::nullopt), ElementsAre("", "x\ty")));
}

TEST_F(PqConnectionQuery, EmptyTableKeepsItsColumns) {
  const ScriptedServer server({AnswerQuery(TableAnswer({"a"}, {}) + ReadyForQuery())});
  Connection connection(OptionsFor(server));
  ASSERT_TRUE(connection.Connect(Ample()).ok());
  const Result<Table> table = connection.Query("SELECT", Ample());
  ASSERT_TRUE(table.ok()) << table.error().message;
  EXPECT_THAT(table->columns, ElementsAre("a"));
  EXPECT_TRUE(table->rows.empty());
}

TEST_F(PqConnectionQuery, SilenceAfterAQueryEndsAtTheDeadlineAndDropsTheSession) {
  const ScriptedServer server({AnswerQuery(RowDescription({"a"}) + DataRow({"1"}))});
  Connection connection(OptionsFor(server));
  ASSERT_TRUE(connection.Connect(Ample()).ok());
  const Result<Table> table = connection.Query("SELECT", In(milliseconds(50)));
  ASSERT_FALSE(table.ok());
  ExpectError(table.error(), ErrorKind::kTimeout, "deadline exceeded");
  EXPECT_FALSE(connection.connected());
  EXPECT_EQ(connection.server_version(), 0);
}

TEST_F(PqConnectionQuery, CancellationEndsAWaitAtOnce) {
  const Cancellation during_query;
  const ScriptedServer server({[&](Peer& peer) {
    Greet(peer);
    ReadMessage(peer);
    during_query.Cancel();
    peer.AwaitClose();
  }});
  Connection connection(OptionsFor(server));
  ASSERT_TRUE(connection.Connect(Ample(&during_query)).ok());
  const SteadyTime start = clock_.Now();
  const Result<Table> table = connection.Query("SELECT", Ample(&during_query));
  ASSERT_FALSE(table.ok());
  ExpectError(table.error(), ErrorKind::kTimeout, "cancelled");
  EXPECT_LT(clock_.Now() - start, seconds(10));
}

TEST_F(PqConnectionQuery, StatementErrorLeavesTheSession) {
  const ScriptedServer server({[](Peer& peer) {
    Greet(peer);
    ReadMessage(peer);
    peer.Send(RowDescription({"a"}) + DataRow({"1"}) +
              ErrorResponse("ERROR", "42501", "permission denied") + ReadyForQuery());
    ReadMessage(peer);
    peer.Send(TableAnswer({"a"}, {{"2"}}) + ReadyForQuery());
    peer.AwaitClose();
  }});
  Connection connection(OptionsFor(server));
  ASSERT_TRUE(connection.Connect(Ample()).ok());
  const Result<Table> refused = connection.Query("SELECT", Ample());
  ASSERT_FALSE(refused.ok());
  ExpectError(refused.error(), ErrorKind::kPermission, "42501 permission denied");
  ASSERT_TRUE(connection.connected());
  const Result<Table> table = connection.Query("SELECT", Ample());
  ASSERT_TRUE(table.ok()) << table.error().message;
  EXPECT_THAT(table->rows, ElementsAre(ElementsAre("2")));
}

TEST_F(PqConnectionQuery, FatalErrorDropsTheSessionWithoutWaitingForTheEnd) {
  ExpectError(QueryError(AnswerQuery(ErrorResponse("FATAL", "57P01", "terminating"))),
              ErrorKind::kConnect, "57P01 terminating");
}

TEST_F(PqConnectionQuery, SecondAnswerToOneStatementIsAnError) {
  const std::string one = TableAnswer({"a"}, {{"1"}});
  ExpectError(QueryError(AnswerQuery(one + one + ReadyForQuery())), ErrorKind::kProtocol,
              "more than one answer");
}

TEST_F(PqConnectionQuery, CopyIsAnError) {
  ExpectError(QueryError(AnswerQuery(test::pq::Message('H', std::string("\0\0\0", 3)))),
              ErrorKind::kProtocol, "unexpected kind");
}

TEST_F(PqConnectionQuery, ServerThatClosesInTheMiddleIsAConnectError) {
  ExpectError(QueryError([](Peer& peer) {
                Greet(peer);
                ReadMessage(peer);
                peer.Send(RowDescription({"a"}) + DataRow({"1"}).substr(0, 6));
              }),
              ErrorKind::kConnect, "closed the connection");
}

TEST_F(PqConnectionQuery, GarbageIsAProtocolError) {
  ExpectError(QueryError(AnswerQuery(std::string(4096, '\xee'))), ErrorKind::kProtocol, "");
}

}  // namespace
}  // namespace headroom::pq
