// The text that INFO answers, as fields. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace headroom::redis {

// Views into the text, which must outlive it. Lines are "name:value" under "# Section" headings;
// the order and the set of fields differ between versions, so everything is looked up by name.
class Info {
 public:
  explicit Info(std::string_view text);

  // Disengaged: the server did not say. An empty value counts as said.
  std::optional<std::string_view> Text(std::string_view field) const;
  // Disengaged also when the value is not a finite number.
  std::optional<double> Number(std::string_view field) const;
  std::optional<std::uint64_t> Count(std::string_view field) const;
  // Fields named `prefix` and then only digits ("db0", "slave1"), in the order of their names.
  std::vector<std::pair<std::string_view, std::string_view>> Numbered(
      std::string_view prefix) const;

 private:
  std::map<std::string_view, std::string_view> fields_;
};

// A value such as "keys=2,expires=1,avg_ttl=0" as fields of its own.
std::map<std::string_view, std::string_view> SplitPairs(std::string_view value);

std::optional<double> ParseNumber(std::string_view text);
std::optional<std::uint64_t> ParseCount(std::string_view text);

}  // namespace headroom::redis
