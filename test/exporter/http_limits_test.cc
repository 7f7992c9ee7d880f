// The contract of exporter/http/server.h: addresses, limits and stopping. Compiled once per
// implementation.
#include <gmock/gmock.h>

#include <future>
#include <thread>

#include "exporter/http/listener.h"
#include "test/exporter/http_fixture.h"

namespace headroom::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;

HttpHandler Ignore() {
  return [](const HttpRequest&, const std::shared_ptr<HttpReply>&) {};
}

TEST_F(HttpContract, PortZeroIsFilledIn) {
  ServeText("x");
  ASSERT_EQ(server_->addresses().size(), 1U);
  EXPECT_THAT(address(), testing::MatchesRegex("127\\.0\\.0\\.1:[1-9][0-9]*"));
}

TEST_F(HttpContract, ServesEveryAddressItWasGiven) {
  options_.listen = {"127.0.0.1:0", "127.0.0.2:0"};
  ServeText("x");
  ASSERT_EQ(server_->addresses().size(), 2U);
  for (const std::string& at : server_->addresses()) {
    const auto answer = Get(at, "/");
    ASSERT_TRUE(answer) << at << ": " << answer.error().message;
  }
}

TEST_F(HttpContract, NamesAreResolved) {
  options_.listen = {"localhost:0"};
  ServeText("x");
  EXPECT_TRUE(Get(address(), "/"));
}

TEST_F(HttpContract, Ipv6AddressIsServedOrRefusedWithTheReason) {
  options_.listen = {"[::1]:0"};
  if (!HaveIpv6()) GTEST_SKIP() << "no IPv6 on this machine";
  if (Capabilities().ipv6) {
    ServeText("x");
    EXPECT_THAT(address(), testing::StartsWith("[::1]:"));
    EXPECT_TRUE(Get(address(), "/"));
  } else {
    const auto refused = StartHttpServer(options_, Ignore(), clock_);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, AllOf(HasSubstr("[::1]:0"), HasSubstr("no IPv6")));
  }
}

TEST_F(HttpContract, PortAloneServesIpv4AndIpv6) {
  options_.listen = {":0"};
  ServeText("x");
  const std::string port = address().substr(address().rfind(':'));
  EXPECT_TRUE(Get("127.0.0.1" + port, "/"));
  if (Capabilities().ipv6 && HaveIpv6()) {
    EXPECT_EQ(address(), "[::]" + port);
    EXPECT_TRUE(Get("[::1]" + port, "/"));
  } else {
    EXPECT_EQ(address(), "0.0.0.0" + port);
  }
}

TEST_F(HttpContract, AddressInUseIsNamedWithItsReason) {
  ServeText("x");
  HttpServerOptions second;
  second.listen = {address()};
  const auto refused = StartHttpServer(second, Ignore(), clock_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kInternal);
  EXPECT_THAT(refused.error().message, AllOf(HasSubstr(address()), HasSubstr("address in use")));
}

TEST_F(HttpContract, OneBadAddressOpensNothing) {
  auto free = Listener::Open("127.0.0.1:0");
  ASSERT_TRUE(free);
  const std::string good = free->address();
  { const Listener closed = std::move(free).value(); }
  options_.listen = {good, "127.0.0.1:99999"};
  const auto refused = StartHttpServer(options_, Ignore(), clock_);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("127.0.0.1:99999"));
  EXPECT_THROW(HttpClient{good}, std::runtime_error);
}

