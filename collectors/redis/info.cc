#include "collectors/redis/info.h"

#include <algorithm>
#include <cmath>

#include "collectors/parse_whole.h"

namespace headroom::redis {
namespace {

// Cuts the next piece off `text`, up to `separator` or the end.
std::string_view TakeUntil(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  std::string_view piece = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return piece;
}

}  // namespace

std::optional<double> ParseNumber(std::string_view text) {
  auto value = ParseWhole<double>(text);
  if (!value || !std::isfinite(*value)) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> ParseCount(std::string_view text) {
  return ParseWhole<std::uint64_t>(text);
}

std::map<std::string_view, std::string_view> SplitPairs(std::string_view value) {
  std::map<std::string_view, std::string_view> pairs;
  while (!value.empty()) {
    std::string_view pair = TakeUntil(value, ',');
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    pairs.emplace(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return pairs;
}

Info::Info(std::string_view text) {
  while (!text.empty()) {
    std::string_view line = TakeUntil(text, '\n');
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || line.front() == '#') continue;
    fields_.emplace(line.substr(0, colon), line.substr(colon + 1));
  }
}

std::optional<std::string_view> Info::Text(std::string_view field) const {
  auto found = fields_.find(field);
  if (found == fields_.end()) return std::nullopt;
  return found->second;
}

std::optional<double> Info::Number(std::string_view field) const {
  auto text = Text(field);
  return text ? ParseNumber(*text) : std::nullopt;
}

std::optional<std::uint64_t> Info::Count(std::string_view field) const {
  auto text = Text(field);
  return text ? ParseCount(*text) : std::nullopt;
}

std::vector<std::pair<std::string_view, std::string_view>> Info::Numbered(
    std::string_view prefix) const {
  std::vector<std::pair<std::string_view, std::string_view>> found;
  for (auto it = fields_.lower_bound(prefix); it != fields_.end(); ++it) {
    if (it->first.substr(0, prefix.size()) != prefix) break;
    std::string_view rest = it->first.substr(prefix.size());
    const bool digits =
        std::all_of(rest.begin(), rest.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!rest.empty() && digits) found.emplace_back(*it);
  }
  return found;
}

}  // namespace headroom::redis
