#include "test/support/table_fixture.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <utility>
#include <vector>

#include "test/support/fixtures.h"

namespace headroom::test {
namespace {

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

char Unescaped(char letter) {
  switch (letter) {
    case '\\':
      return '\\';
    case 't':
      return '\t';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    default:
      throw std::runtime_error(fmt::format("unknown escape \\{}", letter));
  }
}

pq::Table::Cell ParseCell(std::string_view text) {
  if (text == "\\N") return std::nullopt;
  std::string cell;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      cell += text[i];
    } else if (++i < text.size()) {
      cell += Unescaped(text[i]);
    } else {
      throw std::runtime_error("a cell ends with a backslash");
    }
  }
  return cell;
}

std::vector<pq::Table::Cell> ParseRow(std::string_view line) {
  std::vector<pq::Table::Cell> cells;
  for (const std::string_view cell : Split(line, '\t')) cells.push_back(ParseCell(cell));
  return cells;
}

pq::Table Parse(std::string_view text) {
  if (!text.ends_with('\n')) throw std::runtime_error("the last line does not end");
  text.remove_suffix(1);
  pq::Table table;
  for (const std::string_view line : Split(text, '\n')) {
    std::vector<pq::Table::Cell> cells = ParseRow(line);
    if (table.columns.empty()) {
      for (pq::Table::Cell& name : cells) table.columns.push_back(std::move(name).value());
      continue;
    }
    if (cells.size() != table.columns.size()) {
      throw std::runtime_error(fmt::format("row {} has {} cells, and there are {} columns",
                                           table.rows.size() + 1, cells.size(),
                                           table.columns.size()));
    }
    table.rows.push_back(std::move(cells));
  }
  return table;
}

}  // namespace

pq::Table ParseTableFixture(std::string_view text, std::string_view name) {
  try {
    return Parse(text);
  } catch (const std::exception& fault) {
    throw std::runtime_error(fmt::format("{}: {}", name, fault.what()));
  }
}

pq::Table TableFixture(const std::string& name) {
  return ParseTableFixture(ReadFixture(name), name);
}

pq::Table WithoutColumn(const pq::Table& table, std::string_view column) {
  pq::Table shorter = table;
  const auto index = static_cast<std::ptrdiff_t>(table.Find(column).value());
  shorter.columns.erase(shorter.columns.begin() + index);
  for (auto& row : shorter.rows) row.erase(row.begin() + index);
  return shorter;
}

pq::Table WithColumnsReversed(const pq::Table& table) {
  pq::Table reversed = table;
  std::reverse(reversed.columns.begin(), reversed.columns.end());
  for (auto& row : reversed.rows) std::reverse(row.begin(), row.end());
  return reversed;
}

pq::Table WithCell(pq::Table table, std::size_t row, std::string_view column,
                   pq::Table::Cell cell) {
  table.rows.at(row).at(table.Find(column).value()) = std::move(cell);
  return table;
}

}  // namespace headroom::test