TEST_F(HttpContract, OversizedHeadIsRefused) {
  options_.max_header_bytes = 4096;
  ServeText("x");
  HttpClient client = Connect();
  client.Send("GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + std::string(20'000, 'y') + "\r\n\r\n");
  const auto answer = client.Read();
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_THAT(answer->status, testing::AnyOf(431, 400, 413, 414));
}

TEST_F(HttpContract, OversizedTargetIsRefused) {
  options_.max_header_bytes = 4096;
  ServeText("x");
  HttpClient client = Connect();
  client.Send("GET /" + std::string(20'000, 'y') + " HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto answer = client.Read();
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_THAT(answer->status, testing::AnyOf(431, 400, 413, 414));
}

TEST_F(HttpContract, LongHeadWithinTheLimitIsServed) {
  ServeEcho();
  HttpClient client = Connect();
  const std::string value(15'000, 'y');
  const auto answer = client.Ask("GET / HTTP/1.1\r\nHost: x\r\nX-Test: " + value + "\r\n\r\n");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "GET / x-test:" + value);
}

TEST_F(HttpContract, OversizedBodyIsRefusedUnheard) {
  Serve([](const HttpRequest&, const std::shared_ptr<HttpReply>& reply) {
    reply->Send(HttpResponse::Text(200, "the handler was called"));
  });
  HttpClient client = Connect();
  std::string request = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n";
  if (!Capabilities().refuses_declared_body) request += std::string(70'000, 'y');
  const auto answer = client.Ask(request);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 413);
}

TEST_F(HttpContract, OversizedChunkedBodyIsRefused) {
  Serve([](const HttpRequest&, const std::shared_ptr<HttpReply>& reply) {
    reply->Send(HttpResponse::Text(200, "the handler was called"));
  });
  HttpClient client = Connect();
  std::string request = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 70; ++i) request += "400\r\n" + std::string(1024, 'y') + "\r\n";
  const auto answer = client.Ask(request + "0\r\n\r\n");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 413);
}

TEST_F(HttpContract, IdleConnectionsDelayARequestNoLongerThanTheyMay) {
  const bool free = Capabilities().idle_connections_are_free;
  options_.idle_timeout = options_.request_timeout = free ? 60s : 2s;
  ServeText("x");
  const int count = free ? 400 : 8;
  std::vector<HttpClient> idle;
  for (int i = 0; i < count; ++i) {
    idle.push_back(Connect());
    if (i % 3 == 1) {
      ASSERT_TRUE(idle.back().Send("GET / HT"));  // half a request
    }
    if (i % 3 == 2) {
      ASSERT_TRUE(idle.back().Ask(kGet));
    }  // kept alive
  }
  // Without a worker to spare the request waits until the idle ones are given up.
  KeepsWithin(free ? 500ms : 5000ms,
              [&] { return Timed([&] { EXPECT_TRUE(Get(address(), "/")); }); });
}

TEST_F(HttpContract, IdleConnectionIsClosedAfterItsTimeout) {
  options_.idle_timeout = 1s;
  ServeText("x");
  HttpClient client = Connect();
  const auto took = Timed([&] {
    ASSERT_TRUE(client.Ask(kGet));
    EXPECT_TRUE(client.ClosedWithin(5s));
  });
  EXPECT_GE(took, 500ms);
}

TEST_F(HttpContract, HeadThatDripsIsCutAtTheRequestTimeout) {
  options_.request_timeout = 600ms;
  ServeText("x");
  KeepsWithin(2000ms, [&] {
    const auto took = Timed([&] {
      HttpClient client = Connect();
      ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\nX: "));
      for (int i = 0; i < 100 && !client.ClosedWithin(50ms); ++i) client.Send("y");
    });
    EXPECT_GE(took, 500ms);
    return took;
  });
}

TEST_F(HttpContract, HeadThatStopsHalfWayIsCutAtTheRequestTimeout) {
  options_.request_timeout = 600ms;
  ServeText("x");
  KeepsWithin(2500ms, [&] {
    const auto took = Timed([&] {
      HttpClient client = Connect();
      EXPECT_FALSE(client.ClosedWithin(100ms));
      EXPECT_TRUE(client.Send("GET / HT"));
      EXPECT_TRUE(client.ClosedWithin(5s));
    });
    EXPECT_GE(took, 500ms);
    return took;
  });
}

TEST_F(HttpContract, SecondHeadThatDripsOnAKeptConnectionIsCutToo) {
  options_.request_timeout = 600ms;
  options_.idle_timeout = Capabilities().times_every_head ? 60s : 2s;
  ServeText("x");
  KeepsWithin(Capabilities().times_every_head ? 1500ms : 4500ms, [&] {
    HttpClient client = Connect();
    EXPECT_TRUE(client.Ask(kGet));
    EXPECT_FALSE(client.ClosedWithin(300ms));  // idle time does not count
    const auto took = Timed([&] {
      ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\nX: "));
      for (int i = 0; i < 100 && !client.ClosedWithin(50ms); ++i) client.Send("y");
    });
    EXPECT_GE(took, 500ms);
    return took;
  });
}

TEST_F(HttpContract, WaitingForAnAnswerIsNotCutByAnyTimeout) {
  options_.request_timeout = 300ms;
  options_.idle_timeout = 1s;
  Serve(parking_.Handler());
  HttpClient client = Connect();
  ASSERT_TRUE(client.Send(kGet));
  const auto reply = parking_.Take();
  ASSERT_FALSE(client.ClosedWithin(2s));
  reply->Send(HttpResponse::Text(200, "x"));
  const auto answer = client.Read();
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "x");
}

