// HttpServer on civetweb (tried with Debian 12's 1.15). Known limits, see docs/decisions/0001:
// a worker thread per connection, idle ones included; no connection limit; no IPv6 in Debian 12's
// build; Stop() takes up to two seconds longer than it needs.
#include <civetweb.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <utility>

#include "exporter/http/listener.h"
#include "exporter/http/request_target.h"
#include "exporter/http/server.h"

namespace headroom {
namespace {

constexpr int kWorkers = 8;
// A handler answers by its own deadline, seconds away; this only frees a worker from a bug.
constexpr auto kLongestWait = std::chrono::minutes(1);
constexpr auto kTimeToWrite = std::chrono::milliseconds(100);
constexpr unsigned kFeatureIpv6 = 8;  // civetweb.h, mg_init_library

using Log = std::function<void(std::string_view)>;

// Where workers wait for answers. Outlives the server as long as a reply does.
struct Desk {
  explicit Desk(const Clock& c) : clock(c) {}

  const Clock& clock;
  std::mutex mutex;
  std::condition_variable changed;
  // Guarded by mutex:
  std::optional<SteadyTime> stop_at;
  int in_flight = 0;
};

// Counts a request that Stop() has to wait for.
class InFlight {
 public:
  explicit InFlight(Desk& desk) : desk_(desk) {
    const std::lock_guard lock(desk_.mutex);
    ++desk_.in_flight;
  }
  ~InFlight() {
    const std::lock_guard lock(desk_.mutex);
    --desk_.in_flight;
    desk_.changed.notify_all();
  }
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;

 private:
  Desk& desk_;
};

class WaitedReply final : public HttpReply {
 public:
  // Shared by the reply, which sets it once, and the worker that waits for it.
  struct Slot {
    bool sent = false;
    std::optional<HttpResponse> response;
  };

  WaitedReply(std::shared_ptr<Desk> desk, std::shared_ptr<Slot> slot)
      : desk_(std::move(desk)), slot_(std::move(slot)) {}
  ~WaitedReply() override { SendOnce(InternalError()); }
  void Send(HttpResponse response) override { SendOnce(Sendable(std::move(response))); }

 private:
  void SendOnce(HttpResponse response) {
    const std::lock_guard lock(desk_->mutex);
    if (std::exchange(slot_->sent, true)) return;
    slot_->response = std::move(response);
    desk_->changed.notify_all();
  }

  const std::shared_ptr<Desk> desk_;
  const std::shared_ptr<Slot> slot_;
};

HttpRequest ReadRequest(const mg_request_info& info) {
  HttpRequest request;
  request.method = info.request_method;
  std::string target = info.local_uri_raw == nullptr ? "/" : info.local_uri_raw;
  if (info.query_string != nullptr) target.append("?").append(info.query_string);
  ParseRequestTarget(target, request);
  for (int i = 0; i < info.num_headers; ++i) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-bounds-constant-array-index): civetweb's own count
    const mg_header& header = info.http_headers[i];
    request.headers.emplace_back(LowerCase(header.name), header.value);
  }
  return request;
}

// False if the body is larger than the limit.
bool DiscardBody(mg_connection* connection) {
  std::size_t total = 0;
  std::array<char, 4096> buffer{};
  for (;;) {
    const int got = mg_read(connection, buffer.data(), buffer.size());
    if (got <= 0) return true;
    total += static_cast<std::size_t>(got);
    if (total > kMaxRequestBody) return false;
  }
}

void WriteResponse(mg_connection* connection, const HttpResponse& response, bool head_only) {
  const std::string length = std::to_string(response.body->size());
  mg_response_header_start(connection, response.status);
  mg_response_header_add(connection, "Content-Type", response.content_type.c_str(), -1);
  mg_response_header_add(connection, "Content-Length", length.c_str(), -1);
  for (const auto& [name, value] : response.headers) {
    mg_response_header_add(connection, name.c_str(), value.c_str(), -1);
  }
  mg_response_header_send(connection);
  if (head_only || response.body->empty()) return;
  mg_write(connection, response.body->data(), response.body->size());
}

