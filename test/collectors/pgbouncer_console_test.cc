// The collector and libpq against a console that is scripted on the wire, with the recorded replies
// of 1.18.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "collectors/pgbouncer/collector.h"
#include "exporter/system_clock.h"
#include "test/support/pq_wire.h"
#include "test/support/scripted_server.h"
#include "test/support/table_fixture.h"

namespace headroom::pgbouncer {
namespace {

using std::chrono::seconds;
using test::Peer;
using test::ScriptedServer;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
namespace wire = test::pq;

// What is sent as the answer to a query, by the query; "" ends the session.
using Answers = std::map<std::string, std::string>;

std::string Recorded(const std::string& show) {
  const pq::Table table = test::TableFixture("pgbouncer/1.18.0/show_" + show + ".tsv");
  return wire::TableAnswer(table.columns, table.rows) + wire::ReadyForQuery();
}

Answers AllRecorded() {
  return {{"SHOW POOLS", Recorded("pools")},
          {"SHOW DATABASES", Recorded("databases")},
          {"SHOW CONFIG", Recorded("config")},
          {"SHOW LISTS", Recorded("lists")},
          {"SHOW STATS_TOTALS", Recorded("stats_totals")}};
}

// Greets as `version` and answers until the peer goes or an answer is "".
ScriptedServer::Script ConsoleOf(std::string version, Answers answers) {
  return [version = std::move(version), answers = std::move(answers)](Peer& peer) {
    EXPECT_THAT(wire::ReadStartup(peer), HasSubstr(std::string("database\0pgbouncer\0", 19)));
    peer.Send(wire::AuthenticationOk() + wire::ParameterStatus("server_version", version) +
              wire::ReadyForQuery());
    for (;;) {
      const std::string message = wire::ReadMessage(peer);
      if (message.empty() || message[0] != 'Q') return;
      const auto answer = answers.find(message.c_str() + 1);
      ASSERT_NE(answer, answers.end()) << message;
      if (answer->second.empty() || !peer.Send(answer->second)) return;
    }
  };
}

class PgbouncerConsole : public testing::Test {
 protected:
  PgbouncerConsole() { ::signal(SIGPIPE, SIG_IGN); }

  // The runs of one collector.
  std::vector<Result<Reading>> Collect(std::vector<ScriptedServer::Script> scripts, int runs = 1) {
    const ScriptedServer server(std::move(scripts));
    pq::ConnectionOptions options;
    options.conninfo = fmt::format(
        "host=127.0.0.1 port={} user=stats password=s3cret sslmode=disable", server.port());
    options.forced = {{"dbname", "pgbouncer"}, {"options", ""}};
    PgbouncerCollector collector(std::make_unique<ConsoleSession>(options), {"db", {}}, {});
    std::vector<Result<Reading>> readings;
    while (runs-- > 0) {
      readings.push_back(collector.Collect(Deadline(clock_, clock_.Now() + seconds(20))));
    }
    return readings;
  }

  Error ErrorOf(ScriptedServer::Script script) {
    const auto readings = Collect({std::move(script)});
    if (!readings[0].ok()) return readings[0].error();
    ADD_FAILURE() << "expected an error";
    return Error{};
  }

  SystemClock clock_;
};

std::vector<std::string> FailedParts(const Reading& reading) {
  std::vector<std::string> failed;
  for (const Part& part : reading.parts) {
    if (part.error) failed.push_back(part.name);
  }
  return failed;
}

TEST_F(PgbouncerConsole, OneSessionServesEveryRun) {
  const auto readings = Collect({ConsoleOf("1.18.0/bouncer", AllRecorded()),
                                 [](Peer&) { ADD_FAILURE() << "a second session"; }},
                                2);
  for (const auto& reading : readings) {
    ASSERT_TRUE(reading.ok()) << reading.error().message;
    EXPECT_THAT(FailedParts(*reading), IsEmpty());
    EXPECT_EQ(reading->pools.front().name, "app/alice");
    EXPECT_EQ(reading->pools.front().max_connections, 3U);
  }
}

TEST_F(PgbouncerConsole, AWrongPasswordIsAnErrorOfAuthentication) {
  const Error error = ErrorOf([](Peer& peer) {
    wire::ReadStartup(peer);
    peer.Send(wire::AuthenticationCleartextPassword());
    EXPECT_EQ(wire::ReadMessage(peer), std::string("ps3cret\0", 8));
    // PgBouncer 1.18's words.
    peer.Send(wire::ErrorResponse("FATAL", "28P01", "password authentication failed"));
  });
  EXPECT_EQ(Name(error.kind), Name(ErrorKind::kAuth)) << error.message;
  EXPECT_THAT(error.message, testing::Not(HasSubstr("s3cret")));
}

TEST_F(PgbouncerConsole, AServerThatIsNoConsoleIsNotAskedAnything) {
  const Error error = ErrorOf(ConsoleOf("15.4", {}));
  EXPECT_EQ(Name(error.kind), Name(ErrorKind::kUnsupported)) << error.message;
  EXPECT_THAT(error.message, HasSubstr("no PgBouncer console"));
}

TEST_F(PgbouncerConsole, AConsoleThatClosesAmidItsPoolsIsDownAndIsOpenedAgain) {
  Answers cut = AllRecorded();
  cut["SHOW DATABASES"] = "";
  const auto readings =
      Collect({ConsoleOf("1.18.0/bouncer", cut), ConsoleOf("1.18.0/bouncer", AllRecorded())}, 2);
  ASSERT_FALSE(readings[0].ok());
  EXPECT_EQ(Name(readings[0].error().kind), Name(ErrorKind::kConnect));
  EXPECT_THAT(readings[0].error().message, HasSubstr("SHOW DATABASES"));
  ASSERT_TRUE(readings[1].ok()) << readings[1].error().message;
  EXPECT_THAT(FailedParts(*readings[1]), IsEmpty());
}

TEST_F(PgbouncerConsole, AConsoleThatClosesInTheMiddleLeavesWhatItHasSaid) {
  Answers cut = AllRecorded();
  cut["SHOW LISTS"] = "";
  const auto readings = Collect({ConsoleOf("1.18.0/bouncer", cut)});
  ASSERT_TRUE(readings[0].ok()) << readings[0].error().message;
  EXPECT_THAT(FailedParts(*readings[0]), ElementsAre("lists", "stats"));
  EXPECT_EQ(readings[0]->pools.front().max_connections, 3U);
}

TEST_F(PgbouncerConsole, ARefusedQuestionKeepsTheRest) {
  Answers refusing = AllRecorded();
  refusing["SHOW LISTS"] =
      wire::ErrorResponse("ERROR", "08P01", "no such thing") + wire::ReadyForQuery();
  const auto readings = Collect({ConsoleOf("1.18.0/bouncer", refusing)});
  ASSERT_TRUE(readings[0].ok()) << readings[0].error().message;
  EXPECT_THAT(FailedParts(*readings[0]), ElementsAre("lists"));
}

}  // namespace
}  // namespace headroom::pgbouncer
