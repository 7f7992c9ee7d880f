// PostgresqlCollector against a scripted server that answers with recorded replies.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <future>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "collectors/postgresql/collector.h"
#include "exporter/system_clock.h"
#include "test/collectors/postgresql_replies.h"
#include "test/support/pq_wire.h"
#include "test/support/scripted_server.h"

namespace headroom::postgresql {
namespace {

using std::chrono::seconds;
using test::Peer;
using test::PostgresqlReply;
using test::ScriptedServer;
using test::SeriesOf;
using test::WithCell;
using testing::Contains;
using testing::HasSubstr;
using testing::Key;
using testing::Not;
using testing::Pair;

constexpr int kVersion = 150004;  // of test::pq::Greet

// What a server says, by statement; one that is not there ends the session.
using Answers = std::map<Statement, std::string>;

std::string Answer(const pq::Table& table) {
  return test::pq::Accepted() + test::pq::TableAnswer(table.columns, table.rows);
}

std::string Failure() { return test::pq::ErrorResponse("ERROR", "57014", "took too long"); }

Answers Primary() {
  Answers answers;
  for (const auto& [statement, file] :
       {std::pair(Statement::kServer, "server"), std::pair(Statement::kActivity, "activity"),
        std::pair(Statement::kLimits, "limits"), std::pair(Statement::kLocks, "locks"),
        std::pair(Statement::kStandbys, "standbys"), std::pair(Statement::kSlots, "slots"),
        std::pair(Statement::kRecovery, "recovery"), std::pair(Statement::kSizes, "sizes")}) {
    answers[statement] = Answer(PostgresqlReply("15.18", fmt::format("primary/{}", file)));
  }
  return answers;
}

// `recovery`: whose folder.
Answers Standby(const std::string& recovery, const std::string& start_time) {
  Answers answers = Primary();
  answers[Statement::kServer] =
      Answer(WithCell(PostgresqlReply("15.18", "standby/server"), 0, "start_time", start_time));
  answers[Statement::kRecovery] = Answer(PostgresqlReply("15.18", recovery + "/recovery"));
  return answers;
}

const std::string* Find(const Answers& answers, const std::string& sql) {
  for (const auto& [statement, answer] : answers) {
    if (Sql(statement, kVersion) == sql) return &answer;
  }
  return nullptr;
}

// At most `statements`, then nothing more; false when the client has gone.
bool Serve(Peer& peer, const Answers& answers, int statements) {
  test::pq::Greet(peer);
  for (int i = 0; i < statements; ++i) {
    const std::string* answer = Find(answers, test::pq::ReadPipelined(peer));
    if (answer == nullptr) return false;
    peer.Send(*answer + test::pq::ReadyForQuery());
  }
  return true;
}

ScriptedServer::Script Serving(Answers answers) {
  return [answers = std::move(answers)](Peer& peer) { Serve(peer, answers, 1000); };
}

class PostgresqlCollectorRun : public testing::Test {
 protected:
  static constexpr int kStatements = 7;  // of one run, without sizes

  PostgresqlCollectorRun() { ::signal(SIGPIPE, SIG_IGN); }

  PostgresqlCollector Watching(const ScriptedServer& server, bool sizes = false) const {
    PostgresqlOptions options;
    options.connection.conninfo =
        fmt::format("host=127.0.0.1 port={} user=u dbname=d sslmode=disable", server.port());
    options.wanted.locks = true;
    options.wanted.replication = true;
    options.wanted.sizes = sizes;
    return {options, clock_};
  }
  Result<Reading> Run(PostgresqlCollector& collector) const {
    return collector.Collect(Deadline(clock_, clock_.Now() + seconds(20)));
  }
  Result<Reading> RunOnce(Answers answers, bool sizes = false) const {
    const ScriptedServer server({Serving(std::move(answers))});
    PostgresqlCollector collector = Watching(server, sizes);
    return Run(collector);
  }
  // A run with `first`, the end of that session, and a run with `second`.
  Result<Reading> RunAgain(const Answers& first, const Answers& second) const {
    std::promise<void> closed;
    const ScriptedServer server({[&](Peer& peer) {
                                   EXPECT_TRUE(Serve(peer, first, kStatements));
                                   peer.HalfCloseAndAwaitArrival();
                                   closed.set_value();
                                 },
                                 Serving(second)});
    PostgresqlCollector collector = Watching(server);
    const Result<Reading> before = Run(collector);
    EXPECT_TRUE(before.ok());
    closed.get_future().wait();
    return Run(collector);
  }

