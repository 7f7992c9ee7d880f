#include "exporter/exposition/labels.h"

#include <cstdint>
#include <cstring>

namespace headroom {
namespace {

constexpr std::size_t kSuffixBytes = 1 + 16;

unsigned ByteAt(std::string_view s, std::size_t i) { return static_cast<unsigned char>(s[i]); }

// How many leading bytes are ASCII, found eight at a time.
std::size_t AsciiPrefix(std::string_view s) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080U;
  std::size_t i = 0;
  for (std::uint64_t word = 0; i + sizeof word <= s.size(); i += sizeof word) {
    std::memcpy(&word, s.data() + i, sizeof word);
    if ((word & kHighBits) != 0) break;
  }
  while (i < s.size() && ByteAt(s, i) < 0x80) ++i;
  return i;
}

void AppendHashSuffix(std::string& out, std::string_view raw) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (std::size_t i = 0; i < raw.size(); ++i) hash = (hash ^ ByteAt(raw, i)) * 0x100000001B3U;
  out += '~';
  for (unsigned shift = 64; shift > 0; shift -= 4) {
    out += "0123456789abcdef"[(hash >> (shift - 4)) & 0xFU];
  }
}

std::string Changed(std::string_view raw) {
  std::string out;
  for (std::size_t i = 0; i < raw.size();) {
    const std::size_t length = Utf8SequenceLength(raw, i);
    const std::string_view piece = length == 0 ? kReplacementCharacter : raw.substr(i, length);
    if (out.size() + piece.size() + kSuffixBytes > kMaxLabelBytes) break;
    out += piece;
    i += length == 0 ? 1 : length;
  }
  AppendHashSuffix(out, raw);
  return out;
}

}  // namespace

bool IsCleanLabelValue(std::string_view raw) {
  if (raw.size() > kMaxLabelBytes) return false;
  for (std::size_t i = AsciiPrefix(raw); i < raw.size();) {
    const std::size_t length = Utf8SequenceLength(raw, i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

std::string CleanLabelValue(std::string_view raw) {
  return IsCleanLabelValue(raw) ? std::string(raw) : Changed(raw);
}

std::string CleanQueueName(std::string_view raw) {
  return raw == kOtherQueue ? Changed(raw) : CleanLabelValue(raw);
}

void AppendEscaped(std::string& out, std::string_view value) {
  std::size_t from = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (c != '\\' && c != '"' && c != '\n') continue;
    out.append(value, from, i - from);
    out += '\\';
    out += c == '\n' ? 'n' : c;
    from = i + 1;
  }
  out.append(value, from);
}

void AppendLabel(std::string& out, std::string_view name, std::string_view value) {
  if (!out.empty()) out += ',';
  out += name;
  out += "=\"";
  AppendEscaped(out, value);
  out += '"';
}

std::string TargetLabels(std::string_view target, std::string_view system) {
  std::string labels;
  AppendLabel(labels, "target", CleanLabelValue(target));
  AppendLabel(labels, "system", CleanLabelValue(system));
  return labels;
}

std::string_view LabelCleaner::Clean(std::string_view raw) {
  return IsCleanLabelValue(raw) ? raw : changed_.emplace_back(Changed(raw));
}

std::string_view LabelCleaner::CleanQueue(std::string_view raw) {
  return raw == kOtherQueue ? changed_.emplace_back(Changed(raw)) : Clean(raw);
}

}  // namespace headroom
