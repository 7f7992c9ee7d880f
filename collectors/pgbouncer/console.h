// Console: PgBouncer's admin console, one SHOW at a time.
//
// The console speaks the simple query protocol, one command per query, and answers from memory,
// whatever the servers behind PgBouncer do.
#pragma once

#include <string>
#include <string_view>

#include "collectors/deadline.h"
#include "collectors/libpq/connection.h"
#include "collectors/result.h"

namespace headroom::pgbouncer {

class Console {
 public:
  Console() = default;
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;
  virtual ~Console() = default;

  // Opens the session if there is none. Errors are those of pq::Connection; and kPermission for a
  // user who may not use the console, kUnsupported for a server that is no console.
  virtual Status Open(const Deadline& deadline) = 0;
  virtual bool open() const = 0;
  // Over a Unix socket, which one process has; false without a session.
  virtual bool local() const = 0;
  // Precondition: open(). "POOLS".
  virtual Result<pq::Table> Show(std::string_view what, const Deadline& deadline) = 0;
  // Preconditions: open(). 11800 for 1.18.0, and "1.18.0/bouncer".
  virtual int version() const = 0;
  virtual std::string version_text() const = 0;
};

class ConsoleSession final : public Console {
 public:
  explicit ConsoleSession(pq::ConnectionOptions options);

  Status Open(const Deadline& deadline) override;
  bool open() const override { return connection_.connected(); }
  bool local() const override { return connection_.local(); }
  Result<pq::Table> Show(std::string_view what, const Deadline& deadline) override;
  int version() const override { return connection_.server_version(); }
  std::string version_text() const override {
    return connection_.server_parameter("server_version");
  }

 private:
  pq::Connection connection_;
};

}  // namespace headroom::pgbouncer
