// TOML text -> Value. The only place that knows a TOML library.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "collectors/options.h"

namespace headroom {

inline constexpr std::size_t kMaxConfigBytes = std::size_t{1} << 20;
// Brackets within brackets, and dots within one key: no real configuration comes near, and what is
// deeper would use up the stack.
inline constexpr std::size_t kMaxConfigDepth = 32;

// The root table of a TOML 1.0 document; disengaged after an error. `source` is what messages call
// the file. Parsing ends at the first syntax error: what follows one cannot be trusted.
std::optional<Value> ParseToml(std::string_view text, const std::string& source,
                               Diagnostics& diagnostics);

// The same for a file. An unreadable one is an error at its line 1.
std::optional<Value> ReadTomlFile(const std::string& path, Diagnostics& diagnostics);

}  // namespace headroom
