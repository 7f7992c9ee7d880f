#include "collectors/net/connect.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <system_error>
#include <utility>

namespace headroom {
namespace {

Error SystemError(int code) {
  return Error{ErrorKind::kConnect, std::generic_category().message(code)};
}

void SetOption(int fd, int level, int name) {
  const int on = 1;
  // Both options are improvements, not needs.
  static_cast<void>(::setsockopt(fd, level, name, &on, sizeof on));
}

Status Await(int fd, const Deadline& deadline) {
  const Result<short> ready = deadline.Poll(fd, POLLOUT);
  if (!ready.ok()) return ready.error();
  int code = 0;
  socklen_t size = sizeof code;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size) != 0) code = errno;
  if (code != 0) return SystemError(code);
  return Ok{};
}

Result<Fd> ConnectTo(const SocketAddress& address, const Deadline& deadline) {
  const int family = address.storage.ss_family;
  Fd fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return SystemError(errno);
  if (family != AF_UNIX) {
    SetOption(fd.get(), IPPROTO_TCP, TCP_NODELAY);
    SetOption(fd.get(), SOL_SOCKET, SO_KEEPALIVE);
  }
  const auto* raw = reinterpret_cast<const sockaddr*>(&address.storage);
  if (::connect(fd.get(), raw, address.length) == 0) return fd;
  // A unix socket whose backlog is full answers EAGAIN and cannot be waited for.
  if (errno != EINPROGRESS && errno != EINTR) return SystemError(errno);
  const Status connected = Await(fd.get(), deadline);
  if (!connected.ok()) return connected.error();
  return fd;
}

Result<Fd> ConnectUnix(const std::string& path, const Deadline& deadline) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return Error{ErrorKind::kConnect, "the path of a unix socket has at most 107 bytes"};
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  SocketAddress wrapped;
  std::memcpy(&wrapped.storage, &address, sizeof address);
  wrapped.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return ConnectTo(wrapped, deadline);
}

Result<Fd> ConnectAny(const AddressList& addresses, const Deadline& deadline) {
  Error failure{ErrorKind::kTimeout, ""};
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto left = static_cast<Duration::rep>(addresses.size() - i);
    Result<Fd> fd = ConnectTo(addresses[i], deadline.Within(deadline.Remaining() / left));
    if (fd.ok()) return fd;
    // A refusal says more than a time-out elsewhere.
    if (fd.error().kind != ErrorKind::kTimeout) failure.kind = fd.error().kind;
    if (!failure.message.empty()) failure.message += "; ";
    failure.message += fd.error().Within(addresses[i].ToString()).message;
    if (deadline.Expired()) break;
  }
  return failure;
}

}  // namespace

Result<Fd> ConnectSocket(const Endpoint& endpoint, const Deadline& deadline, Resolver& resolver) {
  if (!endpoint.unix_path.empty()) {
    Result<Fd> fd = ConnectUnix(endpoint.unix_path, deadline);
    if (!fd.ok()) return fd.error().Within(endpoint.ToString());
    return fd;
  }
  const Result<AddressList> addresses = resolver.Resolve(endpoint.host, endpoint.port, deadline);
  if (!addresses.ok()) return addresses.error();
  return ConnectAny(addresses.value(), deadline);
}

Result<std::unique_ptr<Stream>> Connect(const Endpoint& endpoint, const Deadline& deadline) {
  return Connect(endpoint, deadline, Resolver::Shared());
}

Result<std::unique_ptr<Stream>> Connect(const Endpoint& endpoint, const Deadline& deadline,
                                        Resolver& resolver) {
  Result<Fd> fd = ConnectSocket(endpoint, deadline, resolver);
  if (!fd.ok()) return fd.error().Within("connecting");
  if (endpoint.tls) return MakeTlsStream(std::move(fd).value(), endpoint, deadline);
  return MakeSocketStream(std::move(fd).value());
}

}  // namespace headroom
