// Reply: gathers the results that libpq gives for one statement into one table, within the caps.
#pragma once

#include <libpq-fe.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "collectors/libpq/table.h"
#include "collectors/result.h"

namespace headroom::pq {

struct ClearResult {
  void operator()(PGresult* result) const { ::PQclear(result); }
};
using ResultHandle = std::unique_ptr<PGresult, ClearResult>;

class Reply {
 public:
  // An error: nothing further can be made of the session (over the caps, COPY, a message that
  // libpq does not know). `secret` is kept out of messages.
  Status Add(const PGresult& result, std::string_view secret);
  // An error of the server that ends the session: FATAL, PANIC.
  bool fatal() const { return fatal_; }
  Result<Table> Take() &&;

 private:
  Status AddRows(const PGresult& result);
  Status AddError(const PGresult& result, std::string_view secret);

  Table table_;
  std::optional<Error> error_;
  std::size_t bytes_ = 0;
  bool begun_ = false;  // rows or their end were seen
  bool ended_ = false;
  bool fatal_ = false;
};

}  // namespace headroom::pq
