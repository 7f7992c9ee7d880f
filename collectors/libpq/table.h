// Table: the rows that one query gave, and the way to read them by column name.
//
// Both servers add, rename and move columns from version to version, so nothing is ever read by
// position, and a column that is not there, or NULL, is unknown: never 0 and never "".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/result.h"

namespace headroom::pq {

struct Table {
  using Cell = std::optional<std::string>;  // disengaged: NULL
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;  // as many cells as columns

  // Disengaged when there is no such column. Of two of the same name the first.
  std::optional<std::size_t> Find(std::string_view column) const;
};

// Reads a table row by row. The first cell that cannot be read ends it: what comes after gives
// empty values, Next() is false, and status() says which column of which row, and what was
// expected (kProtocol). Check status() after the last row and use nothing when it is an error.
//
// The functions without Or insist on a column that is there and a cell that is not NULL; those with
// OrNull give a disengaged optional for either, and still insist on what is there being well
// formed.
class TableReader {
 public:
  // `what`: the query, for messages ("SHOW POOLS"). `table` must outlive the reader.
  TableReader(const Table& table, std::string_view what);

  // To the next row, at first to the first.
  bool Next();
  bool Has(std::string_view column) const { return table_.Find(column).has_value(); }

  std::string Text(std::string_view column);
  std::optional<std::string> TextOrNull(std::string_view column);
  // A whole number >= 0.
  std::uint64_t Count(std::string_view column);
  std::optional<std::uint64_t> CountOrNull(std::string_view column);
  // A whole number that may be negative: PostgreSQL's -1 for "unlimited".
  std::int64_t Integer(std::string_view column);
  std::optional<std::int64_t> IntegerOrNull(std::string_view column);
  // Finite; SQL numeric or float8.
  double Number(std::string_view column);
  std::optional<double> NumberOrNull(std::string_view column);
  // PostgreSQL's 't'/'f', and PgBouncer's '1'/'0'.
  bool Flag(std::string_view column);
  std::optional<bool> FlagOrNull(std::string_view column);

  // Rejects the row for a reason of the caller's own.
  void Fail(std::string_view column, const std::string& message);
  const Status& status() const { return status_; }

 private:
  // Null: not there, NULL, or nothing can be read any more.
  const std::string* Cell(std::string_view column, bool required);
  template <class T>
  std::optional<T> Typed(std::string_view column, bool required,
                         std::optional<T> (*parse)(std::string_view), std::string_view expected);

  const Table& table_;
  std::string_view what_;
  std::size_t next_ = 0;  // the row after the present one
  Status status_ = Ok{};
};

}  // namespace headroom::pq
