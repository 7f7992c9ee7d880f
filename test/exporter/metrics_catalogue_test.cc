// Every metric family that headroom can write obeys the naming rules and stands in docs/metrics.md,
// with its type and its labels, and nothing else does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/registry.h"
#include "exporter/exposition/noun_families.h"
#include "exporter/pressure/pressure_families.h"
#include "exporter/process_metrics.h"
#include "exporter/self_metrics.h"
#include "exporter/target_metrics.h"
#include "exporter/workload/workload_families.h"

namespace headroom {
namespace {

struct Documented {
  std::string type;
  std::set<std::string> labels;
};

struct Family : FamilyDesc {
  std::set<std::string> all_labels;
};

std::vector<Family> AllFamilies() {
  std::vector<Family> all;
  const auto add = [&all](const FamilyDesc& desc, std::set<std::string> labels) {
    for (const std::string_view label : desc.labels) labels.emplace(label);
    all.push_back({desc, std::move(labels)});
  };
  for (const auto& family : QueueFamilies()) add(family.desc, {});
  for (const auto& family : WorkerFamilies()) add(family.desc, {});
  for (const auto& family : PoolFamilies()) add(family.desc, {});
  for (const auto& families : {TargetFamilies(), SelfFamilies(), ProcessFamilies(),
                               PressureFamilies(), WorkloadFamilies()}) {
    for (const FamilyDesc& family : families) add(family, {});
  }
  for (const CollectorType& type : CollectorTypes()) {
    // The exporter puts these two in front of a fact's own labels.
    for (const FactDesc* fact : type.facts) add(*fact, {"target", "system"});
  }
  return all;
}

std::string_view TypeName(MetricType type) {
  return type == MetricType::kCounter ? "counter" : "gauge";
}

// What stands between backticks.
std::vector<std::string> Quoted(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream in(text);
  std::string outside;
  std::string inside;
  while (std::getline(in, outside, '`') && std::getline(in, inside, '`')) words.push_back(inside);
  return words;
}

// The rows "| `name` | type | `label` `label` | ..." of the reference.
std::map<std::string, Documented> Reference() {
  std::ifstream file(HEADROOM_SOURCE_DIR "/docs/metrics.md");
  std::map<std::string, Documented> found;
  std::string line;
  while (std::getline(file, line)) {
    if (!line.starts_with("| `")) continue;
    std::istringstream cells(line.substr(1));
    std::array<std::string, 3> cell;
    for (std::string& c : cell) std::getline(cells, c, '|');
    const std::vector<std::string> name = Quoted(cell[0]);
    const std::string type = cell[1].substr(1, cell[1].size() - 2);
    if (type != "gauge" && type != "counter") continue;
    const std::vector<std::string> labels = Quoted(cell[2]);
    EXPECT_TRUE(found.emplace(name.at(0), Documented{type, {labels.begin(), labels.end()}}).second)
        << name[0] << " is documented twice";
  }
  return found;
}

TEST(MetricsCatalogue, NoFamilyIsListedTwice) {
  std::set<std::string_view> names;
  for (const Family& f : AllFamilies()) EXPECT_TRUE(names.insert(f.name).second) << f.name;
}

TEST(MetricsCatalogue, CountersAndOnlyCountersEndInTotal) {
  for (const Family& f : AllFamilies()) {
    EXPECT_EQ(f.type == MetricType::kCounter, f.name.ends_with("_total")) << f.name;
  }
}

TEST(MetricsCatalogue, NamesAreLowerCaseWords) {
  for (const Family& f : AllFamilies()) {
    EXPECT_THAT(std::string(f.name), testing::MatchesRegex("[a-z][a-z0-9_]*[a-z0-9]"));
  }
}

TEST(MetricsCatalogue, HelpIsOneLineOfText) {
  for (const Family& f : AllFamilies()) {
    EXPECT_GT(f.help.size(), 10U) << f.name;
    EXPECT_EQ(f.help.find_first_of("\n\\"), std::string_view::npos) << f.name;
    EXPECT_EQ(f.help.back(), '.') << f.name;
  }
}

TEST(MetricsCatalogue, NoLabelIsOneThatPrometheusOrItsUsersAttach) {
  constexpr std::array<std::string_view, 6> kForbidden = {"type", "service", "cluster",
                                                          "env",  "job",     "instance"};
  for (const Family& f : AllFamilies()) {
    for (const std::string& label : f.all_labels) {
      EXPECT_EQ(std::count(kForbidden.begin(), kForbidden.end(), label), 0) << f.name << label;
    }
  }
}

TEST(MetricsCatalogue, ReferenceListsExactlyTheseFamilies) {
  std::map<std::string, Documented> reference = Reference();
  for (const Family& f : AllFamilies()) {
    const auto found = reference.find(std::string(f.name));
    ASSERT_NE(found, reference.end()) << f.name << " is not in docs/metrics.md";
    EXPECT_EQ(found->second.type, TypeName(f.type)) << f.name;
    EXPECT_EQ(found->second.labels, f.all_labels) << f.name;
    reference.erase(found);
  }
  for (const auto& [name, entry] : reference) ADD_FAILURE() << name << " is documented only";
}

}  // namespace
}  // namespace headroom
