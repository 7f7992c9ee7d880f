#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "collectors/postgresql/options.h"
#include "collectors/postgresql/session.h"
#include "collectors/postgresql/statements.h"
#include "test/support/toml.h"

namespace headroom::postgresql {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

struct Parsed {
  std::optional<PostgresqlOptions> options;
  std::vector<std::string> messages;
};

Parsed Parse(const std::string& text) {
  const Value table = test::Toml(text);
  Diagnostics diagnostics;
  OptionsReader reader(table, "postgresql[0]", diagnostics);
  Parsed parsed;
  parsed.options = ParseOptions(reader);
  reader.Finish();
  parsed.messages = test::Messages(diagnostics);
  return parsed;
}

TEST(PostgresqlOptions, LocksAndReplicationAreReadUnlessSaidOtherwise) {
  const Parsed parsed = Parse("dsn = 'host=127.0.0.1'");
  EXPECT_THAT(parsed.messages, IsEmpty());
  ASSERT_TRUE(parsed.options);
  EXPECT_TRUE(parsed.options->wanted.locks);
  EXPECT_TRUE(parsed.options->wanted.replication);
  EXPECT_FALSE(parsed.options->wanted.sizes);
  EXPECT_FALSE(parsed.options->wanted.applications);
}

TEST(PostgresqlOptions, ReadingsReplaceTheDefault) {
  const Parsed parsed = Parse("dsn = 'host=127.0.0.1'\nreadings = ['connections', 'sizes']");
  ASSERT_TRUE(parsed.options);
  EXPECT_TRUE(parsed.options->wanted.sizes);
  EXPECT_FALSE(parsed.options->wanted.locks);
}

TEST(PostgresqlOptions, UnknownReadingsAndMissingConnectionsAreErrors) {
  const Parsed parsed = Parse("dsn = 'host=127.0.0.1'\nreadings = ['bloat']");
  EXPECT_FALSE(parsed.options);
  EXPECT_THAT(parsed.messages, ElementsAre(HasSubstr("got \"bloat\""), HasSubstr("always needed")));
}

TEST(PostgresqlOptions, OptionsInTheDsnAreWarnedOf) {
  const Parsed parsed = Parse("dsn = 'host=127.0.0.1 options=-cjit=on'");
  EXPECT_TRUE(parsed.options);
  EXPECT_THAT(parsed.messages, ElementsAre(HasSubstr("has no effect")));
}

TEST(PostgresqlOptions, NothingIsConvertedAndTheSessionHasAName) {
  const pq::ConnectionOptions connection = Parse("dsn = 'host=127.0.0.1'").options->connection;
  EXPECT_THAT(connection.forced, Contains(Pair("client_encoding", "SQL_ASCII")));
  EXPECT_THAT(connection.defaults, Contains(Pair("application_name", "headroom")));
}

TEST(PostgresqlSession, StatementsEndWithinTheRun) {
  const std::string options = SessionOptions(std::chrono::seconds(2));
  EXPECT_THAT(options, HasSubstr("-c statement_timeout=1000 -c lock_timeout=500 "));
  EXPECT_THAT(options, HasSubstr("-c default_transaction_read_only=on "));
  // 0 would mean no limit.
  EXPECT_THAT(SessionOptions(Duration::zero()),
              HasSubstr("-c statement_timeout=2 -c lock_timeout=1 "));
}

TEST(PostgresqlSession, ARefusedParameterMeansPgbouncer) {
  const Error error =
      ExplainConnectError({ErrorKind::kProtocol, "FATAL: unsupported startup parameter: options"});
  EXPECT_EQ(error.kind, ErrorKind::kUnsupported);
  EXPECT_THAT(error.message, HasSubstr("[[pgbouncer]]"));
  const Error other{ErrorKind::kLimit, "FATAL: sorry, too many clients already"};
  EXPECT_EQ(ExplainConnectError(other), other);
}

TEST(PostgresqlStatements, OldServersAreNotAskedForWhatTheyDoNotKnow) {
  EXPECT_THAT(Sql(Statement::kServer, 150018), Not(HasSubstr("'reserved_connections'")));
  EXPECT_THAT(Sql(Statement::kServer, 130023), Not(HasSubstr("idle_session_timeout")));
  EXPECT_THAT(Sql(Statement::kLocks, 120022), Not(HasSubstr("leader_pid")));
  EXPECT_THAT(Sql(Statement::kLocks, 130023), Not(HasSubstr("waitstart")));
}

}  // namespace
}  // namespace headroom::postgresql
