// Resolver: host names to addresses under a deadline.
//
// getaddrinfo(3) knows no time limit and cannot be interrupted: with an unreachable name server it
// blocks for resolv.conf's timeout x attempts x servers, 10 s and more. So a name is looked up on a
// thread of its own, and a caller whose deadline passes leaves that thread behind. A later request
// for the same (host, port) joins the lookup that is still under way, so that there is never more
// than one thread for it. Numeric addresses need no name server and are parsed in place.
//
// Threads: safe from any thread. The Resolver may be destroyed while lookups are under way.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "collectors/deadline.h"
#include "collectors/result.h"

namespace headroom {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  // "127.0.0.1:6379", "[::1]:6379".
  std::string ToString() const;
};

using AddressList = std::vector<SocketAddress>;

class Resolver {
 public:
  // Blocks as long as it likes. kConnect when the name is unknown.
  using Lookup = std::function<Result<AddressList>(const std::string& host, std::uint16_t port)>;

  Resolver();  // getaddrinfo(3)
  explicit Resolver(Lookup lookup);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // At least one address, in the order of preference that the system gives (RFC 6724). kConnect:
  // unknown host; kTimeout: deadline or cancellation; kInternal: out of threads or descriptors.
  Result<AddressList> Resolve(const std::string& host, std::uint16_t port,
                              const Deadline& deadline);

  // The one that Connect() uses unless told otherwise.
  static Resolver& Shared();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace headroom
