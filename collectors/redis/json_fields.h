// Reads single fields out of small JSON objects that somebody else wrote: jobs, worker records.
//
// Threads: an instance belongs to one thread (it keeps the parser's buffers).
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::redis {

class JsonFields {
 public:
  JsonFields();
  ~JsonFields();
  JsonFields(const JsonFields&) = delete;
  JsonFields& operator=(const JsonFields&) = delete;

  // The text of each named top-level field: a string's content, or a number or boolean as it is
  // written. Disengaged: missing, null, an object or an array. Of a name written twice the first
  // counts. The whole answer is disengaged when `json` is not one complete JSON object.
  using Values = std::vector<std::optional<std::string>>;
  std::optional<Values> Read(std::string_view json, std::span<const std::string> names);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace headroom::redis
