// Numbers as both servers and libpq write them: a dot whatever the locale, no blanks, no sign "+".
#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace headroom::pq {

// Disengaged unless all of `text` is one number that fits into a T.
template <class T>
std::optional<T> ParseNumber(std::string_view text) {
  T value{};
  const char* const end = text.data() + text.size();
  const auto [last, fault] = std::from_chars(text.data(), end, value);
  if (fault != std::errc() || last != end) return std::nullopt;
  return value;
}

}  // namespace headroom::pq
