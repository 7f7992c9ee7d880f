// Label hygiene: whatever the bytes of a name, the page stays readable and names stay distinct.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "exporter/exposition/labels.h"

namespace {

using headroom::AppendEscaped;
using headroom::CleanLabelValue;
using headroom::CleanQueueName;
using headroom::IsCleanLabelValue;

void Check(bool holds) {
  if (!holds) std::abort();
}

// What Prometheus makes of the text between the quotes; it must not hold a bare quote or line feed.
std::string Unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    Check(text[i] != '"' && text[i] != '\n');
    if (text[i] == '\\') {
      Check(++i < text.size());
      Check(text[i] == '\\' || text[i] == '"' || text[i] == 'n');
      out += text[i] == 'n' ? '\n' : text[i];
    } else {
      out += text[i];
    }
  }
  return out;
}

// Decodes by arithmetic, apart from the table in the code under test.
bool IsUtf8(std::string_view s) {
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  for (std::size_t i = 0; i < s.size();) {
    const auto lead = static_cast<unsigned char>(s[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if ((lead >= 0x80 && lead < 0xC0) || lead >= 0xF8 || i + length > s.size()) return false;
    char32_t code = length == 1 ? lead : lead & (0xFFU >> (length + 1));
    for (std::size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(s[i + k]);
      if ((next & 0xC0U) != 0x80U) return false;
      code = (code << 6U) | (next & 0x3FU);
    }
    if (code < kSmallest[length] || code > 0x10FFFF) return false;
    if (code >= 0xD800 && code < 0xE000) return false;
    i += length;
  }
  return true;
}

std::string CheckOne(std::string_view raw) {
  std::string clean = CleanLabelValue(raw);
  Check(IsUtf8(clean));
  Check(clean.size() <= headroom::kMaxLabelBytes);
  Check(CleanLabelValue(clean) == clean);
  const bool needs_nothing = IsUtf8(raw) && raw.size() <= headroom::kMaxLabelBytes;
  Check(IsCleanLabelValue(raw) == needs_nothing);
  Check((clean == raw) == needs_nothing);
  std::string escaped;
  AppendEscaped(escaped, clean);
  Check(Unescape(escaped) == clean);
  Check(CleanQueueName(raw) != headroom::kOtherQueue);
  return clean;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string whole(data, data + size);
  CheckOne(whole);
  const std::string first = whole.substr(0, size / 2);
  const std::string second = whole.substr(size / 2);
  const std::string clean_first = CheckOne(first);
  const std::string clean_second = CheckOne(second);
  // Two names become one only where one of them is, byte for byte, the cleaned form of the other.
  if (first != second && first != clean_second && second != clean_first) {
    Check(clean_first != clean_second);
  }
  return 0;
}