TEST_F(HttpContract, ConnectionsBeyondTheLimitWaitForAPlace) {
  options_.max_connections = 3;
  ServeText("x");
  std::vector<HttpClient> held;
  for (int i = 0; i < 3; ++i) {
    held.push_back(Connect());
    ASSERT_TRUE(held.back().Ask(kGet));
  }
  HttpClient beyond = Connect();  // into the backlog
  ASSERT_TRUE(beyond.Send(kGet));
  if (Capabilities().connection_limit) {
    EXPECT_FALSE(beyond.ClosedWithin(300ms));
    held.pop_back();
  }
  EXPECT_TRUE(beyond.Read());
}

TEST_F(HttpContract, IdleStopIsQuick) {
  KeepsWithin(Capabilities().stop_overhead, [&] {
    ServeText("x");
    HttpClient kept = Connect();
    EXPECT_TRUE(kept.Ask(kGet));
    const auto took = Timed([&] { server_->Stop(5s); });
    EXPECT_TRUE(kept.ClosedWithin(1s));
    return took;
  });
}

TEST_F(HttpContract, StoppedServerListensNoMore) {
  ServeText("x");
  const std::string was = address();
  server_->Stop(0ms);
  server_->Stop(0ms);  // a second time does nothing
  EXPECT_THROW(HttpClient{was}, std::runtime_error);
}

TEST_F(HttpContract, AnswerWithinTheGraceOfAStopGoesOut) {
  Serve(parking_.Handler());
  HttpClient client = Connect();
  ASSERT_TRUE(client.Send(kGet));
  const auto reply = parking_.Take();
  auto stopped = std::async(std::launch::async, [&] { server_->Stop(20s); });
  EXPECT_EQ(stopped.wait_for(200ms), std::future_status::timeout);
  reply->Send(HttpResponse::Text(200, std::string(100'000, 'x')));
  const auto answer = client.Read();
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body.size(), 100'000U);
  EXPECT_EQ(stopped.wait_for(kPatience), std::future_status::ready);
}

TEST_F(HttpContract, RequestsWithoutAnAnswerEndWithTheGrace) {
  KeepsWithin(300ms + Capabilities().stop_overhead, [&] {
    Serve(parking_.Handler());
    std::vector<HttpClient> clients;
    std::vector<std::shared_ptr<HttpReply>> replies;
    for (int i = 0; i < 5; ++i) {
      clients.push_back(Connect());
      EXPECT_TRUE(clients.back().Send(kGet));
      replies.push_back(parking_.Take());
    }
    const auto took = Timed([&] { server_->Stop(300ms); });
    EXPECT_GE(took, 300ms);
    for (HttpClient& client : clients) {
      const auto answer = client.Read();
      EXPECT_EQ(answer ? answer->status : 0, 503);
      EXPECT_TRUE(client.ClosedWithin(1s));
    }
    return took;
  });
}

TEST_F(HttpContract, RequestsDuringAStopDoNotReachTheHandler) {
  Serve(parking_.Handler());
  HttpClient waiting = Connect();
  HttpClient kept = Connect();
  ASSERT_TRUE(kept.Send(kGet));
  parking_.Take()->Send(HttpResponse::Text(200, "x"));
  ASSERT_TRUE(kept.Read());
  ASSERT_TRUE(waiting.Send(kGet));
  const auto reply = parking_.Take();
  auto stopped = std::async(std::launch::async, [&] { server_->Stop(20s); });
  ASSERT_EQ(stopped.wait_for(200ms), std::future_status::timeout);
  const auto refused = kept.Ask(kGet);
  if (refused) {
    EXPECT_EQ(refused->status, 503);
  }
  reply->Send(HttpResponse::Text(200, "x"));
  EXPECT_TRUE(waiting.Read());
}

TEST_F(HttpContract, SendAfterStopHarmsNobody) {
  Serve(parking_.Handler());
  HttpClient client = Connect();
  ASSERT_TRUE(client.Send(kGet));
  const auto reply = parking_.Take();
  server_->Stop(0ms);
  reply->Send(HttpResponse::Text(200, "x"));
  server_.reset();
  reply->Send(HttpResponse::Text(200, "x"));
}

TEST_F(HttpContract, DestructionStopsWithinItsBound) {
  KeepsWithin(1000ms + Capabilities().stop_overhead, [&] {
    Serve(parking_.Handler());
    HttpClient client = Connect();
    EXPECT_TRUE(client.Send(kGet));
    const auto reply = parking_.Take();
    return Timed([&] { server_.reset(); });
  });
}

}  // namespace
}  // namespace headroom::test
