// What the tests of ParseConfig share: a configuration of made-up systems, read.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/config/config.h"
#include "test/support/fake_types.h"
#include "test/support/toml.h"

namespace headroom::test::config {

struct Outcome {
  std::optional<Config> config;
  std::vector<std::string> messages;
};

inline Outcome Parse(std::string_view text) {
  Diagnostics diagnostics;
  const std::optional<Value> root = ParseToml(text, "t.toml", diagnostics);
  Outcome outcome;
  if (root) outcome.config = ParseConfig(*root, FakeTypes(), diagnostics);
  outcome.messages = Messages(diagnostics);
  EXPECT_EQ(outcome.config.has_value(), diagnostics.ok());
  return outcome;
}

inline std::vector<std::string> Mistakes(std::string_view text) { return Parse(text).messages; }

}  // namespace headroom::test::config
