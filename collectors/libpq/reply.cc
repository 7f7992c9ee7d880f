#include "collectors/libpq/reply.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>
#include <vector>

#include "collectors/libpq/connection.h"
#include "collectors/libpq/reply_errors.h"

namespace headroom::pq {
namespace {

std::string_view Field(const PGresult& result, int code) {
  const char* const text = ::PQresultErrorField(&result, code);
  return text == nullptr ? std::string_view() : text;
}

}  // namespace

Status Reply::Add(const PGresult& result, std::string_view secret) {
  switch (::PQresultStatus(&result)) {
    case PGRES_SINGLE_TUPLE:
      return AddRows(result);
    case PGRES_TUPLES_OK:
    case PGRES_COMMAND_OK:
      if (ended_) return Error{ErrorKind::kProtocol, "more than one answer to one statement"};
      ended_ = true;
      return AddRows(result);
    case PGRES_EMPTY_QUERY:
      error_ = Error{ErrorKind::kProtocol, "an empty statement"};
      return Ok{};
    case PGRES_FATAL_ERROR:
      return AddError(result, secret);
    default:
      return Error{ErrorKind::kProtocol, fmt::format("an answer of an unexpected kind: {}",
                                                     ::PQresStatus(::PQresultStatus(&result)))};
  }
}

Status Reply::AddRows(const PGresult& result) {
  const int columns = ::PQnfields(&result);
  for (int column = 0; !begun_ && column < columns; ++column) {
    table_.columns.emplace_back(::PQfname(&result, column));
  }
  begun_ = true;
  for (int row = 0; row < ::PQntuples(&result); ++row) {
    if (table_.rows.size() == Connection::kMaxRows) {
      return Error{ErrorKind::kProtocol,
                   fmt::format("the answer has more than {} rows", Connection::kMaxRows)};
    }
    std::vector<Table::Cell>& cells = table_.rows.emplace_back();
    cells.reserve(static_cast<std::size_t>(columns));
    for (int column = 0; column < columns; ++column) {
      bytes_ += sizeof(Table::Cell);  // many NULLs are small on the wire, but not here
      if (::PQgetisnull(&result, row, column) != 0) {
        cells.emplace_back();
        continue;
      }
      const auto length = static_cast<std::size_t>(::PQgetlength(&result, row, column));
      cells.emplace_back(std::in_place, ::PQgetvalue(&result, row, column), length);
      bytes_ += length;
    }
    if (bytes_ > Connection::kMaxBytes) {
      return Error{ErrorKind::kProtocol,
                   fmt::format("the answer is larger than {} bytes", Connection::kMaxBytes)};
    }
  }
  return Ok{};
}

Status Reply::AddError(const PGresult& result, std::string_view secret) {
  const std::string_view sqlstate = Field(result, PG_DIAG_SQLSTATE);
  // Not an answer of the server, but libpq's own words about what it got or did not get.
  if (sqlstate.empty()) return LostError(::PQresultErrorMessage(&result), secret);
  error_ = ServerError(sqlstate, Field(result, PG_DIAG_MESSAGE_PRIMARY), secret);
  std::string_view severity = Field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  if (severity.empty()) severity = Field(result, PG_DIAG_SEVERITY);  // PgBouncer
  fatal_ = severity == "FATAL" || severity == "PANIC";
  return Ok{};
}

Result<Table> Reply::Take() && {
  if (error_) return *std::move(error_);
  if (!ended_) return Error{ErrorKind::kProtocol, "no answer to the statement"};
  return std::move(table_);
}

}  // namespace headroom::pq
