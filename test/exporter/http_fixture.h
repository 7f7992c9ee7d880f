// HttpContract: a server on a free loopback port, a handler that answers what it was asked, and a
// place where a test can park replies to answer them later.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "exporter/http/server.h"
#include "exporter/system_clock.h"
#include "test/exporter/http_capabilities.h"
#include "test/support/http_client.h"
#include "test/support/keeps_within.h"

namespace headroom::test {

// Where a handler leaves its replies for the test's thread.
class Parking {
 public:
  HttpHandler Handler() {
    return [this](const HttpRequest&, std::shared_ptr<HttpReply> reply) { Park(std::move(reply)); };
  }
  // Waits for one; null after kPatience.
  std::shared_ptr<HttpReply> Take();

 private:
  void Park(std::shared_ptr<HttpReply> reply);

  std::mutex mutex_;
  std::condition_variable parked_;
  std::vector<std::shared_ptr<HttpReply>> replies_;
};

class HttpContract : public testing::Test {
 protected:
  HttpContract() { options_.listen = {"127.0.0.1:0"}; }

  // Starts with options_; the test fails if that fails.
  void Serve(HttpHandler handler);
  // Serve() with a 200 whose body says method, path, query and the header "x-test".
  void ServeEcho();
  void ServeText(const std::string& body);

  const std::string& address() const { return server_->addresses().front(); }
  HttpClient Connect() const { return HttpClient(address()); }
  // The time that `what` took.
  std::chrono::milliseconds Timed(const std::function<void()>& what) const;
  std::string LogText();

  SystemClock clock_;
  HttpServerOptions options_;
  Parking parking_;

 private:
  std::mutex log_mutex_;
  std::string log_;

 protected:
  std::unique_ptr<HttpServer> server_;  // last: it uses all of the above until it is gone
};

inline constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";

}  // namespace headroom::test
