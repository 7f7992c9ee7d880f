#include "exporter/config/flag_targets.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace headroom {
namespace {

using Form = CollectorFlag::Form;

bool HoldsUrls(const CollectorFlag& flag) { return flag.form == Form::kUrl || flag.urls; }

// A value and where it was given.
struct Given {
  std::vector<std::string> values;
  Position place;
  bool on_command_line = false;
};

std::vector<std::string> SplitAtCommas(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view part = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (!part.empty()) parts.emplace_back(part);
  }
  return parts;
}

// A URL of the configuration gets its ${VARIABLES} replaced; one from elsewhere is meant literally.
std::string WithoutVariables(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '$') out += '$';
    out += c;
  }
  return out;
}

Value Text(std::string text, const Position& place) {
  Value value;
  value.data = std::move(text);
  value.position = place;
  return value;
}

Value ToValue(const CollectorFlag& flag, const Given& given) {
  const auto text = [&](const std::string& written) {
    return Text(HoldsUrls(flag) ? WithoutVariables(written) : written, given.place);
  };
  if (flag.form != Form::kStrings) return text(given.values.front());
  Value::List list;
  for (const std::string& value : given.values) list.push_back(text(value));
  Value value;
  value.data = std::move(list);
  value.position = given.place;
  return value;
}

// What was given for one key: by flag, else by variable.
std::optional<Given> Find(const CollectorType& type, const CollectorFlag& flag,
                          const GivenFlags& given, const EnvironmentLookup& environment) {
  if (!flag.flag.empty()) {
    const std::string name = FlagName(type, flag);
    std::vector<std::string> values = given(name);
    if (!values.empty()) return Given{std::move(values), {name, 0, 0}, true};
  }
  if (flag.variable.empty()) return std::nullopt;
  const std::string name(flag.variable);
  const std::optional<std::string> value = environment(name);
  if (!value || value->empty()) return std::nullopt;
  if (flag.form == Form::kSecret) return Given{{name}, {name, 0, 0}, false};
  if (flag.form != Form::kStrings) return Given{{*value}, {name, 0, 0}, false};
  std::vector<std::string> parts = SplitAtCommas(*value);
  if (parts.empty()) return std::nullopt;
  return Given{std::move(parts), {name, 0, 0}, false};
}

// "--redis.url or HEADROOM_REDIS_URL"
std::string WaysToGive(const CollectorType& type, const CollectorFlag& flag) {
  if (flag.variable.empty()) return FlagName(type, flag);
  return fmt::format("{} or {}", FlagName(type, flag), flag.variable);
}

std::optional<std::string> PasswordInArgv(const CollectorFlag& flag, const Given& given) {
  if (!HoldsUrls(flag) || !given.on_command_line) return std::nullopt;
  if (std::none_of(given.values.begin(), given.values.end(), HoldsPassword)) return std::nullopt;
  return fmt::format(
      "{}: holds a password, and argv is visible to every user of the machine: use {} or a "
      "password file",
      given.place.source, flag.variable);
}

std::optional<std::string> ReadOne(const CollectorType& type, const GivenFlags& given,
                                   const EnvironmentLookup& environment,
                                   std::vector<FlagTarget>& targets) {
  const auto url_flag = std::find_if(type.flags.begin(), type.flags.end(),
                                     [](const auto& flag) { return flag.form == Form::kUrl; });
  if (url_flag == type.flags.end()) return std::nullopt;
  const std::optional<Given> url = Find(type, *url_flag, given, environment);
  FlagTarget target{std::string(type.system), Value()};
  Value::Table table;
  for (const CollectorFlag& flag : type.flags) {
    const std::optional<Given> found = Find(type, flag, given, environment);
    if (!found) continue;
    if (auto wrong = PasswordInArgv(flag, *found)) return wrong;
    // A password without a URL says nothing: a config file may well name the same variable.
    const bool by_flag = found->place.source.starts_with("--");
    if (!url && (by_flag || flag.form == Form::kStrings)) {
      return fmt::format("{} needs {}", found->place.source, WaysToGive(type, *url_flag));
    }
    table.push_back({std::string(flag.key), ToValue(flag, *found)});
  }
  if (!url) return std::nullopt;
  table.push_back({"name", Text(target.system, url->place)});
  target.table.data = std::move(table);
  target.table.position = url->place;
  targets.push_back(std::move(target));
  return std::nullopt;
}

// With %XX replaced, only to be looked at: to libpq "pass%77ord" is "password".
std::string Decoded(std::string_view url) {
  std::string text;
  for (std::size_t i = 0; i < url.size(); ++i) {
    unsigned char byte = 0;
    const std::string_view digits = url[i] == '%' ? url.substr(i + 1, 2) : std::string_view();
    const char* const end = digits.data() + digits.size();
    if (digits.size() == 2 && std::from_chars(digits.data(), end, byte, 16).ptr == end) {
      text += static_cast<char>(byte);
      i += 2;
    } else {
      text += url[i];
    }
  }
  return text;
}

// As a parameter of a URL, or as a word of libpq's: "password=x", "password = x".
bool NamesPassword(std::string_view url) {
  constexpr std::string_view kWord = "password";
  for (std::size_t at = url.find(kWord); at != std::string_view::npos; at = url.find(kWord, at)) {
    at += kWord.size();
    const std::size_t sign = url.find_first_not_of(" \t\n\r\f\v", at);
    if (sign != std::string_view::npos && url[sign] == '=') return true;
  }
  return false;
}

}  // namespace

std::string FlagName(const CollectorType& type, const CollectorFlag& flag) {
  return fmt::format("--{}.{}", type.system, flag.flag);
}

bool HoldsPassword(std::string_view url) {
  if (NamesPassword(Decoded(url))) return true;
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  // Up to the last "@", wherever it stands: a password may hold any other sign unescaped.
  const std::string_view user =
      url.substr(0, url.rfind('@') == std::string_view::npos ? 0 : url.rfind('@'));
  const std::size_t colon = user.find(':');
  return colon != std::string_view::npos && colon + 1 < user.size();
}

std::optional<std::string> ReadFlagTargets(std::span<const CollectorType> types,
                                           const GivenFlags& given,
                                           const EnvironmentLookup& environment,
                                           std::vector<FlagTarget>& targets) {
  for (const CollectorType& type : types) {
    if (auto wrong = ReadOne(type, given, environment, targets)) return wrong;
  }
  return std::nullopt;
}

}  // namespace headroom
