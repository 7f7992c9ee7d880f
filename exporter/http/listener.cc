#include "exporter/http/listener.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include "collectors/parse_whole.h"

namespace headroom {
namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

Error ListenError(std::string_view address, std::string_view reason) {
  return Error{ErrorKind::kInternal, fmt::format("cannot listen on \"{}\": {}", address, reason)};
}

Error Malformed(std::string_view text, std::string_view problem) {
  return ListenError(
      text,
      fmt::format("{} (expected \"host:port\", \"[v6-address]:port\" or \":port\")", problem));
}

std::string Reason(int error) {
  switch (error) {
    case EADDRINUSE:
      return "address in use (another process listens there, or it is listed twice)";
    case EADDRNOTAVAIL:
      return "this machine has no such address";
    case EACCES:
      return "permission denied (ports below 1024 need root or CAP_NET_BIND_SERVICE)";
    case EAFNOSUPPORT:
      return "this machine has no support for that kind of address (IPv6 is off?)";
    default:
      return std::generic_category().message(error);
  }
}

Result<AddressList> Resolve(const ListenAddress& wanted, std::string_view text) {
  addrinfo hints{};
  hints.ai_family = wanted.host.empty() ? AF_INET6 : AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(wanted.host.empty() ? nullptr : wanted.host.c_str(),
                                   std::to_string(wanted.port).c_str(), &hints, &found);
  if (failed != 0) {
    return ListenError(text, fmt::format("cannot resolve the host: {}", ::gai_strerror(failed)));
  }
  return AddressList(found, &::freeaddrinfo);
}

Result<std::string> BoundAddress(int fd, std::string_view text) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  auto* const generic = reinterpret_cast<sockaddr*>(&bound);
  if (::getsockname(fd, generic, &size) != 0) return ListenError(text, Reason(errno));
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  const int failed = ::getnameinfo(generic, size, host.data(), host.size(), port.data(),
                                   port.size(), NI_NUMERICHOST | NI_NUMERICSERV);
  if (failed != 0) return ListenError(text, ::gai_strerror(failed));
  return bound.ss_family == AF_INET6 ? fmt::format("[{}]:{}", host.data(), port.data())
                                     : fmt::format("{}:{}", host.data(), port.data());
}

// The listening socket, or minus errno.
int OpenSocket(const addrinfo& at) {
  const int fd = ::socket(at.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
  if (fd < 0) return -errno;
  const int on = 1;
  const int off = 0;
  // Restarting must not wait for the old process's connections to leave TIME_WAIT.
  bool good = ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0;
  if (at.ai_family == AF_INET6) {
    // Without this the system's bindv6only setting would decide whether IPv4 works.
    good = good && ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) == 0;
  }
  good = good && ::bind(fd, at.ai_addr, at.ai_addrlen) == 0 && ::listen(fd, SOMAXCONN) == 0;
  if (good) return fd;
  const int error = errno;
  ::close(fd);
  return -error;
}

// IPv4 first: "localhost" must be reachable as 127.0.0.1, which is what people then type.
int OpenFirst(const addrinfo* list) {
  int last_error = -EADDRNOTAVAIL;
  for (const int family : {AF_INET, AF_INET6}) {
    for (const addrinfo* at = list; at != nullptr; at = at->ai_next) {
      if (at->ai_family != family) continue;
      const int fd = OpenSocket(*at);
      if (fd >= 0) return fd;
      last_error = fd;
    }
  }
  return last_error;
}

}  // namespace

Result<ListenAddress> ParseListenAddress(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return Malformed(text, "no port");
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  if (host.starts_with('[')) {
    if (!host.ends_with(']') || host.size() == 2) return Malformed(text, "bad brackets");
    host = host.substr(1, host.size() - 2);
    if (host.find(':') == std::string_view::npos || host.find_first_of("[]") != host.npos) {
      return Malformed(text, "no IPv6 address inside the brackets");
    }
  } else if (host.find_first_of(":[]") != std::string_view::npos) {
    return Malformed(text, "an IPv6 address needs brackets");
  }
  if (host.find_first_of(std::string_view(" \t\r\n\0/,", 7)) != std::string_view::npos) {
    return Malformed(text, "a host cannot contain that character");
  }
  const auto number = ParseWhole<std::uint16_t>(port);
  if (!number) return Malformed(text, "the port is not 0 to 65535");
  ListenAddress parsed;
  parsed.host = host;
  parsed.port = *number;
  return parsed;
}

std::string PrintableAddress(std::string_view host, std::uint16_t port) {
  return host.find(':') == std::string_view::npos ? fmt::format("{}:{}", host, port)
                                                  : fmt::format("[{}]:{}", host, port);
}

Result<Listener> Listener::Open(std::string_view address) {
  const auto wanted = ParseListenAddress(address);
  if (!wanted) return wanted.error();
  const auto list = Resolve(*wanted, address);
  if (!list) return list.error();
  const int fd = OpenFirst(list->get());
  const bool no_ipv6 = fd == -EAFNOSUPPORT || fd == -EADDRNOTAVAIL;
  if (no_ipv6 && wanted->host.empty()) return Open(PrintableAddress("0.0.0.0", wanted->port));
  if (fd < 0) return ListenError(address, Reason(-fd));
  Listener listener(fd, {});
  auto bound = BoundAddress(fd, address);
  if (!bound) return bound.error();
  listener.address_ = std::move(bound).value();
  return listener;
}

Listener::Listener(Listener&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), address_(std::move(other.address_)) {}

Listener& Listener::operator=(Listener&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(address_, other.address_);
  return *this;
}

Listener::~Listener() {
  if (fd_ >= 0) ::close(fd_);
}

Result<std::vector<Listener>> OpenListeners(const std::vector<std::string>& addresses) {
  if (addresses.empty()) return Error{ErrorKind::kInternal, "no address to listen on"};
  std::vector<Listener> listeners;
  for (const std::string& address : addresses) {
    auto opened = Listener::Open(address);
    if (!opened) return opened.error();
    listeners.push_back(std::move(opened).value());
  }
  return listeners;
}

}  // namespace headroom
