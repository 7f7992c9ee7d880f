#include "collectors/options.h"

#include <fmt/format.h>

#include <algorithm>

#include "collectors/options_text.h"
#include "collectors/suggest.h"

namespace headroom {
namespace {

std::string_view ParentPath(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : path.substr(0, dot);
}

}  // namespace

OptionsReader::OptionsReader(const Value& table, std::string path, Diagnostics& diagnostics)
    : table_(&table),
      path_(std::move(path)),
      diagnostics_(&diagnostics),
      errors_before_(diagnostics.errors()) {}

const Value* OptionsReader::Peek(std::string_view key) const {
  const auto& table = std::get<Value::Table>(table_->data);
  const auto found = std::find_if(table.begin(), table.end(),
                                  [key](const auto& entry) { return entry.key == key; });
  return found == table.end() ? nullptr : &found->value;
}

const Value* OptionsReader::Find(std::string_view key) {
  if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) asked_.emplace_back(key);
  return Peek(key);
}

const Position& OptionsReader::PlaceOf(std::string_view key) const {
  const Value* value = Peek(key);
  return value == nullptr ? table_->position : value->position;
}

std::string OptionsReader::KeyPath(std::string_view key) const {
  if (key.empty()) return path_;
  return path_.empty() ? KeyText(key) : fmt::format("{}.{}", path_, KeyText(key));
}

OptionsReader OptionsReader::Sub(const Value& table, std::string_view key,
                                 std::optional<std::size_t> index) {
  std::string path = KeyPath(key);
  if (index) path += fmt::format("[{}]", *index);
  OptionsReader sub(table, std::move(path), *diagnostics_);
  sub.parent_keys_ = asked_;
  return sub;
}

std::optional<OptionsReader> OptionsReader::Table(std::string_view key) {
  const Value* value = Find(key);
  if (value == nullptr) return std::nullopt;
  if (std::holds_alternative<Value::Table>(value->data)) return Sub(*value, key, std::nullopt);
  const bool doubled = std::holds_alternative<Value::List>(value->data);
  Error(key,
        fmt::format("expected a table, {}, got {}", HeaderText(KeyPath(key)),
                    doubled ? "a list: there is only one, in single brackets" : value->TypeName()));
  return std::nullopt;
}

std::vector<OptionsReader> OptionsReader::Tables(std::string_view key) {
  std::vector<OptionsReader> tables;
  const Value* value = Find(key);
  if (value == nullptr) return tables;
  const std::string header = HeaderText(KeyPath(key) + "[]");
  const auto* list = std::get_if<Value::List>(&value->data);
  if (list == nullptr) {
    const bool single = std::holds_alternative<Value::Table>(value->data);
    Error(key,
          single ? fmt::format("expected {}, in double brackets, or {} = [{{ ... }}]: there may be "
                               "several",
                               header, key)
                 : fmt::format("expected {} tables, or {} = [{{ ... }}], got {}", header, key,
                               value->TypeName()));
    return tables;
  }
  for (std::size_t i = 0; i < list->size(); ++i) {
    const Value& item = (*list)[i];
    if (std::holds_alternative<Value::Table>(item.data)) {
      tables.push_back(Sub(item, key, i));
    } else {
      diagnostics_->Error(item.position, fmt::format("{}[{}]", KeyPath(key), i),
                          fmt::format("expected a table, {{ ... }}, got {}", FoundText(item)));
    }
  }
  return tables;
}

bool OptionsReader::Has(std::string_view key) const { return Peek(key) != nullptr; }

void OptionsReader::Require(std::string_view key) {
  if (Find(key) == nullptr) {
    diagnostics_->Error(table_->position, path_, fmt::format("{} is missing", KeyText(key)));
  }
}

void OptionsReader::Error(std::string_view key, std::string message) {
  diagnostics_->Error(PlaceOf(key), KeyPath(key), std::move(message));
}

void OptionsReader::Warning(std::string_view key, std::string message) {
  diagnostics_->Warning(PlaceOf(key), KeyPath(key), std::move(message));
}

std::string OptionsReader::MisplacedMessage(const Position& place) const {
  const std::string home = HeaderText(ParentPath(path_));
  // Only an inline table shares a line with its keys.
  if (place.line == table_->position.line) {
    return fmt::format("belongs to {}: move it out of this table", home);
  }
  return fmt::format(
      "belongs to {}, but stands after {}, so TOML gives it to that table: move it above", home,
      HeaderText(path_));
}

std::string OptionsReader::UnknownKeyMessage(std::string_view key, const Position& place) const {
  const auto is_asked = [this](std::string_view name) {
    return std::find(asked_.begin(), asked_.end(), name) != asked_.end();
  };
  if (std::find(parent_keys_.begin(), parent_keys_.end(), key) != parent_keys_.end()) {
    return MisplacedMessage(place);
  }
  const std::string file_key = fmt::format("{}_file", key);
  const std::string variable_key = fmt::format("{}_env", key);
  if (is_asked(file_key) && is_asked(variable_key)) {
    return fmt::format(
        "unknown key {}: passwords are not allowed in the configuration, use {} or {}", Quoted(key),
        file_key, variable_key);
  }
  return fmt::format("unknown key {}{}", Quoted(key), DidYouMean(key, asked_));
}

void OptionsReader::Finish() {
  if (finished_) return;
  finished_ = true;
  for (const auto& [key, value] : std::get<Value::Table>(table_->data)) {
    if (std::find(asked_.begin(), asked_.end(), key) != asked_.end()) continue;
    diagnostics_->Error(value.position, KeyPath(key), UnknownKeyMessage(key, value.position));
  }
}

}  // namespace headroom
