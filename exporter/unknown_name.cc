#include "exporter/unknown_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "collectors/suggest.h"

namespace headroom {
namespace {

constexpr std::size_t kMostNames = 20;

}  // namespace

std::string UnknownName(std::string_view noun, std::string_view name,
                        std::span<const std::string> known) {
  std::string text = fmt::format("there is no {} {} in the configuration", noun, Quoted(name));
  if (const std::string meant = DidYouMean(name, known); !meant.empty()) return text + meant;
  if (known.empty()) return text + ": it has none";
  std::vector<std::string> names;
  for (const std::string& one : known.first(std::min(known.size(), kMostNames))) {
    names.push_back(Quoted(one));
  }
  if (known.size() > kMostNames) names.emplace_back("...");
  return fmt::format("{}; those that it has: {}", text, fmt::join(names, ", "));
}

}  // namespace headroom
