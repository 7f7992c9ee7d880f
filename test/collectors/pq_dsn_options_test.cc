// The keys that [[postgresql]] and [[pgbouncer]] share.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "collectors/libpq/dsn_options.h"
#include "test/support/toml.h"

namespace headroom::pq {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Parsed {
  ConnectionOptions options;
  std::vector<std::string> messages;
};

Parsed Parse(const std::string& text) {
  const Value table = test::Toml(text);
  Diagnostics diagnostics;
  OptionsReader reader(table, "postgresql[0]", diagnostics);
  Parsed parsed;
  parsed.options = ReadDsn(reader);
  ReadDsnTls(reader, parsed.options);
  reader.Finish();
  parsed.messages = test::Messages(diagnostics);
  return parsed;
}

TEST(PqDsnOptions, TheTlsTableNeedsAuthoritiesUnlessTheDsnNamesThemOrAMode) {
  for (const char* empty : {"dsn = 'host=h'\n[tls]", "dsn = \"host=h sslmode=''\"\n[tls]",
                            "dsn = 'host=h'\n[tls]\nserver_name = 'db'",
                            "dsn = 'host=h'\n[tls]\ncert_file = '/c'\nkey_file = '/k'"}) {
    EXPECT_THAT(Parse(empty).messages, ElementsAre(HasSubstr("/etc/ssl/certs/ca-certificates.crt")))
        << empty;
  }
  for (const char* good :
       {"dsn = 'host=h'\n[tls]\nca_file = '/ca'", "dsn = 'host=h sslrootcert=/ca'\n[tls]",
        "dsn = 'host=h sslmode=require'\n[tls]\ncert_file = '/c'\nkey_file = '/k'"}) {
    const Parsed parsed = Parse(good);
    EXPECT_THAT(parsed.messages, IsEmpty()) << good;
    EXPECT_TRUE(parsed.options.tls) << good;
  }
}

TEST(PqDsnOptions, AnEmptyDsnIsNotTheLocalSocket) {
  EXPECT_THAT(Parse("dsn = ''").messages, ElementsAre(HasSubstr("dsn: is empty")));
  EXPECT_THAT(Parse("dsn = ' '").messages, ElementsAre(HasSubstr("dsn: is empty")));
}

TEST(PqDsnOptions, AUrlIsCalledDsn) {
  EXPECT_THAT(Parse("url = 'postgresql://h'").messages,
              ElementsAre(HasSubstr("url: is called dsn here")));
}

TEST(PqDsnOptions, ModesThatGoOnWithoutTlsAreErrorsBesideTheTlsTable) {
  for (const std::string mode : {"disable", "allow", "prefer"}) {
    const std::string dsn = "dsn = 'host=h sslmode=" + mode + "'\n[tls]\nca_file = '/ca'";
    EXPECT_THAT(Parse(dsn).messages, ElementsAre(HasSubstr("sslmode=verify-full"))) << mode;
  }
}

}  // namespace
}  // namespace headroom::pq
