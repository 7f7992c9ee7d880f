#include "collectors/utf8.h"

namespace headroom {
namespace {

bool IsContinuation(std::string_view text, std::size_t at, unsigned char low, unsigned char high) {
  if (at >= text.size()) return false;
  const auto c = static_cast<unsigned char>(text[at]);
  return c >= low && c <= high;
}

}  // namespace

// The table of well-formed sequences: The Unicode Standard 15.0, table 3-7.
std::size_t Utf8SequenceLength(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (lead == 0xE0) low = 0xA0;
  if (lead == 0xED) high = 0x9F;
  if (lead == 0xF0) low = 0x90;
  if (lead == 0xF4) high = 0x8F;
  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (!IsContinuation(text, at + 1, low, high)) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (!IsContinuation(text, at + i, 0x80, 0xBF)) return 0;
  }
  return length;
}

std::string ReplaceInvalidUtf8(std::string_view raw) {
  std::string out;
  for (std::size_t i = 0; i < raw.size();) {
    const std::size_t length = Utf8SequenceLength(raw, i);
    out += length == 0 ? kReplacementCharacter : raw.substr(i, length);
    i += length == 0 ? 1 : length;
  }
  return out;
}

}  // namespace headroom
