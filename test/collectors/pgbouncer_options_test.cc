#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "collectors/options.h"
#include "collectors/pgbouncer/options.h"

namespace headroom::pgbouncer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

Value Of(Value::Table table) { return Value{std::move(table), {}, {}}; }
Value Of(const char* text) { return Value{std::string(text), {}, {}}; }
Value Number(std::int64_t number) { return Value{number, {}, {}}; }
using Entry = Value::Entry;
Value Table(std::initializer_list<Entry> entries) { return Of(Value::Table(entries)); }
Value Tables(std::initializer_list<Value> tables) { return Value{Value::List(tables), {}, {}}; }

const Entry kDsn{"dsn", Of("host=127.0.0.1 port=6432 user=stats")};
const Entry kServer{"postgresql", Of("db")};

struct Parsed {
  std::optional<PgbouncerOptions> options;
  std::vector<std::string> errors;  // "key: message"
  std::vector<std::string> warnings;
};

Parsed Parse(const Value& table) {
  Diagnostics diagnostics;
  OptionsReader reader(table, "pgbouncer[0]", diagnostics);
  Parsed parsed;
  parsed.options = ParseOptions(reader);
  reader.Finish();
  for (const Diagnostic& d : diagnostics.all()) {
    const bool error = d.severity == Diagnostic::Severity::kError;
    (error ? parsed.errors : parsed.warnings).push_back(d.key + ": " + d.message);
  }
  return parsed;
}

TEST(PgbouncerOptions, TheConsoleIsForcedWhateverTheEnvironmentSays) {
  const Parsed parsed = Parse(Table({kDsn, kServer}));
  ASSERT_TRUE(parsed.options) << parsed.errors.front();
  EXPECT_THAT(parsed.options->connection.forced,
              ElementsAre(Pair("dbname", "pgbouncer"), Pair("options", "")));
  EXPECT_THAT(parsed.warnings, IsEmpty());
}

TEST(PgbouncerOptions, WithoutAServerThereIsAWarning) {
  const Parsed parsed = Parse(Table({kDsn}));
  ASSERT_TRUE(parsed.options);
  EXPECT_THAT(parsed.options->links, IsEmpty());
  EXPECT_THAT(parsed.warnings, ElementsAre(HasSubstr("headroom_pool_available_connections")));
}

TEST(PgbouncerOptions, ThatNoServerIsWatchedCanBeSaid) {
  const Parsed parsed = Parse(Table({kDsn, {"postgresql", Of("")}}));
  ASSERT_TRUE(parsed.options);
  EXPECT_THAT(parsed.options->links, IsEmpty());
  EXPECT_THAT(parsed.warnings, IsEmpty());
}

TEST(PgbouncerOptions, EveryServerThatIsNamedIsALink) {
  const Value databases = Tables({Table({{"name", Of("a")}, {"postgresql", Of("other")}}),
                                  Table({{"name", Of("b")}, {"postgresql", Of("")}})});
  const Parsed parsed = Parse(Table({kDsn, kServer, {"databases", databases}}));
  ASSERT_TRUE(parsed.options) << parsed.errors.front();
  EXPECT_EQ(parsed.options->routing.server, "db");
  EXPECT_THAT(parsed.options->routing.named, ElementsAre(Pair("a", "other"), Pair("b", "")));
  ASSERT_EQ(parsed.options->links.size(), 2U);
  EXPECT_EQ(parsed.options->links[0].system, "postgresql");
  EXPECT_EQ(parsed.options->links[1].target, "other");
  EXPECT_EQ(parsed.options->links[1].key, "pgbouncer[0].databases[0].postgresql");
}

TEST(PgbouncerOptions, AnyDatabaseIsDeclaredByItsKeyOrItsServer) {
  const Value databases = Tables({Table({{"name", Of("*")}, {"postgresql", Of("other")}})});
  EXPECT_FALSE(Parse(Table({kDsn, kServer})).options->declared.any_database);
  const Value yes{true, {}, {}};
  EXPECT_TRUE(Parse(Table({kDsn, kServer, {"any_database", yes}})).options->declared.any_database);
  EXPECT_TRUE(
      Parse(Table({kDsn, kServer, {"databases", databases}})).options->declared.any_database);
}

TEST(PgbouncerOptions, ThatThereIsOneProcessIsDeclared) {
  EXPECT_FALSE(Parse(Table({kDsn, kServer})).options->declared.one_process);
  const Value yes{true, {}, {}};
  EXPECT_TRUE(Parse(Table({kDsn, kServer, {"one_process", yes}})).options->declared.one_process);
}

TEST(PgbouncerOptions, LimitsOfSingleUsersAreDeclared) {
  const Value users = Tables({Table({{"name", Of("a")}, {"max_user_connections", Number(4)}}),
                              Table({{"name", Of("b")}, {"max_user_connections", Number(0)}})});
  const Parsed parsed = Parse(Table({kDsn, kServer, {"users", users}}));
  ASSERT_TRUE(parsed.options) << parsed.errors.front();
  EXPECT_THAT(parsed.options->declared.max_user_connections,
              ElementsAre(Pair("a", 4U), Pair("b", 0U)));
  EXPECT_THAT(parsed.warnings, IsEmpty());
}

