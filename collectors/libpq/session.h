// Session: one open libpq connection and what may be asked of it.
//
// After an error of Open, Run or RunAll that is not a statement's own, it is of no further use.
// Destroying it closes the socket and does not block.
#pragma once

#include <libpq-fe.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/deadline.h"
#include "collectors/libpq/conninfo.h"
#include "collectors/libpq/table.h"
#include "collectors/result.h"

namespace headroom::pq {

class Session {
 public:
  // Precondition: no word makes libpq resolve a name (each host has its hostaddr).
  static Result<std::unique_ptr<Session>> Open(const Words& words, const Deadline& deadline);

  struct Outcome {
    Result<Table> table;
    bool usable;  // the session, after it
  };
  // Simple query protocol.
  Outcome Run(const std::string& sql, const Deadline& deadline);
  // Extended protocol in a pipeline.
  Result<std::vector<Result<Table>>> RunAll(const std::vector<std::string>& statements,
                                            const Deadline& deadline);
  // Looks, without waiting, whether the server has closed it meanwhile.
  bool Usable(const Deadline& deadline);

  const PGconn* handle() const { return connection_.get(); }

 private:
  struct Finish {
    void operator()(PGconn* connection) const { ::PQfinish(connection); }
  };
  explicit Session(PGconn* connection) : connection_(connection) {}

  Status Shake(const Deadline& deadline);
  // Sends what is left to send and waits until PQgetResult does not block.
  Status AwaitResult(const Deadline& deadline);
  Status Receive(const Deadline& deadline, short events);
  // Up to the end of the statement: a null in the simple protocol, the synchronisation in a
  // pipeline. The outer error: the session is lost.
  Result<Result<Table>> ReadReply(const Deadline& deadline, bool pipeline);
  Status CheckSize();
  void CountReceived();
  void CountUnix(int socket);
  std::string_view Secret() const;
  Error Lost() const;

  std::unique_ptr<PGconn, Finish> connection_;
  std::uint64_t received_ = 0;  // bytes; see CountReceived
  std::uint64_t consumed_ = 0;  // of a unix socket: those of them that libpq has read
  std::uint64_t before_ = 0;    // received_ when the present request began
};

}  // namespace headroom::pq
