#include "test/exporter/http_fixture.h"

namespace headroom::test {

void Parking::Park(std::shared_ptr<HttpReply> reply) {
  const std::lock_guard lock(mutex_);
  replies_.push_back(std::move(reply));
  parked_.notify_all();
}

std::shared_ptr<HttpReply> Parking::Take() {
  std::unique_lock lock(mutex_);
  if (!parked_.wait_for(lock, kPatience, [this] { return !replies_.empty(); })) return nullptr;
  auto reply = std::move(replies_.back());
  replies_.pop_back();
  return reply;
}

void HttpContract::Serve(HttpHandler handler) {
  options_.log = [this](std::string_view line) {
    const std::lock_guard lock(log_mutex_);
    log_.append(line).append("\n");
  };
  auto started = StartHttpServer(options_, std::move(handler), clock_);
  ASSERT_TRUE(started) << started.error().message;
  server_ = std::move(started).value();
}

void HttpContract::ServeEcho() {
  Serve([](const HttpRequest& request, const std::shared_ptr<HttpReply>& reply) {
    std::string said = request.method + " " + request.path;
    for (const auto& [name, value] : request.query) said += " [" + name + "=" + value + "]";
    if (const std::string* x = request.Header("x-test")) said += " x-test:" + *x;
    reply->Send(HttpResponse::Text(200, said));
  });
}

void HttpContract::ServeText(const std::string& body) {
  Serve([body](const HttpRequest&, const std::shared_ptr<HttpReply>& reply) {
    reply->Send(HttpResponse::Text(200, body));
  });
}

std::chrono::milliseconds HttpContract::Timed(const std::function<void()>& what) const {
  const SteadyTime start = clock_.Now();
  what();
  return std::chrono::ceil<std::chrono::milliseconds>(clock_.Now() - start);
}

std::string HttpContract::LogText() {
  const std::lock_guard lock(log_mutex_);
  return log_;
}

}  // namespace headroom::test
