#include "collectors/libpq/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "collectors/libpq/numbers.h"
#include "collectors/suggest.h"

namespace headroom::pq {
namespace {

std::optional<double> ParseFinite(std::string_view text) {
  const std::optional<double> value = ParseNumber<double>(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

std::optional<bool> ParseFlag(std::string_view text) {
  if (text == "t" || text == "1") return true;
  if (text == "f" || text == "0") return false;
  return std::nullopt;
}

}  // namespace

std::optional<std::size_t> Table::Find(std::string_view column) const {
  const auto found = std::find(columns.begin(), columns.end(), column);
  if (found == columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns.begin());
}

TableReader::TableReader(const Table& table, std::string_view what) : table_(table), what_(what) {}

bool TableReader::Next() {
  if (!status_.ok() || next_ >= table_.rows.size()) return false;
  ++next_;
  return true;
}

const std::string* TableReader::Cell(std::string_view column, bool required) {
  if (!status_.ok() || next_ == 0) return nullptr;
  const auto index = table_.Find(column);
  const auto& row = table_.rows[next_ - 1];
  if (index && *index < row.size() && row[*index]) return &*row[*index];
  if (required) Fail(column, index ? "is NULL" : "is not in the reply");
  return nullptr;
}

void TableReader::Fail(std::string_view column, const std::string& message) {
  if (!status_.ok()) return;
  status_ = Error{ErrorKind::kProtocol,
                  fmt::format("{}: row {}: column {} {}", what_, next_, Quoted(column), message)};
}

template <class T>
std::optional<T> TableReader::Typed(std::string_view column, bool required,
                                    std::optional<T> (*parse)(std::string_view),
                                    std::string_view expected) {
  const std::string* const cell = Cell(column, required);
  if (cell == nullptr) return std::nullopt;
  const std::optional<T> value = parse(*cell);
  if (!value) Fail(column, fmt::format("is {}, expected {}", Quoted(*cell), expected));
  return value;
}

std::string TableReader::Text(std::string_view column) {
  const std::string* const cell = Cell(column, true);
  return cell == nullptr ? std::string() : *cell;
}

std::optional<std::string> TableReader::TextOrNull(std::string_view column) {
  const std::string* const cell = Cell(column, false);
  return cell == nullptr ? std::nullopt : std::optional(*cell);
}

std::optional<std::uint64_t> TableReader::CountOrNull(std::string_view column) {
  return Typed(column, false, &ParseNumber<std::uint64_t>, "a whole number");
}

std::optional<std::int64_t> TableReader::IntegerOrNull(std::string_view column) {
  return Typed(column, false, &ParseNumber<std::int64_t>, "a whole number");
}

std::optional<double> TableReader::NumberOrNull(std::string_view column) {
  return Typed(column, false, &ParseFinite, "a number");
}

std::optional<bool> TableReader::FlagOrNull(std::string_view column) {
  return Typed(column, false, &ParseFlag, "a truth value");
}

// Of a required cell that cannot be read the value is never used: status() is an error by then.

std::uint64_t TableReader::Count(std::string_view column) {
  const auto value = Typed(column, true, &ParseNumber<std::uint64_t>, "a whole number");
  return value ? *value : 0;
}

std::int64_t TableReader::Integer(std::string_view column) {
  const auto value = Typed(column, true, &ParseNumber<std::int64_t>, "a whole number");
  return value ? *value : 0;
}

double TableReader::Number(std::string_view column) {
  const auto value = Typed(column, true, &ParseFinite, "a number");
  return value ? *value : 0;
}

bool TableReader::Flag(std::string_view column) {
  const auto value = Typed(column, true, &ParseFlag, "a truth value");
  return value && *value;
}

}  // namespace headroom::pq
