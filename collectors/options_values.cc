// OptionsReader: the values of keys.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "collectors/environment.h"
#include "collectors/options.h"
#include "collectors/options_text.h"
#include "collectors/suggest.h"

namespace headroom {
namespace {

template <class T>
std::string Range(const T& min, const T& max) {
  return fmt::format("from {} to {}", min, max);
}

}  // namespace

void OptionsReader::Mismatch(std::string_view key, std::string_view expected, const Value& got) {
  diagnostics_->Error(got.position, KeyPath(key),
                      fmt::format("expected {}, got {}", expected, got.TypeName()));
}

template <class T>
const T* OptionsReader::Typed(std::string_view key, std::string_view expected) {
  const Value* value = Find(key);
  if (value == nullptr) return nullptr;
  const T* typed = std::get_if<T>(&value->data);
  if (typed == nullptr) Mismatch(key, expected, *value);
  return typed;
}

void OptionsReader::WarnOfVariable(std::string_view text, const Position& place,
                                   const std::string& path) {
  if (text.find("${") == std::string_view::npos) return;
  diagnostics_->Warning(
      place, path,
      "holds \"${\", which is taken as it stands: variables are replaced in name, "
      "url, prometheus_urls and dsn only");
}

std::optional<std::string> OptionsReader::String(std::string_view key) {
  const auto* text = Typed<std::string>(key, "a string");
  if (text == nullptr) return std::nullopt;
  WarnOfVariable(*text, PlaceOf(key), KeyPath(key));
  return *text;
}

std::optional<std::string> OptionsReader::ExpandedString(std::string_view key) {
  const auto* text = Typed<std::string>(key, "a string");
  if (text == nullptr) return std::nullopt;
  std::string error;
  std::optional<std::string> expanded = ExpandEnvironment(*text, &error);
  if (!expanded) Error(key, std::move(error));
  return expanded;
}

std::string OptionsReader::Name(std::string_view key) {
  std::optional<std::string> text = String(key);
  if (text && text->empty()) Error(key, "must not be empty");
  return text ? *std::move(text) : std::string();
}

std::optional<bool> OptionsReader::Bool(std::string_view key) {
  const Value* value = Find(key);
  if (value == nullptr) return std::nullopt;
  if (const auto* flag = std::get_if<bool>(&value->data)) return *flag;
  Error(key, fmt::format("expected true or false without quotes, got {}", FoundText(*value)));
  return std::nullopt;
}

std::optional<std::int64_t> OptionsReader::Integer(std::string_view key, std::int64_t min,
                                                   std::int64_t max) {
  const Value* value = Find(key);
  if (value == nullptr) return std::nullopt;
  const auto* number = std::get_if<std::int64_t>(&value->data);
  if (number != nullptr && *number >= min && *number <= max) return *number;
  Error(key, fmt::format("expected an integer {}, got {}", Range(min, max), FoundText(*value)));
  return std::nullopt;
}

std::optional<double> OptionsReader::Number(std::string_view key, double min, double max) {
  const Value* value = Find(key);
  if (value == nullptr) return std::nullopt;
  std::optional<double> number;
  if (const auto* real = std::get_if<double>(&value->data)) number = *real;
  if (const auto* whole = std::get_if<std::int64_t>(&value->data)) {
    number = static_cast<double>(*whole);
  }
  // Written so that a NaN is refused.
  if (number && *number >= min && *number <= max) return number;
  Error(key, fmt::format("expected a number {}, got {}", Range(min, max), FoundText(*value)));
  return std::nullopt;
}

std::optional<Duration> OptionsReader::DurationAtLeast(std::string_view key, Duration min) {
  return DurationBetween(key, min, kLongestDuration);
}

std::optional<Duration> OptionsReader::DurationBetween(std::string_view key, Duration min,
                                                       Duration max) {
  const Value* value = Find(key);
  if (value == nullptr) return std::nullopt;
  const auto* text = std::get_if<std::string>(&value->data);
  const std::optional<Duration> parsed = text == nullptr ? std::nullopt : ParseDuration(*text);
  if (!parsed) {
    Error(key, fmt::format("expected a duration such as {}, got {}{}", DurationExample(*value),
                           FoundText(*value),
                           text == nullptr ? "" : " (whole numbers of d, h, m, s and ms)"));
    return std::nullopt;
  }
  if (*parsed >= min && *parsed <= max) return parsed;
  const std::string bounds = max == kLongestDuration
                                 ? fmt::format("of at least {}", FormatDuration(min))
                                 : Range(FormatDuration(min), FormatDuration(max));
  Error(key, fmt::format("expected a duration {}, got {}", bounds, FoundText(*value)));
  return std::nullopt;
}

std::optional<WrittenDateTime> OptionsReader::DateTime(std::string_view key) {
  const Value* value = Find(key);
  if (value == nullptr) return std::nullopt;
  if (const auto* time = std::get_if<WrittenDateTime>(&value->data)) return *time;
  Error(key, fmt::format("expected a date-time without quotes, such as 2026-11-27T09:00:00 or "
                         "2026-11-27T09:00:00+09:00, got {}",
                         FoundText(*value)));
  return std::nullopt;
}

std::optional<std::string> OptionsReader::OneOf(std::string_view key,
                                                std::initializer_list<std::string_view> allowed) {
  const Value* value = Find(key);
  if (value == nullptr) return std::nullopt;
  const auto* text = std::get_if<std::string>(&value->data);
  if (text != nullptr && std::find(allowed.begin(), allowed.end(), *text) != allowed.end()) {
    return *text;
  }
  std::vector<std::string> quoted;
  for (const std::string_view word : allowed) quoted.push_back(Quoted(word));
  Error(key, fmt::format("expected {}, got {}", fmt::join(quoted, " or "), FoundText(*value)));
  return std::nullopt;
}

std::vector<std::string> OptionsReader::ReadStrings(std::string_view key, ListOf what) {
  std::vector<std::string> strings;
  const auto* list = Typed<Value::List>(key, "a list of strings such as [\"a\", \"b\"]");
  if (list == nullptr) return strings;
  std::unordered_set<std::string_view> seen;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const Value& item = (*list)[i];
    const std::string path = fmt::format("{}[{}]", KeyPath(key), i);
    const auto* text = std::get_if<std::string>(&item.data);
    if (text == nullptr) {
      diagnostics_->Error(item.position, path,
                          fmt::format("expected a string, got {}", FoundText(item)));
    } else if (text->empty()) {
      diagnostics_->Error(item.position, path, "expected a string that is not empty");
    } else if (!seen.insert(*text).second && what != ListOf::kRepeatable) {
      diagnostics_->Error(item.position, path, fmt::format("{} is listed twice", Quoted(*text)));
    } else if (what == ListOf::kExpanded) {
      std::string error;
      std::optional<std::string> expanded = ExpandEnvironment(*text, &error);
      if (!expanded) diagnostics_->Error(item.position, path, std::move(error));
      if (expanded) strings.push_back(*std::move(expanded));
    } else {
      WarnOfVariable(*text, item.position, path);
      strings.push_back(*text);
    }
  }
  return strings;
}

