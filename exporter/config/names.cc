#include "exporter/config/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "collectors/suggest.h"

namespace headroom {
namespace {

// What is wrong with a name, empty when nothing is.
std::string_view NameFault(std::string_view name) {
  if (name.empty()) return "expected a name that is not empty";
  std::size_t characters = 0;
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t length = Utf8SequenceLength(name, at);
    if (length == 0) return "expected valid UTF-8";
    const auto c = static_cast<unsigned char>(name[at]);
    if (c < 0x20 || c == 0x7F) return "expected a name without control characters";
    at += length;
    ++characters;
  }
  return characters > kLongestName ? "expected at most 128 characters" : "";
}

std::string WhereItIs(const Position& place) {
  return place.line == 0 ? place.source
                         : fmt::format("{}:{}:{}", place.source, place.line, place.column);
}

}  // namespace

std::string ReadName(OptionsReader& options) {
  options.Require("name");
  const auto name = options.ExpandedString("name");
  if (!name) return "";
  if (const std::string_view fault = NameFault(*name); !fault.empty()) {
    options.Error("name", std::string(fault));
    return "";
  }
  return *name;
}

bool IsKubernetesLabelValue(std::string_view name) {
  constexpr std::size_t kLongest = 63;
  const auto letter_or_digit = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  if (name.empty() || name.size() > kLongest) return false;
  if (!letter_or_digit(name.front()) || !letter_or_digit(name.back())) return false;
  return std::all_of(name.begin(), name.end(), [&](char c) {
    return letter_or_digit(c) || c == '-' || c == '_' || c == '.';
  });
}

void UniqueNames::Add(const std::string& name, const OptionsReader& options) {
  if (!name.empty()) names_.push_back({name, options.KeyPath("name"), options.PlaceOf("name")});
}

void UniqueNames::Check(Diagnostics& diagnostics) {
  std::stable_sort(names_.begin(), names_.end(), [](const Named& a, const Named& b) {
    return std::pair(a.place.line == 0, a.place.line) < std::pair(b.place.line == 0, b.place.line);
  });
  std::map<std::string_view, const Named*> first;
  for (const Named& named : names_) {
    const auto [entry, added] = first.emplace(named.name, &named);
    if (added) continue;
    diagnostics.Error(
        named.place, named.key,
        fmt::format("the name {} is taken by the {} at {}; names are unique{}", Quoted(named.name),
                    noun_, WhereItIs(entry->second->place), where_));
  }
}

}  // namespace headroom
