// A look at TOML text before it is parsed, for what toml++ 3.3 does not bear (found by fuzzing): it
// bounds nested values but not the dots of a key, and builds and frees tables recursively.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headroom {

struct TomlFault {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  std::string message;
};

// The first place with more than `max_depth` open brackets or a key of more than `max_depth` dots.
// Sees strings and comments as TOML does up to the first syntax error, which is as far as the
// parser reads.
std::optional<TomlFault> CheckBeforeParsing(std::string_view text, std::size_t max_depth);

}  // namespace headroom
