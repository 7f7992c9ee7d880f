#include "exporter/exposition/text_writer.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>

#include "exporter/exposition/labels.h"

namespace headroom {
namespace {

constexpr double kLargestExactInteger = 9007199254740992.0;  // 2^53
// The longest: -1.7976931348623157e+308 (24), 18446744073709551615 (20).
constexpr std::size_t kMaxNumberBytes = 32;

template <class T>
void AppendChars(std::string& out, T value) {
  char buffer[kMaxNumberBytes];
  const std::to_chars_result result = std::to_chars(buffer, buffer + sizeof buffer, value);
  out.append(buffer, result.ptr);
}

void AppendDouble(std::string& out, double value) {
  if (std::abs(value) <= kLargestExactInteger && std::trunc(value) == value) {
    AppendChars(out, static_cast<std::int64_t>(value));
  } else {
    AppendChars(out, value);
  }
}

}  // namespace

bool IsWritable(Number value) {
  const double* real = std::get_if<double>(&value);
  return real == nullptr || std::isfinite(*real);
}

void AppendNumber(std::string& out, Number value) {
  if (const auto* whole = std::get_if<std::uint64_t>(&value)) {
    AppendChars(out, *whole);
  } else {
    AppendDouble(out, *std::get_if<double>(&value));
  }
}

void BlockBuilder::Begin(const FamilyDesc& family) {
  const std::size_t at = blocks_.text.size();
  blocks_.families.push_back({family.name, family.help, family.type, at, at});
}

void BlockBuilder::Add(std::string_view labels, std::span<const ExtraLabel> extra, Number value) {
  if (!IsWritable(value)) return;
  std::string& out = blocks_.text;
  out += blocks_.families.back().name;
  char separator = '{';
  if (!labels.empty()) {
    out += separator;
    out += labels;
    separator = ',';
  }
  for (const ExtraLabel& label : extra) {
    if (label.name.empty()) continue;
    out += separator;
    out += label.name;
    out += "=\"";
    AppendEscaped(out, label.value);
    out += '"';
    separator = ',';
  }
  if (separator == ',') out += '}';
  out += ' ';
  AppendNumber(out, value);
  out += '\n';
  ++blocks_.series;
}

void BlockBuilder::End() {
  FamilyBlock& family = blocks_.families.back();
  family.end = blocks_.text.size();
  if (family.begin == family.end) blocks_.families.pop_back();
}

Blocks BlockBuilder::Take() && {
  std::sort(blocks_.families.begin(), blocks_.families.end(),
            [](const FamilyBlock& a, const FamilyBlock& b) { return a.name < b.name; });
  return std::move(blocks_);
}

}  // namespace headroom