std::vector<std::string> OptionsReader::Strings(std::string_view key) {
  return ReadStrings(key, ListOf::kNames);
}

std::vector<std::string> OptionsReader::ExpandedStrings(std::string_view key) {
  return ReadStrings(key, ListOf::kExpanded);
}

std::vector<std::string> OptionsReader::RepeatableStrings(std::string_view key) {
  return ReadStrings(key, ListOf::kRepeatable);
}

SecretSource OptionsReader::SecretFrom(std::string_view prefix) {
  const std::string file_key = fmt::format("{}_file", prefix);
  const std::string variable_key = fmt::format("{}_env", prefix);
  // No message here quotes a value: people write the password itself into the wrong key.
  const auto* file = Typed<std::string>(file_key, "the path of a file, as a string");
  const auto* variable =
      Typed<std::string>(variable_key, "the name of an environment variable, as a string");
  if (Has(file_key) && Has(variable_key)) {
    Error(variable_key, fmt::format("give either {} or {}, not both", file_key, variable_key));
    return {};
  }
  if (file != nullptr) {
    WarnOfVariable(*file, PlaceOf(file_key), KeyPath(file_key));
    if (!file->empty()) return {SecretSource::From::kFile, *file, Secret()};
    Error(file_key, "expected the path of a file, got an empty string");
  }
  if (variable != nullptr) {
    const char* value = IsVariableName(*variable) ? EnvironmentValue(*variable) : nullptr;
    if (value != nullptr && *value != '\0') {
      return {SecretSource::From::kEnvironment, *variable, Secret()};
    }
    Error(variable_key, value == nullptr
                            ? "names an environment variable that is not set (the key takes the "
                              "variable's name, not the secret itself)"
                            : "names an environment variable that is empty");
  }
  return {};
}

bool OptionsReader::MayHoldPassword(std::string_view key, const SecretSource& other) {
  if (other.from != SecretSource::From::kNone) {
    Error(key, "holds a password, and password_file or password_env gives another; keep one");
    return false;
  }
  Warning(key,
          "holds a password, which whoever reads this configuration can see; prefer "
          "password_file");
  return true;
}

}  // namespace headroom
