#include "collectors/postgresql/columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace headroom::postgresql {

Status RequireColumns(const pq::Table& table, std::string_view what,
                      std::initializer_list<std::string_view> columns) {
  for (const std::string_view column : columns) {
    if (!table.Find(column)) {
      return Error{ErrorKind::kProtocol,
                   fmt::format("{}: the reply has no column \"{}\"", what, column)};
    }
  }
  return Ok{};
}

Status RequireWhole(const pq::Table& table, std::string_view what, int limit) {
  if (table.rows.size() <= static_cast<std::size_t>(limit)) return Ok{};
  return Error{ErrorKind::kProtocol,
               fmt::format("{}: more than {} rows, which is the most that is read", what, limit)};
}

std::optional<double> Elapsed(const std::optional<double>& seconds) {
  constexpr double kMoment = 0.005;
  if (!seconds || *seconds < -kMoment) return std::nullopt;
  return std::max(*seconds, 0.0);
}

}  // namespace headroom::postgresql