TEST(PgbouncerOptions, APasswordInTheDsnWarnsWithoutShowingIt) {
  const Parsed parsed =
      Parse(Table({{"dsn", Of("postgresql://stats:s3cret@127.0.0.1:6432/pgbouncer")}, kServer}));
  ASSERT_TRUE(parsed.options);
  EXPECT_THAT(parsed.warnings, ElementsAre(HasSubstr("password_file")));
  EXPECT_THAT(parsed.warnings[0], Not(HasSubstr("s3cret")));
}

TEST(PgbouncerOptions, CertificatesAreForTheConnection) {
  const Value tls = Table({{"ca_file", Of("/ca")}, {"server_name", Of("pooler")}});
  const Parsed parsed = Parse(Table({kDsn, kServer, {"tls", tls}}));
  ASSERT_TRUE(parsed.options);
  ASSERT_TRUE(parsed.options->connection.tls);
  EXPECT_EQ(parsed.options->connection.tls->ca_file, "/ca");
  EXPECT_EQ(parsed.options->connection.tls->server_name, "pooler");
}

TEST(PgbouncerOptions, AMisspeltKeyIsNamed) {
  const Parsed parsed = Parse(Table({kDsn, kServer, {"pasword_file", Of("/f")}}));
  EXPECT_THAT(parsed.errors, ElementsAre(HasSubstr("\"password_file\"")));
}

struct Case {
  const char* name;
  Value table;
  const char* key;
  const char* message;
};

class PgbouncerOptionsMistake : public testing::TestWithParam<Case> {};

TEST_P(PgbouncerOptionsMistake, IsNamedWithItsPlace) {
  const Parsed parsed = Parse(GetParam().table);
  EXPECT_FALSE(parsed.options.has_value());
  ASSERT_EQ(parsed.errors.size(), 1U);
  EXPECT_THAT(parsed.errors[0], HasSubstr(std::string(GetParam().key) + ": "));
  EXPECT_THAT(parsed.errors[0], HasSubstr(GetParam().message));
  EXPECT_THAT(parsed.errors[0], Not(HasSubstr("s3cret")));
}

Value WithDatabases(std::initializer_list<Value> databases) {
  return Table({kDsn, kServer, {"databases", Tables(databases)}});
}
Value WithUsers(std::initializer_list<Value> users) {
  return Table({kDsn, kServer, {"users", Tables(users)}});
}
const Value kUser = Table({{"name", Of("a")}, {"max_user_connections", Number(4)}});
const Value kFirst = Table({{"name", Of("a")}, {"postgresql", Of("x")}});

INSTANTIATE_TEST_SUITE_P(
    Tables, PgbouncerOptionsMistake,
    testing::Values(
        Case{"no_dsn", Table({kServer}), "pgbouncer[0]", "dsn"},
        Case{"bad_dsn", Table({{"dsn", Of("password=s3cret hots=x")}, kServer}), "dsn",
             "unknown word"},
        Case{"other_database", Table({{"dsn", Of("host=h dbname=app")}, kServer}), "dsn",
             "dbname=pgbouncer"},
        Case{"other_database_in_a_uri", Table({{"dsn", Of("postgresql://h/app")}, kServer}), "dsn",
             "\"app\""},
        Case{"options", Table({{"dsn", Of("host=h options='-c a=b'")}, kServer}), "dsn", "options"},
        Case{"two_passwords",
             Table({{"dsn", Of("host=h password=s3cret")}, {"password_file", Of("/f")}, kServer}),
             "dsn", "keep one"},
        Case{"database_without_server", WithDatabases({Table({{"name", Of("a")}})}),
             "pgbouncer[0].databases[0]", "postgresql"},
        Case{"database_twice", WithDatabases({kFirst, kFirst}), "databases[1].name", "twice"},
        Case{"console", WithDatabases({Table({{"name", Of("pgbouncer")}, kServer})}),
             "databases[0].name", "console"},
        Case{"user_without_limit", WithUsers({Table({{"name", Of("a")}})}), "pgbouncer[0].users[0]",
             "max_user_connections"},
        Case{"user_twice", WithUsers({kUser, kUser}), "users[1].name", "twice"},
        Case{"negative_limit",
             WithUsers({Table({{"name", Of("a")}, {"max_user_connections", Number(-1)}})}),
             "users[0].max_user_connections", "0"},
        Case{"tls_switched_off",
             Table({{"dsn", Of("host=h sslmode=disable")},
                    kServer,
                    {"tls", Table({{"ca_file", Of("/ca")}})}}),
             "tls", "sslmode=verify-full"},
        Case{"certificate_named_twice",
             Table({{"dsn", Of("host=h sslrootcert=/a")},
                    kServer,
                    {"tls", Table({{"ca_file", Of("/ca")}})}}),
             "tls", "sslrootcert"},
        Case{"half_a_certificate",
             Table({kDsn,
                    kServer,
                    {"tls", Table({{"ca_file", Of("/ca")}, {"cert_file", Of("/c")}})}}),
             "tls.cert_file", "key_file"}),
    [](const auto& test_case) { return test_case.param.name; });

}  // namespace
}  // namespace headroom::pgbouncer
