#include <fmt/format.h>

#include <iterator>

#include "collectors/net/http_client.h"
#include "collectors/net/url_parts.h"

namespace headroom {
namespace {

constexpr std::string_view kServer = "an HTTP server";

constexpr bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

}  // namespace

Result<HttpUrl> ParseHttpUrl(std::string_view text, std::uint16_t default_port,
                             std::uint16_t default_tls_port) {
  const bool tls = text.starts_with("https://");
  if (!tls && !text.starts_with("http://")) {
    return BadUrl(kServer, "expected http://host:port or https://host:port");
  }
  if (!UrlHasHost(text)) return BadUrl(kServer, "it has no host");
  Result<UrlParts> parts = SplitUrl(std::string(text), kServer);
  if (!parts.ok()) return parts.error();
  if (!parts->query.empty()) {
    return BadUrl(kServer, "nothing may follow a '?' (in a password write it as %3F)");
  }
  if (parts->user.empty() && !parts->password.empty()) {
    return BadUrl(kServer, "it has a password and no user");
  }
  // RFC 7617: the first colon is where the user ends.
  if (parts->user.find(':') != std::string::npos) {
    return BadUrl(kServer, "a user's name cannot hold a ':'");
  }
  HttpUrl url;
  url.endpoint.host = parts->host;
  url.endpoint.port = parts->port.value_or(tls ? default_tls_port : default_port);
  url.endpoint.tls = tls;
  url.path = parts->path;
  while (url.path.ends_with('/')) url.path.pop_back();
  url.user = parts->user;
  url.password = parts->password;
  return url;
}

std::string PercentEncode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (IsUnreserved(c)) {
      encoded += c;
    } else {
      fmt::format_to(std::back_inserter(encoded), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

}  // namespace headroom
