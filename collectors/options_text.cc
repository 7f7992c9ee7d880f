#include "collectors/options_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "collectors/environment.h"
#include "collectors/suggest.h"

namespace headroom {

std::string KeyText(std::string_view key) {
  const bool bare = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return c == '-' || IsVariableByte(c);
  });
  return bare ? std::string(key) : Quoted(key);
}

std::string HeaderText(std::string_view path) {
  if (path.empty()) return "the top of the file";
  std::string name;
  bool in_index = false;
  for (const char c : path) {
    if (c == '[') in_index = true;
    if (!in_index) name += c;
    if (c == ']') in_index = false;
  }
  return path.ends_with(']') ? fmt::format("[[{}]]", name) : fmt::format("[{}]", name);
}

std::string FoundText(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value.data)) return Quoted(*text);
  if (const auto* number = std::get_if<std::int64_t>(&value.data)) return fmt::to_string(*number);
  if (const auto* number = std::get_if<double>(&value.data)) return fmt::to_string(*number);
  if (const auto* flag = std::get_if<bool>(&value.data)) return *flag ? "true" : "false";
  return std::string(value.TypeName());
}

std::string DurationExample(const Value& value) {
  if (const auto* seconds = std::get_if<std::int64_t>(&value.data)) {
    if (*seconds > 0 && *seconds <= 86'400) return fmt::format("\"{}s\"", *seconds);
  }
  if (const auto* seconds = std::get_if<double>(&value.data)) {
    if (*seconds >= 0.001 && *seconds <= 86'400.0) {
      const auto meant = std::chrono::milliseconds(std::llround(*seconds * 1000));
      return fmt::format("\"{}\"", FormatDuration(meant));
    }
  }
  return "\"5s\"";
}

}  // namespace headroom
