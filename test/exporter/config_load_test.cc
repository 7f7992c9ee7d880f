// File and flags together.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "exporter/config/config.h"
#include "exporter/config/flags.h"
#include "exporter/config/load.h"
#include "test/support/fake_types.h"
#include "test/support/scratch.h"
#include "test/support/toml.h"

namespace headroom {
namespace {

using std::chrono::seconds;
using test::Messages;
using testing::ElementsAre;
using testing::IsEmpty;

class LoadConfig : public testing::Test {
 protected:
  // No text: no file. A second call replaces the file of the first.
  Flags FlagsFor(const std::string& url, const std::string& config_text) const {
    Flags flags;
    if (!config_text.empty()) flags.config_file = scratch_.Write("t.toml", config_text);
    const std::string flag = "--redis.url=" + url;
    const std::vector<const char*> argv = {"headroom_exporter", flag.c_str()};
    const auto parsed = ParseFlags(url.empty() ? 1 : 2, argv.data(), test::FakeTypes(),
                                   [](std::string_view) { return std::nullopt; });
    flags.targets = std::get<Flags>(parsed).targets;
    return flags;
  }

  test::Scratch scratch_;
};

TEST_F(LoadConfig, FileAndFlagsBothContribute) {
  Diagnostics diagnostics;
  const auto config = headroom::LoadConfig(FlagsFor("redis://h", "[[redis]]\nname='a'\nurl='u'\n"),
                                           test::FakeTypes(), diagnostics);
  EXPECT_THAT(Messages(diagnostics), IsEmpty());
  ASSERT_EQ(config.value().targets.size(), 2U);
  EXPECT_EQ(config->targets[0].name, "a");
  EXPECT_EQ(config->targets[1].name, "redis");
}

TEST_F(LoadConfig, AFlagTargetGetsTheDefaultsOfTheFile) {
  Diagnostics diagnostics;
  const auto config = headroom::LoadConfig(FlagsFor("redis://h", "[defaults]\ntimeout='5s'\n"),
                                           test::FakeTypes(), diagnostics);
  EXPECT_EQ(config.value().targets.at(0).timeout, seconds(5));
}

TEST_F(LoadConfig, AClashOfNamesNamesBothPlaces) {
  Diagnostics diagnostics;
  const Flags flags = FlagsFor("redis://h", "[[redis]]\nname='redis'\nurl='u'\n");
  EXPECT_FALSE(headroom::LoadConfig(flags, test::FakeTypes(), diagnostics).has_value());
  EXPECT_THAT(Messages(diagnostics),
              ElementsAre("--redis.url: the name \"redis\" is taken by the target at " +
                          flags.config_file + ":2:1; names are unique over all systems"));
}

TEST_F(LoadConfig, NothingAtAllNamesBothWays) {
  Diagnostics diagnostics;
  EXPECT_FALSE(headroom::LoadConfig(FlagsFor("", ""), test::FakeTypes(), diagnostics).has_value());
  EXPECT_THAT(
      Messages(diagnostics),
      ElementsAre("nothing to watch: add a table such as [[redis]], [[broker]], [[postgresql]], "
                  "[[pgbouncer]] to a file for --config.file, or give --redis.url (or "
                  "HEADROOM_REDIS_URL)"));
}

TEST_F(LoadConfig, ReadsTheFileAnew) {
  Diagnostics diagnostics;
  Flags flags = FlagsFor("", "[[broker]]\nname='a'\n");
  const auto before = headroom::LoadConfig(flags, test::FakeTypes(), diagnostics);
  flags = FlagsFor("", "[[broker]]\nname='b'\n");
  const auto after = headroom::LoadConfig(flags, test::FakeTypes(), diagnostics);
  EXPECT_EQ(before.value().targets.at(0).name, "a");
  EXPECT_EQ(after.value().targets.at(0).name, "b");
}

}  // namespace
}  // namespace headroom
