#include "collectors/net/url.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "collectors/net/url_parts.h"
#include "collectors/parse_whole.h"

namespace headroom {
namespace {

constexpr std::uint16_t kDefaultPort = 6379;

enum class Scheme { kRedis, kTls, kUnix };

constexpr std::string_view kServer = "a Redis server";

Error Bad(std::string_view what) { return BadUrl(kServer, what); }

std::optional<Scheme> SchemeOf(std::string_view text) {
  if (text.starts_with("redis://")) return Scheme::kRedis;
  if (text.starts_with("rediss://")) return Scheme::kTls;
  if (text.starts_with("unix://") || text.starts_with("redis+unix://")) return Scheme::kUnix;
  return std::nullopt;
}

// The text with a host put in where a socket's path has none: libcurl wants one.
Result<std::string> WithHost(std::string_view text, Scheme scheme) {
  const bool has_host = UrlHasHost(text);
  const std::size_t path = std::min(text.find('/', text.find("://") + 3), text.size());
  if (scheme == Scheme::kUnix && (has_host || path == text.size())) {
    return Bad("expected unix:///path, with the path of the socket and no host");
  }
  if (scheme != Scheme::kUnix && !has_host) return Bad("it has no host");
  std::string whole(text);
  if (scheme == Scheme::kUnix) whole.insert(path, "localhost");
  return whole;
}

Status SetDb(std::string_view text, RedisUrl& result) {
  const auto db = ParseWhole<int>(text);
  if (!db || *db < 0) {
    return Bad("expected a database number, 0 to 2147483647, after the last '/' or '='");
  }
  result.db = *db;
  return Ok{};
}

Status SetSocket(const UrlParts& parts, RedisUrl& result) {
  if (parts.decoded_path == "/") return Bad("expected unix:///path, with the path of the socket");
  result.endpoint.unix_path = parts.decoded_path;
  if (parts.query.empty()) return Ok{};
  if (!parts.query.starts_with("db=")) return Bad("expected nothing but db=<number> after '?'");
  return SetDb(std::string_view(parts.query).substr(3), result);
}

Status SetServer(const UrlParts& parts, RedisUrl& result) {
  result.endpoint.host = parts.host;
  result.endpoint.port = parts.port.value_or(kDefaultPort);
  if (!parts.query.empty()) return Bad("nothing may follow a '?' (in a password write it as %3F)");
  if (parts.decoded_path == "/") return Ok{};
  return SetDb(std::string_view(parts.decoded_path).substr(1), result);
}

}  // namespace

Result<RedisUrl> ParseRedisUrl(std::string_view text) {
  const std::optional<Scheme> scheme = SchemeOf(text);
  if (!scheme) return Bad("expected redis://host:port/db, rediss://... (TLS) or unix:///path");
  const Result<std::string> whole = WithHost(text, *scheme);
  if (!whole.ok()) return whole.error();
  const Result<UrlParts> parts = SplitUrl(*whole, kServer);
  if (!parts.ok()) return parts.error();
  RedisUrl result;
  result.endpoint.tls = *scheme == Scheme::kTls;
  result.user = parts->user;
  result.password = parts->password;
  const Status status =
      *scheme == Scheme::kUnix ? SetSocket(*parts, result) : SetServer(*parts, result);
  if (!status.ok()) return status.error();
  return result;
}

}  // namespace headroom
