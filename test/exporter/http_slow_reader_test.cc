// A promise of libmicrohttpd's implementation alone: a response has a time of its own (civetweb
// bounds its idleness only).
#include <future>
#include <thread>

#include "test/exporter/http_fixture.h"

namespace headroom::test {
namespace {

using namespace std::chrono_literals;

TEST_F(HttpContract, ResponseThatIsNotTakenIsCutAfterItsTime) {
  options_.response_timeout = 200ms;
  options_.idle_timeout = 10min;  // not what ends it
  // Far more than the buffers of both sockets hold.
  auto body = std::make_shared<const std::string>(std::size_t{64} << 20, 'x');
  const std::weak_ptr<const std::string> held = body;
  Serve([&body](const HttpRequest&, const std::shared_ptr<HttpReply>& reply) {
    HttpResponse response;
    response.body = std::move(body);
    reply->Send(std::move(response));
  });
  HttpClient client(address());
  ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  const auto given_up = std::chrono::steady_clock::now() + kPatience;
  while (!held.expired() && std::chrono::steady_clock::now() < given_up) std::this_thread::yield();
  EXPECT_TRUE(held.expired());
  EXPECT_FALSE(client.Read());
}

}  // namespace
}  // namespace headroom::test
