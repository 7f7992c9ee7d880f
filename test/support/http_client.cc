#include "test/support/http_client.h"

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <memory>
#include <stdexcept>

#include "collectors/deadline.h"
#include "exporter/system_clock.h"

namespace headroom::test {
namespace {

const Clock& RealClock() {
  static const SystemClock clock;
  return clock;
}

Deadline In(std::chrono::milliseconds time) {
  return Deadline(RealClock(), RealClock().Now() + time);
}

int ConnectTo(const std::string& address) {
  const auto colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  if (host == "::") host = "::1";
  if (host == "0.0.0.0") host = "127.0.0.1";
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), address.substr(colon + 1).c_str(), &hints, &found) != 0)
    return -1;
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list(found, &::freeaddrinfo);
  // Loopback connects at once or fails at once.
  const int fd = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  if (::connect(fd, found->ai_addr, found->ai_addrlen) == 0) return fd;
  ::close(fd);
  return -1;
}

std::string Lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

std::optional<int> Number(std::string_view text) {
  int number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest != end) return std::nullopt;
  return number;
}

Result<HttpAnswer> ParseHead(std::string_view head) {
  HttpAnswer answer;
  const std::string_view line = head.substr(0, head.find("\r\n"));
  const auto status = line.size() >= 12 ? Number(line.substr(9, 3)) : std::nullopt;
  if (!status) return Error{ErrorKind::kProtocol, "no status line: " + std::string(line)};
  answer.version = line.substr(0, 8);
  answer.status = *status;
  for (head.remove_prefix(line.size() + 2); !head.empty();) {
    const std::string_view header = head.substr(0, head.find("\r\n"));
    head.remove_prefix(header.size() + 2);
    const auto colon = header.find(": ");
    if (colon == header.npos)
      return Error{ErrorKind::kProtocol, "no header: " + std::string(header)};
    answer.headers.emplace_back(Lower(std::string(header.substr(0, colon))),
                                header.substr(colon + 2));
  }
  return answer;
}

}  // namespace

std::string HttpAnswer::Header(std::string_view lower_case_name) const {
  for (const auto& [name, value] : headers) {
    if (name == lower_case_name) return value;
  }
  return {};
}

HttpClient::HttpClient(const std::string& address) : fd_(ConnectTo(address)) {
  if (fd_ < 0) throw std::runtime_error("no connection to " + address);
}

HttpClient::~HttpClient() {
  if (fd_ >= 0) ::close(fd_);
}

bool HttpClient::Send(std::string_view bytes) {
  const Deadline deadline = In(kPatience);
  while (!bytes.empty()) {
    if (!deadline.Poll(fd_, POLLOUT)) return false;
    const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool HttpClient::ReadMore(std::chrono::milliseconds within) {
  std::array<char, 65536> buffer{};
  if (!In(within).Poll(fd_, POLLIN)) return false;
  const auto got = ::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (got <= 0) return false;
  unread_.append(buffer.data(), static_cast<std::size_t>(got));
  return true;
}

Result<HttpAnswer> HttpClient::Read(Body body) {
  std::size_t head = 0;
  while ((head = unread_.find("\r\n\r\n")) == std::string::npos) {
    if (!ReadMore()) return Error{ErrorKind::kConnect, "closed or silent before a whole head"};
  }
  auto answer = ParseHead(std::string_view(unread_).substr(0, head + 2));
  if (!answer) return answer;
  unread_.erase(0, head + 4);
  if (body == Body::kWithoutBody) return answer;
  if (answer->Header("content-length").empty()) {
    // Legal, and what a library's own error pages may do; a test that cares looks at the header.
    if (!ClosedWithin(kPatience)) return Error{ErrorKind::kProtocol, "a body without an end"};
    return answer;
  }
  const auto length = Number(answer->Header("content-length"));
  if (!length) return Error{ErrorKind::kProtocol, "bad Content-Length"};
  while (unread_.size() < static_cast<std::size_t>(*length)) {
    if (!ReadMore()) return Error{ErrorKind::kConnect, "closed or silent before a whole body"};
  }
  answer->body = unread_.substr(0, static_cast<std::size_t>(*length));
  unread_.erase(0, answer->body.size());
  return answer;
}

Result<HttpAnswer> HttpClient::Ask(std::string_view bytes, Body body) {
  if (!Send(bytes)) return Error{ErrorKind::kConnect, "the server does not take the request"};
  return Read(body);
}

bool HttpClient::ClosedWithin(std::chrono::milliseconds within) {
  const Deadline deadline = In(within);
  std::array<char, 4096> buffer{};
  for (;;) {
    if (!deadline.Poll(fd_, POLLIN)) return false;
    if (::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT) <= 0) return true;
  }
}

void HttpClient::FinishSending() { ::shutdown(fd_, SHUT_WR); }

void HttpClient::Reset() {
  const linger at_once{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::close(std::exchange(fd_, -1));
}

Result<HttpAnswer> Get(const std::string& address, const std::string& target) {
  HttpClient client(address);
  return client.Ask("GET " + target + " HTTP/1.1\r\nHost: test\r\n\r\n");
}

bool HaveIpv6() {
  const int fd = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  sockaddr_in6 any{};
  any.sin6_family = AF_INET6;
  any.sin6_addr = in6addr_loopback;
  const bool good = ::bind(fd, reinterpret_cast<sockaddr*>(&any), sizeof any) == 0;
  ::close(fd);
  return good;
}

}  // namespace headroom::test
