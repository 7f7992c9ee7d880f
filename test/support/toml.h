// Shorthands for tests that read configuration text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/options.h"
#include "exporter/config/toml_value.h"

namespace headroom::test {

inline std::vector<std::string> Messages(const Diagnostics& diagnostics) {
  std::vector<std::string> messages;
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    messages.push_back(diagnostic.ToString());
  }
  return messages;
}

// Precondition: valid TOML.
inline Value Toml(std::string_view text) {
  Diagnostics diagnostics;
  return ParseToml(text, "t.toml", diagnostics).value();
}

}  // namespace headroom::test
