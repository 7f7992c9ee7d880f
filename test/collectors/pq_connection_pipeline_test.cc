// pq::Connection: several statements in one round trip.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "test/collectors/pq_connection_fixture.h"

namespace headroom::pq {
namespace {

using std::chrono::milliseconds;
using test::Peer;
using test::ScriptedServer;
using test::pq::Accepted;
using test::pq::ErrorResponse;
using test::pq::Greet;
using test::pq::ReadMessage;
using test::pq::ReadPipelined;
using test::pq::ReadyForQuery;
using test::pq::TableAnswer;
using ::testing::ElementsAre;

using PqConnectionPipeline = PqConnection;

TEST_F(PqConnectionPipeline, PipelinedStatementThatFailsLeavesTheOthersAlone) {
  const ScriptedServer server({[](Peer& peer) {
    Greet(peer);
    EXPECT_EQ(ReadPipelined(peer), "one");
    EXPECT_EQ(ReadPipelined(peer), "two");
    EXPECT_EQ(ReadPipelined(peer), "three");
    peer.Send(Accepted() + TableAnswer({"a"}, {{"1"}, {"11"}}) + ReadyForQuery());
    peer.Send(ErrorResponse("ERROR", "57014", "statement timeout") + ReadyForQuery());
    peer.Send(Accepted() + TableAnswer({"c"}, {}) + ReadyForQuery());
    ReadMessage(peer);
    peer.Send(TableAnswer({"after"}, {}) + ReadyForQuery());
    peer.AwaitClose();
  }});
  Connection connection(OptionsFor(server));
  ASSERT_TRUE(connection.Connect(Ample()).ok());
  const auto tables = connection.QueryAll({"one", "two", "three"}, Ample());
  ASSERT_TRUE(tables.ok()) << tables.error().message;
  ASSERT_EQ(tables->size(), 3U);
  EXPECT_THAT((*tables)[0].value().rows, ElementsAre(ElementsAre("1"), ElementsAre("11")));
  ExpectError((*tables)[1].error(), ErrorKind::kTimeout, "57014 statement timeout");
  EXPECT_THAT((*tables)[2].value().columns, ElementsAre("c"));
  EXPECT_TRUE(connection.Query("SELECT", Ample()).ok());
}

TEST_F(PqConnectionPipeline, PipelineThatStopsHalfWayGivesNothing) {
  const ScriptedServer server({[](Peer& peer) {
    Greet(peer);
    ReadPipelined(peer);
    peer.Send(Accepted() + TableAnswer({"a"}, {{"1"}}) + ReadyForQuery());
    peer.AwaitClose();
  }});
  Connection connection(OptionsFor(server));
  ASSERT_TRUE(connection.Connect(Ample()).ok());
  const auto tables = connection.QueryAll({"one", "two"}, In(milliseconds(100)));
  ASSERT_FALSE(tables.ok());
  ExpectError(tables.error(), ErrorKind::kTimeout, "deadline exceeded");
  EXPECT_FALSE(connection.connected());
}

TEST_F(PqConnectionPipeline, FatalErrorInAPipelineGivesNothing) {
  const ScriptedServer server({[](Peer& peer) {
    Greet(peer);
    ReadPipelined(peer);
    peer.Send(Accepted() + TableAnswer({"a"}, {{"1"}}) + ReadyForQuery() +
              ErrorResponse("FATAL", "57P01", "terminating"));
  }});
  Connection connection(OptionsFor(server));
  ASSERT_TRUE(connection.Connect(Ample()).ok());
  const auto tables = connection.QueryAll({"one", "two"}, Ample());
  ASSERT_FALSE(tables.ok());
  EXPECT_EQ(Name(tables.error().kind), "connect") << tables.error().message;
  EXPECT_FALSE(connection.connected());
}

TEST_F(PqConnectionPipeline, LargePipelineDoesNotBlockOnBothSides) {
  // Far more than the sockets hold, in both directions; the server never reads while it writes.
  const std::string big(200'000, 'x');
  const ScriptedServer server({[&](Peer& peer) {
    Greet(peer);
    for (std::string sql = ReadPipelined(peer); !sql.empty(); sql = ReadPipelined(peer)) {
      peer.Send(Accepted() + TableAnswer({"a"}, {{big}}) + ReadyForQuery());
    }
  }});
  Connection connection(OptionsFor(server));
  ASSERT_TRUE(connection.Connect(Ample()).ok());
  const auto tables = connection.QueryAll(std::vector<std::string>(150, big), Ample());
  ASSERT_TRUE(tables.ok()) << tables.error().message;
  ASSERT_EQ(tables->size(), 150U);
  for (const Result<Table>& table : *tables) EXPECT_EQ(table->rows.at(0).at(0), big);
}

}  // namespace
}  // namespace headroom::pq
