#include "collectors/rabbitmq/exposition_scanner.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>

namespace headroom::rabbitmq {
namespace {

using Kind = ExpositionLine::Kind;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsMetricName(std::string_view name) {
  return !name.empty() && !IsDigit(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
                  c == ':';
         });
}

bool IsType(std::string_view word) {
  return word == "gauge" || word == "counter" || word == "untyped" || word == "summary" ||
         word == "histogram";
}

// The name, and the rest without the space between the two.
std::string_view TakeWord(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

void TrimLeft(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
}

template <class T>
bool TakeNumber(std::string_view& text, T& value) {
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
  return true;
}

// The common case: a whole number that a double holds exactly.
bool TakeShortCount(std::string_view text, double& value) {
  constexpr std::size_t kExactDigits = 15;
  if (text.empty() || text.size() > kExactDigits) return false;
  std::int64_t count = 0;
  for (const char c : text) {
    if (!IsDigit(c)) return false;
    count = count * 10 + (c - '0');
  }
  value = static_cast<double>(count);
  return true;
}

}  // namespace

ExpositionLine ExpositionScanner::Next() {
  while (!rest_.empty()) {
    const std::string_view line = TakeLine();
    if (line.starts_with('#')) {
      const bool help = help_may_follow_ && line.starts_with("# HELP ") &&
                        line.substr(7).starts_with(family_) &&
                        line.substr(7 + family_.size()).starts_with(' ');
      help_may_follow_ = false;
      if (help) continue;
      return TakeComment(line);
    }
    help_may_follow_ = false;
    if (line.empty() && rest_.empty()) break;
    return TakeSample(line);
  }
  return {};
}

std::string_view ExpositionScanner::TakeLine() {
  ++line_number_;
  const std::size_t end = rest_.find('\n');
  const std::string_view line = rest_.substr(0, end);
  rest_.remove_prefix(std::min(line.size() + 1, rest_.size()));
  return line;
}

ExpositionLine ExpositionScanner::TakeSample(std::string_view line) const {
  // Nearly every line names the family of its block: no search for the end of the name then.
  const bool usual = line.starts_with(family_) && line.substr(family_.size()).starts_with('{');
  const std::size_t name_end =
      usual ? family_.size() : std::min(line.find_first_of("{ "), line.size());
  ExpositionLine found;
  found.kind = BelongsHere(line.substr(0, name_end)) ? Kind::kSample : Kind::kStray;
  const std::size_t open = usual ? name_end : line.find('{', name_end);
  if (open == std::string_view::npos) {
    found.tail = line.substr(name_end);
    return found;
  }
  const std::size_t close = line.rfind('}');
  const bool closed = close != std::string_view::npos && close > open;
  found.labels = line.substr(open + 1, closed ? close - open - 1 : std::string_view::npos);
  if (closed) found.tail = line.substr(close + 1);
  return found;
}

ExpositionLine ExpositionScanner::TakeComment(std::string_view line) {
  constexpr std::string_view kType = "# TYPE ";
  ExpositionLine found;
  found.kind = Kind::kStray;
  if (!line.starts_with(kType)) return found;
  std::string_view rest = line.substr(kType.size());
  const std::string_view name = TakeWord(rest);
  if (!IsMetricName(name) || !IsType(rest)) return found;
  family_ = name;
  has_suffixes_ = rest == "summary" || rest == "histogram";
  help_may_follow_ = true;
  found.kind = Kind::kFamily;
  found.name = name;
  return found;
}

bool ExpositionScanner::BelongsHere(std::string_view name) const {
  if (family_.empty() || !name.starts_with(family_)) return false;
  const std::string_view suffix = name.substr(family_.size());
  return suffix.empty() ||
         (has_suffixes_ && (suffix == "_count" || suffix == "_sum" || suffix == "_bucket"));
}

std::optional<double> ParseSampleValue(std::string_view tail) {
  if (!tail.starts_with(' ') && !tail.starts_with('\t')) return std::nullopt;
  TrimLeft(tail);
  double value = 0;
  if (TakeShortCount(tail, value)) return value;
  if (tail.starts_with('+')) {  // from_chars takes none
    tail.remove_prefix(1);
    if (tail.starts_with('-')) return std::nullopt;
  }
  if (!TakeNumber(tail, value)) return std::nullopt;
  if (tail.empty()) return value;
  if (!tail.starts_with(' ') && !tail.starts_with('\t')) return std::nullopt;
  TrimLeft(tail);
  std::int64_t timestamp = 0;
  if (!tail.empty() && !TakeNumber(tail, timestamp)) return std::nullopt;
  TrimLeft(tail);
  if (!tail.empty()) return std::nullopt;
  return value;
}

}  // namespace headroom::rabbitmq
