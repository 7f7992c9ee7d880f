// Recorded tables of PostgreSQL and PgBouncer: one file per query, as psql shows it.
//
// The first line holds the names of the columns, every further line a row; cells are separated by
// tabs. \N is NULL (and only as a whole cell); \\ \t \n \r stand for these characters, as in the
// text format of PostgreSQL's COPY. Every line ends with a newline.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "collectors/libpq/table.h"

namespace headroom::test {

// Throws std::runtime_error, which says where, when the text is no such table.
headroom::pq::Table ParseTableFixture(std::string_view text, std::string_view name = "table");
// test/fixtures/<name>: "pgbouncer/1.18.0/show_pools.tsv".
headroom::pq::Table TableFixture(const std::string& name);

headroom::pq::Table WithoutColumn(const headroom::pq::Table& table, std::string_view column);
// The same rows with the columns in the opposite order.
headroom::pq::Table WithColumnsReversed(const headroom::pq::Table& table);
// Precondition: the row and the column are there.
headroom::pq::Table WithCell(headroom::pq::Table table, std::size_t row, std::string_view column,
                             headroom::pq::Table::Cell cell);

}  // namespace headroom::test
