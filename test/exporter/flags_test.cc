#include "exporter/config/flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/rabbitmq/flags.h"
#include "exporter/config/flag_targets.h"
#include "test/support/fake_types.h"
#include "test/support/toml.h"

namespace headroom {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using Environment = std::map<std::string, std::string, std::less<>>;

std::variant<Flags, Exit> Parse(std::vector<const char*> arguments,
                                const Environment& environment = {}) {
  arguments.insert(arguments.begin(), "headroom_exporter");
  return ParseFlags(static_cast<int>(arguments.size()), arguments.data(), test::FakeTypes(),
                    [&](std::string_view name) -> std::optional<std::string> {
                      const auto found = environment.find(name);
                      if (found == environment.end()) return std::nullopt;
                      return found->second;
                    });
}

Flags Good(std::vector<const char*> arguments, const Environment& environment = {}) {
  auto parsed = Parse(std::move(arguments), environment);
  if (const Exit* refused = std::get_if<Exit>(&parsed)) {
    ADD_FAILURE() << refused->text;
    return {};
  }
  return std::get<Flags>(std::move(parsed));
}

// The message of a bad command line, without the name of the program in front.
std::string Bad(std::vector<const char*> arguments, const Environment& environment = {}) {
  const auto parsed = Parse(std::move(arguments), environment);
  const Exit* refused = std::get_if<Exit>(&parsed);
  if (refused == nullptr) return "accepted";
  EXPECT_EQ(refused->code, 2);
  const std::string front = "headroom_exporter: ";
  EXPECT_TRUE(refused->text.starts_with(front) && refused->text.ends_with('\n'));
  EXPECT_EQ(refused->text.find('\n'), refused->text.size() - 1) << "one line";
  return refused->text.substr(front.size(), refused->text.size() - front.size() - 1);
}

TEST(Flags, Defaults) {
  const Flags flags = Good({});
  EXPECT_EQ(flags.config_file, "");
  EXPECT_THAT(flags.listen_addresses, ElementsAre(":9935"));
  EXPECT_EQ(flags.telemetry_path, "/metrics");
  EXPECT_EQ(flags.log_level, "info");
  EXPECT_EQ(flags.log_format, "logfmt");
  EXPECT_FALSE(flags.enable_lifecycle || flags.enable_gzip || flags.config_check || flags.once);
  EXPECT_THAT(flags.targets, IsEmpty());
}

TEST(Flags, ExplainNamesAWorkloadAndNeedsOnce) {
  EXPECT_EQ(Good({"--once", "--explain", "decisions"}).explain, "decisions");
  EXPECT_EQ(Good({"--once"}).explain, "");
  EXPECT_EQ(Bad({"--explain=decisions"}), "--explain needs --once");
}

TEST(Flags, SimulateNamesAScenarioAndStandsAlone) {
  EXPECT_EQ(Good({"--simulate", "s.toml"}).simulate, "s.toml");
  EXPECT_EQ(Good({"--simulate=s.toml", "--simulate.svg=p.svg"}).simulate_svg, "p.svg");
  EXPECT_EQ(Good({}).simulate, "");
  EXPECT_EQ(Bad({"--simulate.svg=p.svg"}), "--simulate.svg needs --simulate");
  EXPECT_EQ(Bad({"--simulate=s", "--config.file=c"}),
            "--simulate does not go with --config.file: a scenario has all that it needs");
  EXPECT_EQ(Bad({"--simulate=s", "--once"}),
            "--simulate does not go with --once: a scenario has all that it needs");
}

TEST(Flags, AllOfThemAreRead) {
  const Flags flags =
      Good({"--config.file=/etc/h.toml", "--web.listen-address=127.0.0.1:1", "--web.listen-address",
            "[::1]:0", "--web.telemetry-path", "/m", "--web.enable-lifecycle", "--web.enable-gzip",
            "--log.level=debug", "--log.format=json", "--once"});
  EXPECT_EQ(flags.config_file, "/etc/h.toml");
  EXPECT_THAT(flags.listen_addresses, ElementsAre("127.0.0.1:1", "[::1]:0"));
  EXPECT_EQ(flags.telemetry_path, "/m");
  EXPECT_EQ(flags.log_level, "debug");
  EXPECT_EQ(flags.log_format, "json");
  EXPECT_TRUE(flags.enable_lifecycle && flags.enable_gzip && flags.once);
  EXPECT_TRUE(Good({"--config.check"}).config_check);
}

struct Mistake {
  std::vector<const char*> arguments;
  std::string message;
};

class FlagsMistake : public testing::TestWithParam<Mistake> {};

TEST_P(FlagsMistake, ExitsTwoWithOneLine) {
  EXPECT_EQ(Bad(GetParam().arguments), GetParam().message);
}

const std::string kAddressMessage =
    "--web.listen-address: expected host:port, :port or [v6]:port, got ";
const std::string kPathMessage =
    "--web.telemetry-path: expected a path that begins with /, other than / itself and those under "
    "/-/, got ";

const std::vector<Mistake> kMistakes = {
    {{"--web.listen-adress=:1"},
     "unknown flag --web.listen-adress: did you mean --web.listen-address?"},
    {{"--redis.lists", "a"}, "unknown flag --redis.lists: did you mean --redis.list?"},
    {{"--xyzzy"}, "unknown flag --xyzzy (see --help)"},
    {{"-q"}, "unknown flag -q (see --help)"},
    {{"redis://u:hunter2@h"}, "takes no arguments but flags, which begin with -- (see --help)"},
    {{"--redis.uri=redis://u:hunter2@h"}, "unknown flag --redis.uri: did you mean --redis.url?"},
    {{"--log.level=loud"}, "--log.level: expected debug, info, warn or error, got \"loud\""},
    {{"--log.format=xml"}, "--log.format: expected logfmt or json, got \"xml\""},
    {{"--web.telemetry-path=metrics"}, kPathMessage + "\"metrics\""},
    {{"--web.telemetry-path=/"}, kPathMessage + "\"/\""},
    {{"--web.telemetry-path=/-/metrics"}, kPathMessage + "\"/-/metrics\""},
    {{"--web.telemetry-path=/a b"}, kPathMessage + "\"/a b\""},
    {{"--web.listen-address=9935"}, kAddressMessage + "\"9935\""},
    {{"--web.listen-address=:99999"}, kAddressMessage + "\":99999\""},
    {{"--web.listen-address=::1:9935"}, kAddressMessage + "\"::1:9935\""},
    {{"--web.listen-address=[::1]"}, kAddressMessage + "\"[::1]\""},
    {{"--web.listen-address=host:"}, kAddressMessage + "\"host:\""},
    {{"--config.check", "--once"}, "give either --config.check or --once, not both"},
    {{"--redis.list=a"}, "--redis.list needs --redis.url or HEADROOM_REDIS_URL"},
};

INSTANTIATE_TEST_SUITE_P(All, FlagsMistake, testing::ValuesIn(kMistakes));

TEST(Flags, AFlagThatTakesOneValueIsNotGivenTwice) {
  EXPECT_EQ(Bad({"--config.file=a", "--config.file=b"}),
            "--config.file is given 2 times: give it once");
  EXPECT_EQ(Bad({"--redis.url=redis://u:hunter2@a", "--redis.url=redis://b"}),
            "--redis.url is given 2 times: give it once");
}

TEST(Flags, AFlagThatTakesAValueIsNotGivenWithoutOne) {
  EXPECT_EQ(Bad({"--config.file"}), "--config.file needs a value: --config.file=FILE");
  EXPECT_EQ(Bad({"--redis.list"}), "--redis.list needs a value: --redis.list=KEY");
  // As "--flag=$UNSET" or "--flag $UNSET" in a script comes to; what follows is no value.
  EXPECT_EQ(Bad({"--redis.url=redis://h", "--redis.list=", "--once"}),
            "--redis.list needs a value: --redis.list=KEY");
  EXPECT_EQ(Bad({"--redis.url=redis://h", "--redis.list", "--once"}),
            "--redis.list needs a value: --redis.list=KEY");
  EXPECT_EQ(Bad({"--config.file=", "--config.check"}),
            "--config.file needs a value: --config.file=FILE");
  EXPECT_EQ(Bad({"--once", "--explain", ""}), "--explain needs a value: --explain=WORKLOAD");
  EXPECT_EQ(Bad({"--simulate", ""}), "--simulate needs a value: --simulate=FILE");
}

TEST(Flags, AValueMayBeginWithDashesWhereItCannotBeMeantAsAFlag) {
  const Flags flags = Good({"--redis.url=redis://h:1", "--redis.list=--odd"});
  ASSERT_EQ(flags.targets.size(), 1U);
  EXPECT_TRUE(flags.targets[0].table.SameAs(
      test::Toml("name = 'redis'\nurl = 'redis://h:1'\nlists = ['--odd']\n")));
}

TEST(Flags, TheFlagForTlsThatOtherExportersHaveIsToldApart) {
  EXPECT_THAT(Bad({"--web.config.file=web.yml"}),
              testing::StartsWith("--web.config.file: headroom's own port has neither TLS nor"));
}

TEST(Flags, HelpNamesEveryFlagAndVariableOnALineOfItsOwn) {
  const auto parsed = Parse({"--help"});
  const Exit& help = std::get<Exit>(parsed);
  EXPECT_EQ(help.code, 0);
  for (const char* line :
       {"\n  -h,--help ", "\n  --version ", "\n  --config.file FILE ", "\n  --config.check ",
        "\n  --once ", "\n  --log.level LEVEL ", "\n  --log.format FORMAT ",
        "\n  --web.listen-address ADDRESS ", "\n  --web.telemetry-path PATH ",
        "\n  --web.enable-lifecycle ", "\n  --web.enable-gzip ", "\n  --redis.url URL ",
        "\n  --redis.list KEY ", "\n  --redis.list-pattern GLOB ", "\n  HEADROOM_REDIS_URL ",
        "\n  HEADROOM_REDIS_LISTS ", "\n  HEADROOM_REDIS_PASSWORD ",
        "\n  HEADROOM_REDIS_PASSWORD_FILE ", "\nExample:\n"}) {
    EXPECT_THAT(help.text, HasSubstr(line));
  }
  std::size_t start = 0;
  while (start < help.text.size()) {
    const std::size_t end = help.text.find('\n', start);
    EXPECT_LE(end - start, 100U) << help.text.substr(start, end - start);
    start = end + 1;
  }
  EXPECT_EQ(std::get<Exit>(Parse({"-h"})).text, help.text);
}

TEST(Flags, VersionIsOneLine) {
  const auto parsed = Parse({"--version"});
  EXPECT_EQ(std::get<Exit>(parsed).code, 0);
  EXPECT_EQ(std::get<Exit>(parsed).text, "headroom_exporter " HEADROOM_VERSION "\n");
}

// --- targets without a config file

TEST(FlagTargets, FlagsMakeTheTableThatAFileWouldHold) {
  const Flags flags = Good({"--redis.url=redis://h:1", "--redis.list=a", "--redis.list", "[b]",
                            "--redis.list-pattern", "q:*"});
  ASSERT_EQ(flags.targets.size(), 1U);
  EXPECT_EQ(flags.targets[0].system, "redis");
  EXPECT_TRUE(flags.targets[0].table.SameAs(
      test::Toml("name = 'redis'\nurl = 'redis://h:1'\nlists = ['a', '[b]']\n"
                 "list_patterns = ['q:*']\n")));
  EXPECT_EQ(flags.targets[0].table.position.source, "--redis.url");
}

TEST(FlagTargets, VariablesDoTheSame) {
  const Flags flags = Good({}, {{"HEADROOM_REDIS_URL", "redis://u:pa$$w@h"},
                                {"HEADROOM_REDIS_LISTS", "a, b,,c "},
                                {"HEADROOM_REDIS_PASSWORD_FILE", "/run/pw"}});
  ASSERT_EQ(flags.targets.size(), 1U);
  // Dollar signs are doubled because the URL of a table gets its ${VARIABLES} replaced.
  EXPECT_TRUE(flags.targets[0].table.SameAs(
      test::Toml("name = 'redis'\nurl = 'redis://u:pa$$$$w@h'\nlists = ['a', 'b', 'c']\n"
                 "password_file = '/run/pw'\n")));
  EXPECT_EQ(flags.targets[0].table.position.source, "HEADROOM_REDIS_URL");
}

TEST(FlagTargets, ThePasswordItselfStaysInTheEnvironment) {
  const Flags flags = Good({"--redis.url=redis://h"}, {{"HEADROOM_REDIS_PASSWORD", "hunter2"}});
  EXPECT_TRUE(flags.targets.at(0).table.SameAs(
      test::Toml("name='redis'\nurl='redis://h'\npassword_env='HEADROOM_REDIS_PASSWORD'\n")));
}

TEST(FlagTargets, FlagsWinOverVariables) {
  const Flags flags = Good({"--redis.url=redis://flag", "--redis.list=f"},
                           {{"HEADROOM_REDIS_URL", "redis://env"}, {"HEADROOM_REDIS_LISTS", "e"}});
  EXPECT_TRUE(flags.targets.at(0).table.SameAs(
      test::Toml("name='redis'\nurl='redis://flag'\nlists=['f']\n")));
}

TEST(FlagTargets, EmptyVariablesAndALonePasswordMakeNoTarget) {
  EXPECT_THAT(Good({}, {{"HEADROOM_REDIS_URL", ""}, {"HEADROOM_REDIS_LISTS", ""}}).targets,
              IsEmpty());
  EXPECT_THAT(Good({}, {{"HEADROOM_REDIS_PASSWORD", "hunter2"}}).targets, IsEmpty());
  EXPECT_EQ(Bad({}, {{"HEADROOM_REDIS_LISTS", "a"}}),
            "HEADROOM_REDIS_LISTS needs --redis.url or HEADROOM_REDIS_URL");
}

TEST(FlagTargets, APasswordInArgvIsRefusedAndNotRepeated) {
  for (const char* url : {"--redis.url=redis://u:hunter2@h", "--redis.url=redis://:hunter2@h:1/0",
                          "--redis.url=redis://u:hun/ter2@h", "--redis.url=u:hunter2@h",
                          "--redis.url=redis://h?password=hunter2"}) {
    EXPECT_EQ(Bad({url}),
              "--redis.url: holds a password, and argv is visible to every user of the machine: "
              "use HEADROOM_REDIS_URL or a password file");
  }
}

// One command line of the real flags of RabbitMQ, by way of the parser.
std::variant<Flags, Exit> ParseRabbitMq(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), {"headroom_exporter", "--rabbitmq.url=http://h"});
  CollectorType type = test::FakeTypes().front();
  type.system = "rabbitmq";
  type.flags = rabbitmq::kFlags;
  return ParseFlags(static_cast<int>(arguments.size()), arguments.data(), {&type, 1},
                    [](std::string_view) { return std::optional<std::string>(); });
}

