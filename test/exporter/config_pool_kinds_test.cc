// The pools of a workload on systems that exporter/ has never heard of.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/config/config.h"
#include "test/support/fake_types.h"
#include "test/support/toml.h"

namespace headroom {
namespace {

using test::Messages;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// What a configuration with these systems has to say about the workload's `pools`.
std::vector<std::string> OfOtherSystems(std::string_view pools) {
  const auto row = [](std::string_view system, auto parse, PoolKind kind) {
    return CollectorType{system, parse, {}, {}, std::chrono::seconds(1), {}, kind};
  };
  const std::array types = {row("cache", &test::ParseFakeRedis, PoolKind::kNone),
                            row("odyssey", &test::ParseFakePooler, PoolKind::kPooler),
                            row("mysql", &test::ParseFakeBroker, PoolKind::kServer)};
  Diagnostics diagnostics;
  const auto root = ParseToml(
      "[[cache]]\nname='q'\nurl='u'\n[[odyssey]]\nname='o'\n[[mysql]]\nname='m'\n"
      "[[workload]]\nname='w'\nqueues=[{target='q',queue='q'}]\nmax=9\n"
      "messages_per_worker=5\nconnections_per_worker=1\npools=[" +
          std::string(pools) + "]\n",
      "t.toml", diagnostics);
  ParseConfig(root.value(), types, diagnostics);
  return Messages(diagnostics);
}

TEST(WorkloadPools, ThePoolsOfASystemFollowTheKindInItsRowOfTheTable) {
  EXPECT_THAT(OfOtherSystems("{target='m'}"), IsEmpty());
  EXPECT_THAT(OfOtherSystems("{target='o',database='d',user='u'}"),
              ElementsAre(HasSubstr("does not name the target of the server behind it")));
  EXPECT_THAT(OfOtherSystems("{target='o',database='d'}"),
              Contains(HasSubstr("pools[0].user: is missing")));
  EXPECT_THAT(OfOtherSystems("{target='m',database='d',user='u'}"),
              ElementsAre(HasSubstr("pools[0].user: cannot be used with database")));
  EXPECT_THAT(OfOtherSystems("{target='q'}"),
              ElementsAre(HasSubstr("\"q\" is a [[cache]] target")));
  EXPECT_THAT(OfOtherSystems("{target='m'},{target='o',database='d',user='u'}"),
              Contains(HasSubstr("pools: are of a pooler and of a server")));
  EXPECT_THAT(OfOtherSystems("{target='m',user='u'},{target='m',database='d'}"),
              ElementsAre(HasSubstr("by user and by database too")));
}

}  // namespace
}  // namespace headroom
