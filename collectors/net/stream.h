// Stream: one non-blocking byte stream to a server, plain or TLS; every wait ends at a deadline.
//
// Threads: one at a time. Errors: kConnect (refused, reset, closed by the peer, unknown host, not a
// TLS server), kTimeout (deadline or cancellation), kAuth (the peer's certificate or ours was
// refused, or the files of TlsOptions cannot be used). After any error the stream is of no further
// use.
//
// Precondition: the process ignores SIGPIPE. Plain sockets send with MSG_NOSIGNAL, but OpenSSL
// writes with write(2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "collectors/deadline.h"
#include "collectors/result.h"

namespace headroom {

// What a target's [tls] table says. The files are read again when they have changed at a connect.
struct TlsOptions {
  std::string ca_file;    // empty: the system's certificate authorities
  std::string cert_file;  // client certificate (PEM), with key_file
  std::string key_file;
  std::string server_name;  // empty: the host of the URL
  friend bool operator==(const TlsOptions&, const TlsOptions&) = default;
};

struct Endpoint {
  std::string host;  // name, IPv4 or IPv6 address (without brackets)
  std::uint16_t port = 0;
  std::string unix_path;  // when not empty, instead of host and port
  bool tls = false;
  TlsOptions tls_options;

  // "127.0.0.1:6379", "[::1]:6379", "unix:/run/redis.sock": for messages.
  std::string ToString() const;
};

class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;

  // What one Exchange step achieved.
  struct Progress {
    std::size_t written = 0;
    std::size_t read = 0;
  };
  // Waits until some of `out` can be written or some bytes can be read into `in`, does what can be
  // done (reading first, so that what is read answers nothing that is written in the same step) and
  // returns. `out` may be empty (read only). Watching both directions at once is what
  // keeps a large pipeline from blocking on both sides. A closed peer is an Error(kConnect).
  // Precondition: `in` is not empty.
  virtual Result<Progress> Exchange(std::span<const char> out, std::span<char> in,
                                    const Deadline& deadline) = 0;

  // For a stream on which nothing is expected: looks, without waiting, whether it can still be
  // used. kConnect: the peer closed it meanwhile. kProtocol: bytes are there that nobody asked for.
  virtual Status CheckIdle() = 0;
};

class Resolver;

// Resolves, connects (each address in turn, all under the one deadline) and, with endpoint.tls,
// shakes hands. Name resolution that hangs is left behind on a thread of its own and delays nobody.
Result<std::unique_ptr<Stream>> Connect(const Endpoint& endpoint, const Deadline& deadline);
Result<std::unique_ptr<Stream>> Connect(const Endpoint& endpoint, const Deadline& deadline,
                                        Resolver& resolver);

}  // namespace headroom
