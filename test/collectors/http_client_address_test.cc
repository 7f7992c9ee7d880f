// HttpClient: where it connects to.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "collectors/net/resolver.h"
#include "test/support/http_client_fixture.h"
#include "test/support/loopback.h"
#include "test/support/proc.h"

namespace headroom {
namespace {

using test::AnswerAll;
using test::ExpectTimeout;
using test::HttpClientProtocol;
using test::HttpReplyText;
using test::kOkReply;
using test::LoopbackAddresses;
using test::Peer;
using test::ReadRequest;
using test::RefuseOnLoopback;
using test::RunningThreads;
using test::ScriptedServer;
using ::testing::HasSubstr;

TEST_F(HttpClientProtocol, NamesAreResolvedByTheResolverAlone) {
  std::string request;
  std::ptrdiff_t threads = 0;
  const ScriptedServer server({[&](Peer& peer) {
    request = ReadRequest(peer);
    threads = RunningThreads();
    peer.Send(kOkReply);
    peer.AwaitClose();
  }});
  std::atomic<int> lookups = 0;
  Resolver resolver([&](const std::string& host, std::uint16_t) -> Result<AddressList> {
    ++lookups;
    EXPECT_EQ(host, "broker.invalid");
    return LoopbackAddresses({server.port()});
  });
  HttpClientOptions options = OptionsFor(server);
  options.endpoint.host = "broker.invalid";
  HttpClient client(options, resolver);
  const std::ptrdiff_t before = RunningThreads();
  const auto reply = client.Get("/", Ample());
  ASSERT_TRUE(reply.ok()) << reply.error().message;
  EXPECT_EQ(lookups, 1);
  EXPECT_LE(threads, before + 1);  // the resolver's may not be gone yet
  EXPECT_THAT(request, HasSubstr(fmt::format("Host: broker.invalid:{}\r\n", server.port())));
}

TEST_F(HttpClientProtocol, NameResolutionThatHangsEndsAtTheDeadline) {
  auto release = std::make_shared<std::promise<void>>();
  Resolver resolver([released = release->get_future().share()](
                        const std::string&, std::uint16_t port) -> Result<AddressList> {
    released.wait();
    return LoopbackAddresses({port});
  });
  HttpClientOptions options;
  options.endpoint.host = "broker.invalid";
  options.endpoint.port = 1;
  HttpClient client(options, resolver);
  ExpectTimeout(client, clock_);
  release->set_value();
}

TEST_F(HttpClientProtocol, SecondAddressIsTriedWhenTheFirstRefuses) {
  std::uint16_t refused = 0;
  const Fd nobody = RefuseOnLoopback(refused);
  const ScriptedServer server({AnswerAll()});
  Resolver resolver([&](const std::string&, std::uint16_t) -> Result<AddressList> {
    return LoopbackAddresses({refused, server.port()});
  });
  HttpClientOptions options = OptionsFor(server);
  options.endpoint.host = "broker.invalid";
  HttpClient client(options, resolver);
  const auto reply = client.Get("/", Ample());
  EXPECT_TRUE(reply.ok()) << reply.error().message;
}

TEST_F(HttpClientProtocol, RefusedConnectionSaysWhere) {
  HttpClientOptions options;
  options.endpoint.host = "127.0.0.1";
  const Fd nobody = RefuseOnLoopback(options.endpoint.port);
  HttpClient client(options);
  const auto reply = client.Get("/api/x?y=z", Ample());
  ASSERT_FALSE(reply.ok());
  const std::string address = options.endpoint.ToString();
  EXPECT_EQ(Name(reply.error().kind), "connect");
  EXPECT_EQ(reply.error().message,
            fmt::format("{0}: GET /api/x: connecting: {0}: Connection refused", address));
}

TEST_F(HttpClientProtocol, IPv6AddressIsReached) {
  const Fd listener(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener.get(), raw, size) != 0) GTEST_SKIP() << "no IPv6 here";
  ASSERT_EQ(::listen(listener.get(), 1), 0);
  ASSERT_EQ(::getsockname(listener.get(), raw, &size), 0);
  std::string request;
  std::thread server([&] {
    const Fd accepted(::accept(listener.get(), nullptr, nullptr));
    Peer peer(accepted.get());
    request = ReadRequest(peer);
    peer.Send(kOkReply);
  });
  HttpClientOptions options;
  options.endpoint.host = "::1";
  options.endpoint.port = ntohs(address.sin6_port);
  HttpClient client(options);
  const auto reply = client.Get("/", Ample());
  server.join();
  ASSERT_TRUE(reply.ok()) << reply.error().message;
  EXPECT_THAT(request, HasSubstr(fmt::format("Host: [::1]:{}\r\n", options.endpoint.port)));
}

TEST_F(HttpClientProtocol, ProxiesOfTheEnvironmentAreNotUsed) {
  const ScriptedServer proxy({AnswerAll(HttpReplyText("200 OK", "proxy"))});
  const ScriptedServer server({AnswerAll()});
  ::setenv("http_proxy", fmt::format("http://127.0.0.1:{}", proxy.port()).c_str(), 1);
  HttpClient client(OptionsFor(server));
  const auto reply = client.Get("/", Ample());
  ::unsetenv("http_proxy");
  ASSERT_TRUE(reply.ok()) << reply.error().message;
  EXPECT_EQ(reply->body, "ok");
}

}  // namespace
}  // namespace headroom
