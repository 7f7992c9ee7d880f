// UTF-8: what is valid of a text that somebody else wrote. Plain functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace headroom {

// Bytes of the code point at text[at]; 0 when there is no valid one (RFC 3629: no overlong forms,
// no surrogates, nothing above U+10FFFF). Precondition: at < text.size().
std::size_t Utf8SequenceLength(std::string_view text, std::size_t at);

// U+FFFD, which stands for a byte that is not valid.
inline constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";

// Each invalid byte becomes U+FFFD. For texts that people read; names on the page need more
// (exporter/exposition/labels.h).
std::string ReplaceInvalidUtf8(std::string_view raw);

}  // namespace headroom
