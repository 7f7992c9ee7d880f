// A workload's name that no metric selector of Kubernetes can hold: a warning at its place, no
// more.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "collectors/registry.h"
#include "exporter/config/config.h"
#include "test/support/toml.h"

namespace headroom {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

// What is said of a workload with this name, in TOML's single quotes, at line 5.
std::vector<std::string> SaidOf(std::string_view name) {
  const std::string text = R"([[redis]]
name = "main"
url = "redis://127.0.0.1"
[[workload]]
name = ')" + std::string(name) +
                           R"('
queues = [{ target = "main", queue = "queue:decisions" }]
messages_per_worker = 1
max = 10
)";
  Diagnostics diagnostics;
  const auto root = ParseToml(text, "t.toml", diagnostics);
  EXPECT_TRUE(root && ParseConfig(*root, CollectorTypes(), diagnostics)) << name;
  EXPECT_TRUE(diagnostics.ok()) << name;
  return test::Messages(diagnostics);
}

TEST(WorkloadNames, WhatALabelOfKubernetesCanHoldIsTakenInSilence) {
  const std::string longest(63, 'a');
  for (const std::string& name : {std::string("decisions"), std::string("a"), std::string("7"),
                                  std::string("Mail_v2.high-prio"), longest}) {
    EXPECT_THAT(SaidOf(name), IsEmpty()) << name;
  }
}

TEST(WorkloadNames, OtherCharactersAreWarnedOfWithTheirPlace) {
  EXPECT_THAT(SaidOf("queue:decisions"),
              ElementsAre(AllOf(StartsWith("t.toml:5:"), HasSubstr("warning: workload[0].name"),
                                HasSubstr("\"queue:decisions\""), HasSubstr("label"))));
  for (const std::string name :
       {"two words", "a/b", "a@b", "a[b", "a`b", "a{b", "\xC3\xA9t\xC3\xA9"}) {
    EXPECT_EQ(SaidOf(name).size(), 1U) << name;
  }
}

TEST(WorkloadNames, AnEndThatIsNoLetterAndNoDigitIsWarnedOf) {
  for (const std::string name : {"-a", "a-", "_a", "a_", ".a", "a.", "-"}) {
    EXPECT_EQ(SaidOf(name).size(), 1U) << name;
  }
}

TEST(WorkloadNames, MoreThan63CharactersAreWarnedOf) {
  EXPECT_THAT(SaidOf(std::string(64, 'a')), ElementsAre(HasSubstr("at most 63")));
}

TEST(WorkloadNames, AnEmptyNameIsOnlyTheErrorThatItIs) {
  Diagnostics diagnostics;
  const auto root = ParseToml("[[workload]]\nname = \"\"\n", "t.toml", diagnostics);
  ASSERT_TRUE(root);
  EXPECT_FALSE(ParseConfig(*root, CollectorTypes(), diagnostics));
  for (const std::string& message : test::Messages(diagnostics)) {
    EXPECT_THAT(message, testing::Not(HasSubstr("label"))) << message;
  }
}

}  // namespace
}  // namespace headroom
