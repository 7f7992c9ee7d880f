// Secret: a password that cannot be printed by accident, and where to get it.
#pragma once

#include <string>
#include <utility>

#include "collectors/result.h"

namespace headroom {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  bool empty() const { return value_.empty(); }
  // For the wire only. There is deliberately no operator<< and no formatter.
  const std::string& Reveal() const { return value_; }

 private:
  std::string value_;
};

// Where a secret comes from. It is read again at every connect, so that a rotated file is seen.
struct SecretSource {
  enum class From { kNone, kFile, kEnvironment, kLiteral };
  From from = From::kNone;
  std::string place;  // path or variable name; empty for a literal
  Secret literal;     // only for a password that stood in a URL

  // An empty Secret when `from` is kNone. kAuth when the file or variable cannot be read; the
  // message names the place, never the content. One trailing newline (LF or CRLF) of a file is
  // dropped. Reads with ordinary blocking I/O, which no deadline bounds: on a network file system
  // that hangs, so does the caller. Keep secrets on a local one, as every container runtime does.
  Result<Secret> Read() const;
};

}  // namespace headroom
