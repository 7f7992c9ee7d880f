// Words for messages about configuration: "did you mean", and text made safe to print.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "collectors/utf8.h"  // IWYU pragma: export

namespace headroom {

// The candidate that `word` is most likely a mistyping of: at most a third of its letters wrong
// (inserted, left out, changed, or two neighbours swapped), else none.
std::optional<std::string> Suggest(std::string_view word, std::span<const std::string> candidates);

// ": did you mean \"lists\"?", or nothing when there is no such candidate.
std::string DidYouMean(std::string_view word, std::span<const std::string> candidates);

// `text` with control characters and bytes that are not UTF-8 as \xNN: one line, whatever it holds.
std::string Printable(std::string_view text);

// The same between double quotes, with quotes and backslashes escaped, cut after 60 bytes.
std::string Quoted(std::string_view text);

}  // namespace headroom
