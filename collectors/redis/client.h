// Client: one connection to one Redis server, pipelines under a deadline.
//
// Speaks RESP2 (never HELLO 3: hiredis 0.14's reader takes RESP3 types for a protocol error) with
// hiredis' reader as codec on our own Stream, because hiredis' own time-outs are per read and bound
// nothing. Threads: one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/deadline.h"
#include "collectors/net/stream.h"
#include "collectors/result.h"
#include "collectors/secret.h"

namespace headroom::redis {

// One reply, owned.
struct Reply {
  enum class Type { kNil, kInteger, kString, kStatus, kError, kArray };
  Type type = Type::kNil;
  std::int64_t integer = 0;
  std::string text;             // kString, kStatus, kError
  std::vector<Reply> elements;  // kArray; they may be arrays themselves

  bool IsError() const { return type == Type::kError; }
};

// A pipeline under construction: RESP-encoded commands, ready to send.
class Batch {
 public:
  void Add(std::initializer_list<std::string_view> arguments);
  std::size_t size() const { return ends_.size(); }
  std::string_view bytes() const { return bytes_; }
  // Offset just after command i.
  std::size_t end(std::size_t i) const { return ends_[i]; }

 private:
  std::string bytes_;
  std::vector<std::size_t> ends_;
};

struct ClientOptions {
  Endpoint endpoint;
  std::string user;  // empty: the default user
  SecretSource password;
  int db = 0;
  // Of one reply, with FramingScanner's surcharge: 100,000 names of 200 bytes fit.
  std::size_t max_reply_bytes = std::size_t{32} << 20;
  std::size_t max_batch_bytes = std::size_t{64} << 20;  // of all replies to one Run
};

class Client {
 public:
  explicit Client(ClientOptions options);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool connected() const;
  // How many connections have been made. A new one may lead to another server.
  std::uint64_t connections() const { return connections_; }
  // Connects, authenticates (the secret is read anew), selects the database and names the
  // connection "headroom". A connection that still stands is kept; one that the server closed
  // meanwhile is replaced.
  Status EnsureConnected(const Deadline& deadline);
  // Sends the batch (at most 1,000 commands under way at a time) and returns one reply per command.
  // Error replies are replies, not Errors. Any Error drops the connection: replies may still be on
  // the way and would be taken for the next batch's. Precondition: connected().
  Result<std::vector<Reply>> Run(const Batch& batch, const Deadline& deadline);
  // Round-trip time seen at the last connect: what a command costs before the server does any work.
  Duration round_trip() const { return round_trip_; }
  void Disconnect();

 private:
  struct Connection;
  ClientOptions options_;
  std::unique_ptr<Connection> connection_;
  std::uint64_t connections_ = 0;
  Duration round_trip_ = Duration::zero();
};

}  // namespace headroom::redis
