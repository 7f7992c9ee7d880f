// ParseWhole: a text that is one number and nothing else, as programs write it: a dot whatever the
// locale, no blanks, no sign "+".
#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace headroom {

// Disengaged unless all of `text` is one number that fits into a T. A signed T takes a minus, a
// floating one also "inf" and "nan".
template <class T>
std::optional<T> ParseWhole(std::string_view text) {
  T value{};
  const char* const end = text.data() + text.size();
  const auto [last, fault] = std::from_chars(text.data(), end, value);
  if (fault != std::errc() || last != end) return std::nullopt;
  return value;
}

}  // namespace headroom
