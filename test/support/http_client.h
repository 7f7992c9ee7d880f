// HttpClient: a raw socket to a server under test, so that a test can say exactly which bytes go
// out when. Every wait is bounded by kPatience; a test that gets there has failed.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collectors/result.h"

namespace headroom::test {

inline constexpr std::chrono::seconds kPatience{10};

struct HttpAnswer {
  std::string version;  // "HTTP/1.1"
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;

  // Empty if there is no such header.
  std::string Header(std::string_view lower_case_name) const;
};

class HttpClient {
 public:
  // `address` as a server prints it; an unspecified address is replaced by the loopback one.
  // Throws std::runtime_error if there is no connection.
  explicit HttpClient(const std::string& address);
  ~HttpClient();
  HttpClient(HttpClient&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), unread_(std::move(other.unread_)) {}
  HttpClient& operator=(HttpClient&&) = delete;

  // False once the server does not take it any more.
  bool Send(std::string_view bytes);
  // A response; without Content-Length it ends with the connection and the body is not kept.
  // kWithoutBody: it answers a HEAD.
  enum class Body { kWithBody, kWithoutBody };
  Result<HttpAnswer> Read(Body body = Body::kWithBody);
  // Send and Read.
  Result<HttpAnswer> Ask(std::string_view bytes, Body body = Body::kWithBody);

  // Reads until the server closes; false if it does not within `within`.
  bool ClosedWithin(std::chrono::milliseconds within);
  // No more bytes for the server.
  void FinishSending();
  // Gone without a goodbye: the server sees a reset.
  void Reset();

 private:
  // False at the end of the connection or of the time.
  bool ReadMore(std::chrono::milliseconds within = kPatience);

  int fd_;
  std::string unread_;
};

// GET `target` on a connection of its own.
Result<HttpAnswer> Get(const std::string& address, const std::string& target);

// Loopback addresses can be bound: false on a machine without IPv6.
bool HaveIpv6();

}  // namespace headroom::test
