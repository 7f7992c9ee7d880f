#include "collectors/net/http_errors.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <system_error>

namespace headroom {
namespace {

constexpr std::size_t kLongestQuote = 200;

// CURLE_TOO_LARGE, which libcurl 7.88 does not have yet.
constexpr int kTooLarge = 100;

bool Contains(std::string_view text, std::string_view part) {
  return !part.empty() && text.find(part) != std::string_view::npos;
}

// What the server says about it, since "Login failed" and "only from localhost" call for different
// things. Nothing of pages made for browsers, and nothing that repeats a secret.
std::string Quote(std::string_view body, std::initializer_list<std::string_view> secrets) {
  const bool leaks = std::any_of(secrets.begin(), secrets.end(),
                                 [&](std::string_view secret) { return Contains(body, secret); });
  if (body.empty() || body.starts_with('<') || leaks) return {};
  std::string quote(body.substr(0, kLongestQuote));
  for (char& c : quote) {
    if (c < ' ' || c > '~') c = ' ';
  }
  return fmt::format("; it says: {}{}", quote, body.size() > kLongestQuote ? "..." : "");
}

Error OfReceiving(const HttpFailure& failure) {
  if (failure.os_error != 0) {
    return Error{ErrorKind::kConnect,
                 std::generic_category().message(static_cast<int>(failure.os_error))};
  }
  if (!failure.answered) {
    return Error{ErrorKind::kConnect, "the server closed the connection without a reply"};
  }
  return Error{ErrorKind::kProtocol, fmt::format("a reply that is not HTTP ({})", failure.text)};
}

}  // namespace

std::optional<Error> StatusError(const HttpReply& reply, bool credentials,
                                 std::initializer_list<std::string_view> secrets) {
  const int status = reply.status;
  const auto error = [&](ErrorKind kind, std::string_view meaning) {
    return Error{kind,
                 fmt::format("answered {}: {}{}", status, meaning, Quote(reply.body, secrets))};
  };
  if (status == 401 && credentials) {
    return error(ErrorKind::kAuth, "the user or the password was refused");
  }
  if (status == 401) {
    return error(ErrorKind::kAuth, "it wants a user and a password, and none are configured");
  }
  if (status == 403) return error(ErrorKind::kPermission, "this user may not read that");
  if (status == 429) return error(ErrorKind::kLimit, "too many requests");
  if (status == 503) return error(ErrorKind::kLimit, "it is overloaded or not ready");
  if (status >= 300 && status < 400) {
    return error(ErrorKind::kProtocol,
                 "redirects are not followed; configure the URL to which it leads");
  }
  return std::nullopt;
}

Error TransferError(const HttpFailure& failure) {
  switch (failure.code) {
    case CURLE_OUT_OF_MEMORY:  // of libcurl 7.88; used up memory looks the same
    case kTooLarge:
      return Error{ErrorKind::kProtocol, "a line of the header is too long"};
    case CURLE_OPERATION_TIMEDOUT:
      return Error{ErrorKind::kTimeout, failure.text};
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
      return OfReceiving(failure);
    case CURLE_SSL_CONNECT_ERROR:
      return Error{
          ErrorKind::kConnect,
          fmt::format("the TLS handshake failed ({}); is it an https server?", failure.text)};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
      return Error{ErrorKind::kAuth, fmt::format("the TLS certificate: {}", failure.text)};
    case CURLE_PARTIAL_FILE:
      return Error{ErrorKind::kProtocol, "the connection ended before the reply did"};
    case CURLE_UNSUPPORTED_PROTOCOL:  // what it calls a status line that is none
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
      return Error{ErrorKind::kProtocol,
                   fmt::format("a reply that is not HTTP ({})", failure.text)};
    default:
      return Error{ErrorKind::kInternal, fmt::format("libcurl: {}", failure.text)};
  }
}

}  // namespace headroom