  SystemClock clock_;
};

std::map<std::string, bool> PartsOf(const Reading& reading) {
  std::map<std::string, bool> parts;
  for (const Part& part : reading.parts) parts[part.name] = !part.error;
  return parts;
}

TEST_F(PostgresqlCollectorRun, AWholeRunFillsEveryPart) {
  const Result<Reading> reading = RunOnce(Primary(), true);
  ASSERT_TRUE(reading.ok()) << reading.error().message;
  EXPECT_THAT(PartsOf(*reading),
              testing::UnorderedElementsAre(Pair("connections", true), Pair("locks", true),
                                            Pair("replication", true), Pair("sizes", true)));
  ASSERT_FALSE(reading->pools.empty());
  EXPECT_EQ(reading->pools[0].max_connections, 60U);
  EXPECT_THAT(SeriesOf(reading->facts), Contains(Pair("pg_lock_waiting_sessions", 4)));
}

class EachRequiredStatement : public PostgresqlCollectorRun,
                              public testing::WithParamInterface<Statement> {};
INSTANTIATE_TEST_SUITE_P(Postgresql, EachRequiredStatement,
                         testing::Values(Statement::kServer, Statement::kActivity,
                                         Statement::kLimits));

TEST_P(EachRequiredStatement, ThatFailsFailsTheRun) {
  Answers answers = Primary();
  answers[GetParam()] = Failure();
  const Result<Reading> reading = RunOnce(answers);
  ASSERT_FALSE(reading.ok());
  EXPECT_THAT(reading.error().message, HasSubstr(std::string(Name(GetParam()))));
}

struct OptionalStatement {
  Statement statement;
  std::string part;
  std::string family;
};

class EachOptionalStatement : public PostgresqlCollectorRun,
                              public testing::WithParamInterface<OptionalStatement> {};
INSTANTIATE_TEST_SUITE_P(
    Postgresql, EachOptionalStatement,
    testing::Values(
        OptionalStatement{Statement::kLocks, "locks", "pg_lock_waiting_sessions"},
        OptionalStatement{Statement::kStandbys, "replication", "pg_replication_is_replica"},
        OptionalStatement{Statement::kSlots, "replication", "pg_replication_is_replica"},
        OptionalStatement{Statement::kRecovery, "replication", "pg_replication_is_replica"},
        OptionalStatement{Statement::kSizes, "sizes", "pg_database_size_bytes{shop}"}));

TEST_P(EachOptionalStatement, ThatFailsLeavesTheOtherParts) {
  const auto& [statement, part, family] = GetParam();
  Answers answers = Primary();
  answers[statement] = Failure();
  const Result<Reading> reading = RunOnce(answers, true);
  ASSERT_TRUE(reading.ok()) << reading.error().message;
  for (const auto& [name, up] : PartsOf(*reading)) EXPECT_EQ(up, name != part) << name;
  EXPECT_THAT(SeriesOf(reading->facts), Not(Contains(Key(family))));
  EXPECT_THAT(SeriesOf(reading->facts), Contains(Key("pg_static{15.18}")));
  EXPECT_EQ(reading->pools.at(0).max_connections, 60U);
}

TEST_F(PostgresqlCollectorRun, ASessionThatIsLostInTheMiddleFailsTheRunAndTheNextConnectsAnew) {
  const ScriptedServer server(
      {[](Peer& peer) { EXPECT_TRUE(Serve(peer, Primary(), 3)); }, Serving(Primary())});
  PostgresqlCollector collector = Watching(server);
  const Result<Reading> lost = Run(collector);
  ASSERT_FALSE(lost.ok());
  EXPECT_EQ(Name(lost.error().kind), Name(ErrorKind::kConnect)) << lost.error().message;
  EXPECT_TRUE(Run(collector).ok());
  EXPECT_EQ(server.accepted(), 2);
}

TEST_F(PostgresqlCollectorRun, SettingsThatDidNotArriveAreAPoolerWhoseSessionIsNotKept) {
  Answers answers = Primary();
  answers[Statement::kServer] =
      Answer(WithCell(PostgresqlReply("15.18", "primary/server"), 0, "session_mark", std::nullopt));
  const ScriptedServer server({Serving(answers), Serving(Primary())});
  PostgresqlCollector collector = Watching(server);
  const Result<Reading> reading = Run(collector);
  ASSERT_FALSE(reading.ok());
  EXPECT_EQ(Name(reading.error().kind), Name(ErrorKind::kUnsupported));
  EXPECT_TRUE(Run(collector).ok());
  EXPECT_EQ(server.accepted(), 2);
}

TEST_F(PostgresqlCollectorRun, AStandbyIsRememberedOverAReconnect) {
  const Result<Reading> reading = RunAgain(Standby("standby", "1700000000.5"),  //
                                           Standby("standby-cut-off", "1700000000.5"));
  ASSERT_TRUE(reading.ok()) << reading.error().message;
  EXPECT_THAT(SeriesOf(reading->facts), Contains(Key("pg_replication_lag_seconds")));
  EXPECT_THAT(SeriesOf(reading->facts), Contains(Key("pg_replication_last_message_age_seconds")));
}

TEST_F(PostgresqlCollectorRun, AnotherServerDoesNotGetTheAgesOfTheOneBefore) {
  const Result<Reading> reading = RunAgain(Standby("standby", "1700000000.5"),  //
                                           Standby("standby-cut-off", "1700000777.5"));
  ASSERT_TRUE(reading.ok()) << reading.error().message;
  EXPECT_THAT(SeriesOf(reading->facts), Contains(Pair("pg_replication_is_replica", 1)));
  EXPECT_THAT(SeriesOf(reading->facts), Not(Contains(Key("pg_replication_lag_seconds"))));
  EXPECT_THAT(SeriesOf(reading->facts),
              Not(Contains(Key("pg_replication_last_message_age_seconds"))));
}

}  // namespace
}  // namespace headroom::postgresql