class CivetwebServer final : public HttpServer {
 public:
  CivetwebServer(HttpHandler handler, Log log, const Clock& clock)
      : handler_(std::move(handler)), log_(std::move(log)), desk_(std::make_shared<Desk>(clock)) {
    mg_init_library(0);
  }
  ~CivetwebServer() override {
    StopWithin(std::chrono::seconds(1));
    mg_exit_library();
  }

  Status Start(const HttpServerOptions& options);

  const std::vector<std::string>& addresses() const override { return addresses_; }
  void Stop(std::chrono::milliseconds grace) override { StopWithin(grace); }

 private:
  static int OnRequest(mg_connection* connection);
  static int OnLog(const mg_connection* connection, const char* message);

  int Serve(mg_connection* connection);
  HttpResponse Answer(const HttpRequest& request);
  HttpResponse WaitFor(const WaitedReply::Slot& slot);
  void StopWithin(std::chrono::milliseconds grace);

  const HttpHandler handler_;
  const Log log_;
  const std::shared_ptr<Desk> desk_;
  std::mutex stopping_;
  mg_context* context_ = nullptr;
  std::vector<std::string> addresses_;
};

int CivetwebServer::OnRequest(mg_connection* connection) {
  auto& self = *static_cast<CivetwebServer*>(mg_get_request_info(connection)->user_data);
  try {
    return self.Serve(connection);
  } catch (const std::exception&) {
    return 500;  // out of memory; the library must not see it
  }
}

int CivetwebServer::OnLog(const mg_connection* connection, const char* message) {
  auto* const self = static_cast<CivetwebServer*>(mg_get_user_data(mg_get_context(connection)));
  try {
    if (self != nullptr && self->log_) self->log_(OneLine(message));
  } catch (const std::exception&) {
    return 1;  // a log line is not worth a connection
  }
  return 1;  // handled: not to standard error
}

int CivetwebServer::Serve(mg_connection* connection) {
  const HttpRequest request = ReadRequest(*mg_get_request_info(connection));
  const bool small = DiscardBody(connection);
  // Until the response is written: mg_stop() cuts what is still being written.
  const InFlight counted(*desk_);
  const HttpResponse response =
      small ? Answer(request) : HttpResponse::Text(413, "request body too large\n");
  WriteResponse(connection, response, request.method == "HEAD");
  return response.status;
}

HttpResponse CivetwebServer::Answer(const HttpRequest& request) {
  {
    const std::lock_guard lock(desk_->mutex);
    if (desk_->stop_at) return ShuttingDown();
  }
  const auto slot = std::make_shared<WaitedReply::Slot>();
  CallHandler(handler_, request, std::make_shared<WaitedReply>(desk_, slot), log_);
  return WaitFor(*slot);
}

HttpResponse CivetwebServer::WaitFor(const WaitedReply::Slot& slot) {
  std::unique_lock lock(desk_->mutex);
  const SteadyTime give_up = desk_->clock.Now() + kLongestWait;
  while (!slot.response) {
    const SteadyTime until = std::min(give_up, desk_->stop_at.value_or(give_up));
    if (desk_->clock.Now() >= until) break;
    desk_->clock.WaitUntil(desk_->changed, lock, until);
  }
  if (slot.response) return *slot.response;
  return desk_->stop_at ? ShuttingDown() : InternalError();
}

void CivetwebServer::StopWithin(std::chrono::milliseconds grace) {
  const std::lock_guard once(stopping_);
  if (context_ == nullptr) return;
  {
    std::unique_lock lock(desk_->mutex);
    const SteadyTime at = desk_->clock.Now() + grace;
    desk_->stop_at = at;
    desk_->changed.notify_all();
    // A little longer than the waits for answers, so that their 503 is written.
    const SteadyTime written = at + kTimeToWrite;
    while (desk_->in_flight > 0 && desk_->clock.Now() < written) {
      desk_->clock.WaitUntil(desk_->changed, lock, written);
    }
  }
  // Waits for the workers; cuts what they are still writing.
  mg_stop(std::exchange(context_, nullptr));
}

