#include "collectors/environment.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "collectors/options.h"

namespace headroom {

bool IsVariableByte(char c) {
  return c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool IsVariableName(std::string_view name) {
  return !name.empty() && !(name.front() >= '0' && name.front() <= '9') &&
         std::all_of(name.begin(), name.end(), IsVariableByte);
}

const char* EnvironmentValue(const std::string& name) {
  return std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): see environment.h
}

std::optional<std::string> ExpandEnvironment(std::string_view text, std::string* error) {
  std::string out;
  while (true) {
    const std::size_t dollar = text.find('$');
    out += text.substr(0, dollar);
    if (dollar == std::string_view::npos) return out;
    text.remove_prefix(dollar + 1);
    if (text.starts_with('$')) {
      out += '$';
      text.remove_prefix(1);
      continue;
    }
    if (!text.starts_with('{')) {
      out += '$';
      continue;
    }
    const std::size_t end = text.find('}');
    const std::string name(text.substr(1, end == std::string_view::npos ? 0 : end - 1));
    if (!IsVariableName(name)) {
      *error =
          "expected the name of an environment variable between \"${\" and \"}\" (a dollar "
          "sign itself is written $$)";
      return std::nullopt;
    }
    const char* value = EnvironmentValue(name);
    if (value == nullptr) {
      *error = fmt::format("the environment variable {} is not set", name);
      return std::nullopt;
    }
    out += value;
    text.remove_prefix(end + 1);
  }
}

}  // namespace headroom
