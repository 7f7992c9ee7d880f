// HttpClient: GET requests to one server over a connection that is kept. libcurl underneath.
//
// Threads: one at a time. Time: every wait, the name's resolution included, ends at the deadline or
// its cancellation. libcurl never resolves a name and never connects: its resolver can block past
// any limit, so it is handed sockets that Resolver and ConnectSocket() made.
//
// Nothing is asked for that was not asked for: no redirects, no proxy (whatever the environment
// says), no .netrc, no cookies, no compression (these servers are near, and it is their CPU that
// must be spared). After a transfer that failed the connection is dropped. Two things are tried
// again, once and under the same deadline: a request on a kept connection that the server had
// closed meanwhile, and one that was answered 401 when the password has changed since it was read.
//
// Precondition: the process ignores SIGPIPE (stream.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "collectors/deadline.h"
#include "collectors/net/stream.h"
#include "collectors/result.h"
#include "collectors/secret.h"

namespace headroom {

// http://[user[:password]@]host[:port][/path] or https://...: where an API lives.
struct HttpUrl {
  Endpoint endpoint;
  std::string path;  // without a slash at its end: "" or "/rabbit"
  std::string user;  // percent-decoded
  Secret password;
};

// The port is `default_port` (https: `default_tls_port`) unless given. A query or fragment is an
// error. Errors never repeat any of the text: it may hold a password.
Result<HttpUrl> ParseHttpUrl(std::string_view text, std::uint16_t default_port,
                             std::uint16_t default_tls_port);

struct HttpClientOptions {
  Endpoint endpoint;
  std::string path;       // put before the path of every request
  std::string user;       // empty: no credentials are sent
  SecretSource password;  // read again for each new connection, and after a 401
  // Precondition: not 0. What a reply may hold, however it is sent.
  std::size_t max_body_bytes = 64UL << 20;
};

struct HttpReply {
  int status = 0;
  // Has a capacity of at least size() + kBodyPadding: reserving that much copies nothing.
  std::string body;
};

// What simdjson wants to be able to read behind its input (SIMDJSON_PADDING).
inline constexpr std::size_t kBodyPadding = 64;

class Resolver;

class HttpClient {
 public:
  explicit HttpClient(HttpClientOptions options);
  // `resolver` must outlive the client.
  HttpClient(HttpClientOptions options, Resolver& resolver);
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient();

  // `target`: path and query, already percent-encoded: "/api/queues?columns=name". A whole reply of
  // any status but 3xx (kProtocol), 401 (kAuth), 403 (kPermission) and 429 or 503 (kLimit). Other
  // errors: kConnect, kTimeout (deadline or cancellation), kAuth (certificates, or the secret
  // cannot be read), kProtocol (not HTTP; a body over the cap or shorter than announced).
  // A body that announces no length and is not chunked, as HTTP/1.0 has them, ends where the
  // connection does: nobody can tell such a body from the first part of it.
  // Messages name the server and the path, never credentials.
  Result<HttpReply> Get(std::string_view target, const Deadline& deadline);

 private:
  class Session;
  std::unique_ptr<Session> session_;
};

// Every byte that is not unreserved in RFC 3986, as %XX: a queue name as a path segment. A segment
// "." or ".." stays what it is, and means what it means to a server: Cowboy (RabbitMQ 3.10) takes
// even its %2E for a step up.
std::string PercentEncode(std::string_view text);

}  // namespace headroom
