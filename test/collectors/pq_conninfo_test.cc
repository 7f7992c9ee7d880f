#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <string>

#include "collectors/libpq/connection.h"
#include "collectors/libpq/conninfo.h"
#include "collectors/libpq/hosts.h"
#include "exporter/system_clock.h"
#include "test/support/scratch.h"

namespace headroom::pq {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

// Sets variables of the environment, and takes them away again.
class ScopedEnvironment {
 public:
  explicit ScopedEnvironment(Words variables) : variables_(std::move(variables)) {
    for (const auto& [name, value] : variables_) ::setenv(name.c_str(), value.c_str(), 1);
  }
  ~ScopedEnvironment() {
    for (const auto& [name, value] : variables_) ::unsetenv(name.c_str());
  }
  ScopedEnvironment(const ScopedEnvironment&) = delete;
  ScopedEnvironment& operator=(const ScopedEnvironment&) = delete;

 private:
  Words variables_;
};

Words WordsOf(const std::string& conninfo) {
  const auto words = ParseConninfo(conninfo);
  EXPECT_TRUE(words) << ConninfoFault(conninfo);
  return words ? *words : Words();
}

Merged MergedOf(const std::string& conninfo) {
  const Result<Merged> merged = Merge(WordsOf(conninfo));
  EXPECT_TRUE(merged.ok()) << merged.error().message;
  return merged.ok() ? merged.value() : Merged();
}

std::vector<std::string> HostTexts(const std::string& conninfo) {
  std::vector<std::string> texts;
  for (const Host& host : HostsOf(MergedOf(conninfo).words)) texts.push_back(host.ToString());
  return texts;
}

TEST(PqConninfo, BothFormsAreTakenApart) {
  EXPECT_THAT(WordsOf("host=a user='it\\'s' options=''").size(), 3U);
  EXPECT_THAT(WordsOf("postgresql://u:p%40@h:1/d?sslmode=require"),
              ElementsAre(Pair("dbname", "d"), Pair("host", "h"), Pair("password", "p@"),
                          Pair("port", "1"), Pair("sslmode", "require"), Pair("user", "u")));
}

TEST(PqConninfo, WhateverIsInAValueSurvivesTheWayThere) {
  const Words words{{"password", "a'b\\c d=e\n"}, {"options", ""}};
  EXPECT_EQ(WordsOf(FormatConninfo(words)), words);
}

TEST(PqConninfo, WordsServiceFileAndEnvironmentAreMergedInThisOrder) {
  const test::Scratch scratch;
  const ScopedEnvironment environment(
      Words{{"PGSERVICEFILE", scratch.Write("service",
                                            "[mon]\nhost=from.service\n"
                                            "port=6543\n")},
            {"PGHOST", "from.environment"},
            {"PGPORT", "1"},
            {"PGUSER", "from_environment"}});
  const Merged merged = MergedOf("service=mon port=7");
  EXPECT_EQ(merged.words.at("host"), "from.service");
  EXPECT_EQ(merged.words.at("port"), "7");
  EXPECT_EQ(merged.words.at("user"), "from_environment");
}

TEST(PqConninfo, WhatLibpqWouldChooseItselfIsNotMerged) {
  const Merged merged = MergedOf("user=u");
  for (const char* keyword : {"host", "port", "dbname", "sslmode", "gssencmode"}) {
    EXPECT_FALSE(merged.words.contains(keyword)) << keyword;
  }
  EXPECT_EQ(MergedOf("user=u dbname=u sslmode=prefer").words.count("dbname"), 1U);
}

TEST(PqConninfo, PasswordFileIsLookedUpByHost) {
  const test::Scratch scratch;
  const std::string file =
      scratch.Write("pgpass", "other:*:*:*:wrong\ndb.example:5432:*:u:right\n");
  ASSERT_EQ(::chmod(file.c_str(), 0600), 0);  // or libpq does not read it
  const ScopedEnvironment environment(Words{{"PGPASSFILE", file}});
  EXPECT_EQ(MergedOf("host=db.example user=u").password, "right");
  EXPECT_EQ(MergedOf("host=db.example hostaddr=10.0.0.1 user=u").password, "right");
  EXPECT_EQ(MergedOf("host=db.example user=v").password, "");
  EXPECT_EQ(MergedOf("host=db.example user=u password=given").password, "given");
}

TEST(PqConninfo, PasswordFileThatOthersCanReadIsAFaultThatLibpqDoesNotPrint) {
  const test::Scratch scratch;
  const std::string file = scratch.Write("pgpass", "*:*:*:*:right\n");
  ASSERT_EQ(::chmod(file.c_str(), 0640), 0);
  const ScopedEnvironment environment(
      Words{{"PGSERVICEFILE", scratch.Write("service", "[mon]\npassfile=" + file + "\n")}});
  ::testing::internal::CaptureStderr();
  const Merged merged = MergedOf("service=mon host=h user=u");
  const Merged given = MergedOf("service=mon host=h user=u password=given");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(merged.password, "");
  EXPECT_THAT(merged.passfile_fault, HasSubstr(file + " was left alone"));
  EXPECT_EQ(given.password, "given");
  EXPECT_THAT(given.passfile_fault, IsEmpty());
}

TEST(PqConninfo, PasswordFileOfTheHomeFolderIsTheUsualOne) {
  const test::Scratch scratch;
  const std::string file = scratch.Write(".pgpass", "*:*:*:*:right\n");
  const ScopedEnvironment environment(Words{{"HOME", scratch.folder().string()}});
  ASSERT_EQ(::chmod(file.c_str(), 0644), 0);
  EXPECT_THAT(MergedOf("host=h user=u").passfile_fault, HasSubstr(file));
  ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
  EXPECT_EQ(MergedOf("host=h user=u").password, "right");
}

TEST(PqConninfo, WhatLibpqCannotUseIsAnErrorThatHoldsNoPassword) {
  const Result<Merged> merged = Merge(WordsOf("host=a,b port=1,2,3 password=hunter2"));
  ASSERT_FALSE(merged.ok());
  EXPECT_EQ(merged.error().kind, ErrorKind::kConnect);
  EXPECT_THAT(merged.error().message, HasSubstr("could not match 3 port numbers to 2 hosts"));
  for (const char* secret : {"password=hunter2", "sslpassword=hunter2"}) {
    const Result<Merged> unknown = Merge(WordsOf(std::string("service=hunter2 ") + secret));
    ASSERT_FALSE(unknown.ok());
    EXPECT_THAT(unknown.error().message, Not(HasSubstr("hunter2")));
  }
}

TEST(PqConninfo, DefaultsFillOnlyWhatNobodyChose) {
  const ScopedEnvironment environment(Words{{"PGAPPNAME", "theirs"}});
  const Merged merged = MergedOf("user=u port=1");
  EXPECT_THAT(WithDefaults({{"user", "u"}, {"port", "1"}}, merged,
                           {{"port", "2"}, {"application_name", "ours"}, {"dbname", "d"}}),
              ElementsAre(Pair("dbname", "d"), Pair("port", "1"), Pair("user", "u")));
}

TEST(PqHosts, ListsAreMatchedAsLibpqDoes) {
  EXPECT_THAT(HostTexts("host=a"), ElementsAre("a"));
  EXPECT_THAT(HostTexts("user=u"), ElementsAre("the local socket"));
  EXPECT_THAT(HostTexts("host=a,b port=1"), ElementsAre("a port 1", "b port 1"));
  EXPECT_THAT(HostTexts("host=a,/run,c port=1,,3"), ElementsAre("a port 1", "/run", "c port 3"));
  EXPECT_THAT(HostTexts("host=a,b hostaddr=10.0.0.1,"), ElementsAre("a (10.0.0.1)", "b"));
  EXPECT_THAT(HostTexts("hostaddr=10.0.0.1,::1 port=5"),
              ElementsAre("10.0.0.1 port 5", "::1 port 5"));
}

TEST(PqHosts, OnlyNamesAreResolvedAndOncePerAddress) {
  int asked = 0;
  Resolver resolver([&](const std::string&, std::uint16_t) -> Result<AddressList> {
    ++asked;
    Resolver numeric;
    const SystemClock clock;
    const Deadline now(clock, clock.Now());
    return AddressList{numeric.Resolve("10.0.0.1", 0, now)->front(),
                       numeric.Resolve("fe80::1", 0, now)->front()};
  });
  const SystemClock clock;
  const Deadline deadline(clock, clock.Now() + std::chrono::seconds(20));
  for (const Host& host : {Host{"/run", "", ""}, Host{"@abstract", "", ""}, Host{"", "", ""},
                           Host{"name", "10.1.1.1", ""}}) {
    EXPECT_EQ(ResolveHost(host, resolver, deadline)->size(), 1U);
  }
  EXPECT_EQ(asked, 0);
  const auto resolved = ResolveHost(Host{"db.example", "", "7"}, resolver, deadline);
  ASSERT_TRUE(resolved.ok());
  ASSERT_EQ(resolved->size(), 2U);
  EXPECT_EQ((*resolved)[0].ToString(), "db.example (10.0.0.1) port 7");
  EXPECT_EQ((*resolved)[1].ToString(), "db.example (fe80::1) port 7");
}

TEST(PqConninfoFault, GoodStringsHaveNone) {
  for (const char* good :
       {"", "host=a,b port=1,", "postgresql:///d?host=/run", "postgresql://u:p%2F@h/d%40?host=@x",
        "user=://a/b@c", "port=1,2", "hostaddr=10.0.0.1,::1 host=a, port=1,2 connect_timeout=-1",
        "target_session_attrs=prefer-standby gssencmode=''", "service=x",
        "user=u sslmode=verify-full port=''"}) {
    EXPECT_THAT(ConninfoFault(good), IsEmpty()) << good;
  }
}

TEST(PqConninfoFault, FaultsAreNamed) {
  EXPECT_EQ(ConninfoFault("hots=a"), "an unknown word \"hots\": did you mean \"host\"?");
  EXPECT_THAT(ConninfoFault("postgresql://h/d?sslmod=x"), HasSubstr("did you mean \"sslmode\"?"));
  EXPECT_THAT(ConninfoFault("host"), HasSubstr("a word without \"=\""));
  EXPECT_THAT(ConninfoFault("host='a"), HasSubstr("a quote that is not closed"));
  EXPECT_THAT(ConninfoFault("postgresql://u:%zz@h"), HasSubstr("hexadecimal"));
  EXPECT_THAT(ConninfoFault("postgresql://[::1/d"), HasSubstr("IPv6"));
  EXPECT_THAT(ConninfoFault("sslmode=full"), HasSubstr("verify-full"));
  EXPECT_THAT(ConninfoFault("port=1,70000"), HasSubstr("port"));
  EXPECT_EQ(ConninfoFault("host=a,b port=1,2,3"),
            "3 ports for 2 hosts: write one for all, or one for each");
  EXPECT_EQ(ConninfoFault("connect_timeout=abc"), "connect_timeout is no number");
  EXPECT_EQ(ConninfoFault("target_session_attrs=foo"),
            "target_session_attrs is none of any read-write read-only primary standby "
            "prefer-standby");
  for (const char* foreign : {"mysql://u:p@h/d?a=b", "127.0.0.1:5432"}) {
    EXPECT_THAT(ConninfoFault(foreign), HasSubstr("postgresql://USER@HOST:PORT")) << foreign;
  }
}

TEST(PqConninfoFault, PartsOfAPasswordAreNeverQuoted) {
  for (const char* bad : {"password=my hunter2=x", "password=my hunter2", "password='hunter2",
                          "user=u password=a hunter2 b", "postgresql://u:a@h?hunter2=b",
                          "postgresql://u:hunter2%zz@h", "postgresql://u:12/hunter2@h",
                          "postgresql://u:12/hunter2@h/d?sslmode=require",
                          "postgresql://u:hunter2@[::1/d", "hunter2%00"}) {
    const std::string fault = ConninfoFault(bad);
    EXPECT_THAT(fault, Not(IsEmpty())) << bad;
    EXPECT_THAT(fault, Not(HasSubstr("hunter2"))) << bad;
  }
}

TEST(PqConninfoFault, PasswordsAreFoundInBothForms) {
  EXPECT_TRUE(HoldsPassword("host=a password=x"));
  EXPECT_TRUE(HoldsPassword("postgresql://u:x@h"));
  EXPECT_FALSE(HoldsPassword("host=a password=''"));
  EXPECT_FALSE(HoldsPassword("postgresql://u@h"));
  EXPECT_FALSE(HoldsPassword("password"));
}

}  // namespace
}  // namespace headroom::pq