// What civetweb understands: "127.0.0.1:9935", "[::1]:9935", "+9935" for IPv4 and IPv6, "9935" for
// IPv4 alone. It knows no names, so the numeric address comes from `opened`.
Result<std::string> PortSpec(const std::string& text, const Listener& opened) {
  const auto wanted = ParseListenAddress(text);
  const auto numeric = ParseListenAddress(opened.address());
  if (!wanted) return wanted.error();
  if (!numeric) return numeric.error();
  const std::uint16_t port = wanted->port;
  const bool ipv6 = mg_check_feature(kFeatureIpv6) != 0;
  if (numeric->host == "::" && ipv6) return fmt::format("+{}", port);
  if (wanted->host.empty()) return fmt::format("{}", port);
  if (numeric->host.find(':') == std::string::npos || ipv6) {
    return PrintableAddress(numeric->host, port);
  }
  return Error{ErrorKind::kInternal,
               fmt::format("cannot listen on \"{}\": this build of civetweb {} has no IPv6; use an "
                           "IPv4 address, or build headroom with -DHEADROOM_HTTP=microhttpd",
                           text, mg_version())};
}

Status CivetwebServer::Start(const HttpServerOptions& options) {
  std::string ports;
  std::vector<std::string> hosts;
  {
    // Opened first by ourselves and closed again: all errors are then in our words, and nothing is
    // opened when one address is bad. Somebody else may take a port in between; then mg_start
    // fails.
    const auto probes = OpenListeners(options.listen);
    if (!probes) return probes.error();
    for (std::size_t i = 0; i < probes->size(); ++i) {
      const auto spec = PortSpec(options.listen.at(i), probes->at(i));
      if (!spec) return spec.error();
      ports += (i == 0 ? "" : ",") + *spec;
      const auto host = ParseListenAddress(probes->at(i).address());
      const bool ipv4_only = spec->find_first_of("+:") == std::string::npos;
      hosts.push_back(ipv4_only ? "0.0.0.0" : host->host);
    }
  }
  const std::string workers = std::to_string(kWorkers);
  const std::string request_ms = std::to_string(options.request_timeout.count());
  const std::string idle_ms = std::to_string(options.idle_timeout.count());
  const std::string head_bytes = std::to_string(options.max_header_bytes);
  const std::array<const char*, 23> settings = {"listening_ports",
                                                ports.c_str(),
                                                "num_threads",
                                                workers.c_str(),
                                                "request_timeout_ms",
                                                request_ms.c_str(),
                                                "keep_alive_timeout_ms",
                                                idle_ms.c_str(),
                                                "max_request_size",
                                                head_bytes.c_str(),
                                                "enable_keep_alive",
                                                "yes",
                                                "tcp_nodelay",
                                                "1",
                                                "decode_url",
                                                "no",
                                                "enable_directory_listing",
                                                "no",
                                                nullptr};
  mg_callbacks callbacks{};
  callbacks.begin_request = &OnRequest;
  callbacks.log_message = &OnLog;
  context_ = mg_start(&callbacks, this, const_cast<const char**>(settings.data()));
  if (context_ == nullptr) {
    return Error{ErrorKind::kInternal, fmt::format("civetweb cannot listen on {}", ports)};
  }
  std::vector<mg_server_port> opened(hosts.size());
  const int count = mg_get_server_ports(context_, static_cast<int>(opened.size()), opened.data());
  for (std::size_t i = 0; i < static_cast<std::size_t>(std::max(count, 0)); ++i) {
    const auto port = static_cast<std::uint16_t>(opened.at(i).port);
    addresses_.push_back(PrintableAddress(hosts.at(i), port));
  }
  return Ok{};
}

}  // namespace

Result<std::unique_ptr<HttpServer>> StartHttpServer(const HttpServerOptions& options,
                                                    HttpHandler handler, const Clock& clock) {
  auto server = std::make_unique<CivetwebServer>(std::move(handler), options.log, clock);
  if (auto started = server->Start(options); !started) return std::move(started).error();
  return std::unique_ptr<HttpServer>(std::move(server));
}

}  // namespace headroom