TEST(FlagTargets, APasswordInAnyUrlOfAListIsRefusedAndNotRepeated) {
  const auto parsed = ParseRabbitMq(
      {"--rabbitmq.prometheus-url=http://a", "--rabbitmq.prometheus-url=http://u:hunter2@h"});
  const Exit* refused = std::get_if<Exit>(&parsed);
  ASSERT_NE(refused, nullptr);
  EXPECT_EQ(
      refused->text,
      "headroom_exporter: --rabbitmq.prometheus-url: holds a password, and argv is visible to "
      "every user of the machine: use HEADROOM_RABBITMQ_PROMETHEUS_URLS or a password file\n");
}

TEST(FlagTargets, UrlsOfAListAreMeantLiterally) {
  const auto parsed =
      ParseRabbitMq({"--rabbitmq.prometheus-url=http://a",
                     "--rabbitmq.prometheus-url=http://h/${X}", "--rabbitmq.queue=q$"});
  const Flags* flags = std::get_if<Flags>(&parsed);
  ASSERT_NE(flags, nullptr) << std::get<Exit>(parsed).text;
  EXPECT_TRUE(flags->targets.at(0).table.SameAs(
      test::Toml("name='rabbitmq'\nurl='http://h'\nqueues=['q$']\n"
                 "prometheus_urls=['http://a', 'http://h/$${X}']\n")));
}

TEST(FlagTargets, UrlsWithoutAPasswordAreNotTakenForOnes) {
  for (const char* url :
       {"redis://h:6379/0", "redis://u@h:6379", "rediss://[::1]:6379", "redis://u:@h", "h:6379"}) {
    EXPECT_FALSE(HoldsPassword(url)) << url;
  }
  EXPECT_FALSE(HoldsPassword("host=h user=password"));
}

TEST(FlagTargets, PasswordsInConnectionStringsAreSeen) {
  for (const char* dsn : {"host=h password=x", "password = x host=h", "host=h password\t='x y'",
                          "postgresql://u:x@h/db", "postgresql://h/db?password=x",
                          "postgresql://h/db?pass%77ord=x"}) {
    EXPECT_TRUE(HoldsPassword(dsn)) << dsn;
  }
}

}  // namespace
}  // namespace headroom
