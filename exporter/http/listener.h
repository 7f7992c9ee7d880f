// Listeners: from the text of a --web.listen-address to an open listening socket.
//
// The sockets are opened here and not by an HTTP library so that "address in use" is said in our
// words, with the address in it, and so that port 0 and IPv6 work the same everywhere.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/result.h"

namespace headroom {

struct ListenAddress {
  std::string host;  // name or numeric address without brackets; empty: all addresses
  std::uint16_t port = 0;
};

// "host:port", "[v6]:port" or ":port". Errors quote `text` and say what was expected.
Result<ListenAddress> ParseListenAddress(std::string_view text);

// "127.0.0.1:9935", "[::1]:9935".
std::string PrintableAddress(std::string_view host, std::uint16_t port);

// A listening TCP socket, non-blocking and closed on exec. Movable, closes what it owns.
class Listener {
 public:
  // ":port" and "[::]:port" take IPv4 and IPv6; ":port" takes IPv4 alone on a machine without IPv6.
  // A name is resolved (blocking); the first of its addresses that can be opened is taken, IPv4
  // before IPv6. Error(kInternal) names the address and the reason.
  static Result<Listener> Open(std::string_view address);

  Listener(Listener&& other) noexcept;
  Listener& operator=(Listener&& other) noexcept;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  int fd() const { return fd_; }
  // What the system says it is bound to: numeric, the port filled in.
  const std::string& address() const { return address_; }

 private:
  Listener(int fd, std::string address) : fd_(fd), address_(std::move(address)) {}

  int fd_;
  std::string address_;
};

// All of them or none; the first error otherwise.
Result<std::vector<Listener>> OpenListeners(const std::vector<std::string>& addresses);

}  // namespace headroom
