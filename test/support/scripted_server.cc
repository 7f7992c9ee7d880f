#include "test/support/scripted_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

#include "test/support/loopback.h"

namespace headroom::test {
void Peer::Expect(std::string_view bytes) {
  std::string got(bytes.size(), '\0');
  const ssize_t n = ::recv(fd_, got.data(), got.size(), MSG_WAITALL);
  got.resize(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
  EXPECT_EQ(got, bytes);
}

std::string Peer::ReadSome() {
  std::array<char, 4096> buffer{};
  const ssize_t n = ::recv(fd_, buffer.data(), buffer.size(), 0);
  return std::string(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
}

bool Peer::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

void Peer::SendAndAwaitArrival(std::string_view bytes) {
  Send(bytes);
  for (int unacknowledged = 1; unacknowledged > 0; std::this_thread::yield()) {
    if (::ioctl(fd_, TIOCOUTQ, &unacknowledged) != 0) return;
  }
}

void Peer::SendBytewise(std::string_view bytes) {
  for (const char byte : bytes) Send(std::string_view(&byte, 1));
}

void Peer::SendEndlessly(std::string_view bytes) {
  while (Send(bytes)) {
  }
}

void Peer::SendUntilClosed(std::string_view bytes, std::chrono::milliseconds pause) {
  for (;;) {
    pollfd p{fd_, POLLRDHUP, 0};
    if (::poll(&p, 1, static_cast<int>(pause.count())) != 0 || !Send(bytes)) return;
  }
}

void Peer::HalfClose() { ::shutdown(fd_, SHUT_WR); }

void Peer::HalfCloseAndAwaitArrival() {
  HalfClose();
  // FIN-WAIT-1 ends with the acknowledgement of our FIN.
  for (tcp_info info{}; info.tcpi_state <= TCP_FIN_WAIT1; std::this_thread::yield()) {
    socklen_t size = sizeof info;
    if (::getsockopt(fd_, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return;
  }
}

void Peer::AwaitClose() {
  while (!ReadSome().empty()) {
  }
}

ScriptedServer::ScriptedServer(std::vector<Script> scripts)
    : scripts_(std::move(scripts)), listener_(ListenOnLoopback(16, port_)) {
  thread_ = std::thread([this] { Serve(); });
}

ScriptedServer::ScriptedServer(std::vector<Script> scripts, const std::string& unix_path)
    : scripts_(std::move(scripts)), listener_(ListenOnUnix(unix_path)) {
  thread_ = std::thread([this] { Serve(); });
}

ScriptedServer::~ScriptedServer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    ::shutdown(listener_.get(), SHUT_RDWR);
    if (current_ >= 0) ::shutdown(current_, SHUT_RDWR);
  }
  thread_.join();
}

int ScriptedServer::accepted() const {
  const std::lock_guard lock(mutex_);
  return accepted_;
}

void ScriptedServer::Serve() {
  for (std::size_t i = 0;; ++i) {
    const Fd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!connection.valid()) return;
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
      ++accepted_;
      current_ = connection.get();
    }
    Peer peer(connection.get());
    scripts_[std::min(i, scripts_.size() - 1)](peer);
    const std::lock_guard lock(mutex_);
    current_ = -1;
  }
}

}  // namespace headroom::test
