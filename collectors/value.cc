// Value, Diagnostic and Diagnostics of options.h.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "collectors/options.h"

namespace headroom {
namespace {

bool SameTables(const Value::Table& a, const Value::Table& b) {
  if (a.size() != b.size()) return false;
  return std::all_of(a.begin(), a.end(), [&b](const auto& entry) {
    const auto other =
        std::find_if(b.begin(), b.end(), [&entry](const auto& e) { return e.key == entry.key; });
    return other != b.end() && entry.value.SameAs(other->value);
  });
}

}  // namespace

std::string Diagnostic::ToString() const {
  const std::string_view warning = severity == Severity::kWarning ? "warning: " : "";
  if (position.line > 0) {
    return fmt::format("{}:{}:{}: {}{}{}{}", position.source, position.line, position.column,
                       warning, key, key.empty() ? "" : ": ", message);
  }
  if (!position.source.empty()) return fmt::format("{}: {}{}", position.source, warning, message);
  return fmt::format("{}{}{}{}", warning, key, key.empty() ? "" : ": ", message);
}

void Diagnostics::Error(const Position& position, std::string key, std::string message) {
  all_.push_back({Diagnostic::Severity::kError, position, std::move(key), std::move(message)});
  ++errors_;
}

void Diagnostics::Warning(const Position& position, std::string key, std::string message) {
  all_.push_back({Diagnostic::Severity::kWarning, position, std::move(key), std::move(message)});
}

void Diagnostics::Sort() {
  std::stable_sort(all_.begin(), all_.end(), [](const Diagnostic& a, const Diagnostic& b) {
    const auto place = [](const Diagnostic& d) {
      return std::tuple(d.position.line == 0, d.position.line, d.position.column);
    };
    return place(a) < place(b);
  });
}

std::string_view Value::TypeName() const {
  struct Names {
    const Value& value;
    std::string_view operator()(std::monostate) const { return value.text; }
    std::string_view operator()(bool) const { return "true or false"; }
    std::string_view operator()(std::int64_t) const { return "an integer"; }
    std::string_view operator()(double) const { return "a number"; }
    std::string_view operator()(const std::string&) const { return "a string"; }
    std::string_view operator()(const WrittenDateTime&) const { return "a date-time"; }
    std::string_view operator()(const List&) const { return "a list"; }
    std::string_view operator()(const Table&) const { return "a table"; }
  };
  return std::visit(Names{*this}, data);
}

bool Value::SameAs(const Value& other) const {
  if (data.index() != other.data.index()) return false;
  if (const auto* table = std::get_if<Table>(&data)) {
    return SameTables(*table, std::get<Table>(other.data));
  }
  if (const auto* list = std::get_if<List>(&data)) {
    const List& others = std::get<List>(other.data);
    return std::equal(list->begin(), list->end(), others.begin(), others.end(),
                      [](const Value& a, const Value& b) { return a.SameAs(b); });
  }
  if (const auto* number = std::get_if<double>(&data)) {
    const double same = std::get<double>(other.data);
    return *number == same || (std::isnan(*number) && std::isnan(same));
  }
  if (const auto* string = std::get_if<std::string>(&data)) {
    return *string == std::get<std::string>(other.data);
  }
  if (const auto* number = std::get_if<std::int64_t>(&data)) {
    return *number == std::get<std::int64_t>(other.data);
  }
  if (const auto* time = std::get_if<WrittenDateTime>(&data)) {
    return *time == std::get<WrittenDateTime>(other.data);
  }
  if (const auto* flag = std::get_if<bool>(&data)) return *flag == std::get<bool>(other.data);
  return text == other.text;
}

}  // namespace headroom
