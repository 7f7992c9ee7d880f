#include "test/support/loopback.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace headroom::test {
namespace {

void Check(bool ok, const char* what) {
  if (!ok) throw std::system_error(errno, std::generic_category(), what);
}

sockaddr_in Loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

}  // namespace

Fd RefuseOnLoopback(std::uint16_t& port) {
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  Check(fd.valid(), "socket");
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  Check(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) == 0, "bind");
  Check(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0, "getsockname");
  port = ntohs(address.sin_port);
  return fd;
}

Fd ListenOnLoopback(int backlog, std::uint16_t& port) {
  Fd fd = RefuseOnLoopback(port);
  Check(::listen(fd.get(), backlog) == 0, "listen");
  return fd;
}

Fd ListenOnUnix(const std::string& path) {
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  Check(fd.valid(), "socket");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  Check(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "bind");
  Check(::listen(fd.get(), 16) == 0, "listen");
  return fd;
}

AddressList LoopbackAddresses(std::initializer_list<std::uint16_t> ports) {
  AddressList addresses;
  for (const std::uint16_t port : ports) {
    const sockaddr_in in = Loopback(port);
    SocketAddress address;
    std::memcpy(&address.storage, &in, sizeof in);
    address.length = sizeof in;
    addresses.push_back(address);
  }
  return addresses;
}

}  // namespace headroom::test
