// HttpServer: the one header between headroom and whatever serves HTTP.
//
// Two implementations pass the same contract test: libmicrohttpd (default) and civetweb
// (-DHEADROOM_HTTP=civetweb, plain HTTP). docs/decisions/0001-http-server.md has the reasons.
//
// Threads: the handler is called on a thread of the server and must not block: it answers at once
// or keeps the HttpReply and answers later, from any thread. Exceptions that leave the handler
// become a 500; nothing reaches the C library underneath.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collectors/clock.h"
#include "collectors/result.h"

namespace headroom {

struct HttpRequest {
  std::string method;                                        // upper case
  std::string path;                                          // decoded, without the query
  std::vector<std::pair<std::string, std::string>> query;    // decoded, in order, repeats kept
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case

  // The first header of that (lower-case) name; null when there is none.
  const std::string* Header(std::string_view lower_case_name) const;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::vector<std::pair<std::string, std::string>> headers;
  // Shared so that one page can serve many scrapers without a copy. Never null when sent.
  std::shared_ptr<const std::string> body;

  static HttpResponse Text(int status, std::string body);
};

// The right to answer one request, exactly once, from any thread. Dropped unanswered: 500.
class HttpReply {
 public:
  HttpReply() = default;
  HttpReply(const HttpReply&) = delete;
  HttpReply& operator=(const HttpReply&) = delete;
  virtual ~HttpReply() = default;
  // A second call is ignored. Safe after the client has gone and after Stop().
  virtual void Send(HttpResponse response) = 0;
};

using HttpHandler = std::function<void(const HttpRequest&, std::shared_ptr<HttpReply>)>;

struct HttpServerOptions {
  // "host:port", "[v6]:port", ":port" (all addresses, IPv4 and IPv6). Port 0: the system chooses.
  std::vector<std::string> listen = {":9935"};
  std::size_t max_connections = 1000;                // over all listeners
  std::chrono::milliseconds idle_timeout{10'000};    // a connection that says nothing
  std::chrono::milliseconds request_timeout{5'000};  // from the first byte of a head to its last
  // From a response's first byte to its last: a client that takes a page byte by byte holds it for
  // no longer (civetweb: idle_timeout alone bounds it).
  std::chrono::milliseconds response_timeout{30'000};
  std::size_t max_header_bytes = std::size_t{16} * 1024;  // more: 431 (or 400, 414)
  std::function<void(std::string_view)> log;  // the library's own complaints; may be empty
};

class HttpServer {
 public:
  HttpServer() = default;
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  // Stops with a bound of one second if Stop() was not called.
  virtual ~HttpServer() = default;

  // What is listened on, ports filled in: "127.0.0.1:9935", "[::]:9935".
  virtual const std::vector<std::string>& addresses() const = 0;
  // Stops accepting; replies that are sent within `grace` still go out, the rest become a 503.
  // Returns when no handler runs and none will run again. Idempotent.
  virtual void Stop(std::chrono::milliseconds grace) = 0;
};

// Opens every listener or none. Error(kInternal) names the address and the reason. `clock` must
// outlive the server. Stop() must not be called from within the handler.
Result<std::unique_ptr<HttpServer>> StartHttpServer(const HttpServerOptions& options,
                                                    HttpHandler handler, const Clock& clock);

}  // namespace headroom
