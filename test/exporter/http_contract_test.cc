// The contract of exporter/http/server.h: what is asked and what is answered. Compiled once per
// implementation. Limits and stopping: http_limits_test.cc.
#include <gmock/gmock.h>

#include <algorithm>
#include <stdexcept>
#include <thread>

#include "test/exporter/http_fixture.h"

namespace headroom::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST_F(HttpContract, GetAnswersWithStatusTypeAndLength) {
  ServeText("hello\n");
  const auto answer = Get(address(), "/");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "hello\n");
  EXPECT_EQ(answer->Header("content-length"), "6");
  EXPECT_EQ(answer->Header("content-type"), "text/plain; charset=utf-8");
}

TEST_F(HttpContract, HeadHasTheLengthOfTheBodyAndNoBody) {
  ServeText("hello\n");
  HttpClient client = Connect();
  const auto head =
      client.Ask("HEAD / HTTP/1.1\r\nHost: test\r\n\r\n", HttpClient::Body::kWithoutBody);
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->Header("content-length"), "6");
  // A body would be taken for the head of the next answer.
  const auto next = client.Ask(kGet);
  ASSERT_TRUE(next) << next.error().message;
  EXPECT_EQ(next->body, "hello\n");
}

TEST_F(HttpContract, HeadReachesTheHandlerAsHead) {
  std::string method;
  Serve([&](const HttpRequest& request, const std::shared_ptr<HttpReply>& reply) {
    method = request.method;
    reply->Send(HttpResponse::Text(200, "x"));
  });
  HttpClient client = Connect();
  ASSERT_TRUE(client.Ask("HEAD / HTTP/1.1\r\nHost: test\r\n\r\n", HttpClient::Body::kWithoutBody));
  EXPECT_EQ(method, "HEAD");
}

TEST_F(HttpContract, PostWithABodyReachesTheHandler) {
  ServeEcho();
  HttpClient client = Connect();
  const auto answer = client.Ask(
      "POST /-/reload HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello"
      "GET /next HTTP/1.1\r\nHost: test\r\n\r\n");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "POST /-/reload");
  const auto next = client.Read();  // the body was read and dropped
  ASSERT_TRUE(next) << next.error().message;
  EXPECT_EQ(next->body, "GET /next");
}

TEST_F(HttpContract, QueryIsDecodedInOrderWithRepeats) {
  ServeEcho();
  const auto answer =
      Get(address(), "/metrics?collect[]=b%20c&collect%5B%5D=a+b&x&y=%zz%2&=1&z=a%3Db=c");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body,
            "GET /metrics [collect[]=b c] [collect[]=a b] [x=] [y=%zz%2] [=1] [z=a=b=c]");
}

TEST_F(HttpContract, PathIsDecodedToItsLastByte) {
  std::string path;
  Serve([&](const HttpRequest& request, const std::shared_ptr<HttpReply>& reply) {
    path = request.path;
    reply->Send(HttpResponse::Text(200, "x"));
  });
  ASSERT_TRUE(Get(address(), "/a%2Fb+c%00d"));
  EXPECT_EQ(path, std::string("/a/b+c\0d", 8));
}

TEST_F(HttpContract, HeaderNamesAreLowerCase) {
  ServeEcho();
  HttpClient client = Connect();
  const auto answer = client.Ask("GET / HTTP/1.1\r\nHOST: test\r\nX-TeSt: Value\r\n\r\n");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "GET / x-test:Value");
}

TEST_F(HttpContract, StatusAndHeadersOfTheHandlerPassThrough) {
  Serve([](const HttpRequest&, const std::shared_ptr<HttpReply>& reply) {
    HttpResponse response = HttpResponse::Text(404, "no such page\n");
    response.content_type = "text/html";
    response.headers = {{"Allow", "GET, HEAD"}};
    reply->Send(std::move(response));
  });
  const auto answer = Get(address(), "/nowhere");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 404);
  EXPECT_EQ(answer->body, "no such page\n");
  EXPECT_EQ(answer->Header("content-type"), "text/html");
  EXPECT_EQ(answer->Header("allow"), "GET, HEAD");
}

TEST_F(HttpContract, UnusualMethodsReachTheHandler) {
  ServeEcho();
  for (const std::string method : {"PUT", "DELETE", "OPTIONS"}) {
    HttpClient client = Connect();
    const auto answer =
        client.Ask(method + " /x HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n");
    ASSERT_TRUE(answer) << method << ": " << answer.error().message;
    EXPECT_EQ(answer->body, method + " /x");
  }
}

TEST_F(HttpContract, EmptyBodyHasLengthZero) {
  ServeText("");
  const auto answer = Get(address(), "/");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->Header("content-length"), "0");
}

TEST_F(HttpContract, LargeBodyArrivesWhole) {
  std::string large;
  for (int i = 0; large.size() < 8U * 1024 * 1024; ++i) large += std::to_string(i) + "\n";
  ServeText(large);
  const auto answer = Get(address(), "/");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_TRUE(answer->body == large);
}

TEST_F(HttpContract, KeepAliveServesTwoRequestsOnOneConnection) {
  ServeEcho();
  HttpClient client = Connect();
  for (const std::string target : {"/one", "/two"}) {
    const auto answer = client.Ask("GET " + target + " HTTP/1.1\r\nHost: test\r\n\r\n");
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->body, "GET " + target);
  }
}

TEST_F(HttpContract, ConnectionCloseIsObeyed) {
  ServeText("x");
  HttpClient client = Connect();
  ASSERT_TRUE(client.Ask("GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"));
  EXPECT_TRUE(client.ClosedWithin(4s));
}

TEST_F(HttpContract, Http10IsAnsweredAndClosed) {
  ServeText("x");
  HttpClient client = Connect();
  const auto answer = client.Ask("GET / HTTP/1.0\r\n\r\n");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "x");
  EXPECT_TRUE(client.ClosedWithin(4s));
}

TEST_F(HttpContract, AnswerFromAnotherThreadArrives) {
  Serve(parking_.Handler());
  HttpClient client = Connect();
  ASSERT_TRUE(client.Send(kGet));
  std::thread([reply = parking_.Take()] { reply->Send(HttpResponse::Text(200, "late")); }).join();
  const auto answer = client.Read();
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "late");
}

TEST_F(HttpContract, ManyRequestsWaitAtOnce) {
  Serve(parking_.Handler());
  std::vector<HttpClient> clients;
  std::vector<std::shared_ptr<HttpReply>> replies;
  for (int i = 0; i < Capabilities().waiting_requests; ++i) {
    clients.push_back(Connect());
    ASSERT_TRUE(clients.back().Send(kGet));
    replies.push_back(parking_.Take());
    ASSERT_NE(replies.back(), nullptr);
  }
  std::thread first([&] {
    for (std::size_t i = 0; i < replies.size(); i += 2)
      replies[i]->Send(HttpResponse::Text(200, std::to_string(i)));
  });
  for (std::size_t i = 1; i < replies.size(); i += 2)
    replies[i]->Send(HttpResponse::Text(200, std::to_string(i)));
  first.join();
  for (std::size_t i = 0; i < clients.size(); ++i) {
    const auto answer = clients[i].Read();
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->body, std::to_string(i));
  }
}

TEST_F(HttpContract, DroppedReplyIsA500) {
  Serve([](const HttpRequest&, const std::shared_ptr<HttpReply>&) {});
  const auto answer = Get(address(), "/");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 500);
}

TEST_F(HttpContract, ReplyDroppedLaterIsA500) {
  Serve(parking_.Handler());
  HttpClient client = Connect();
  ASSERT_TRUE(client.Send(kGet));
  ASSERT_NE(parking_.Take(), nullptr);  // and gone
  const auto answer = client.Read();
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 500);
}

TEST_F(HttpContract, SecondSendIsIgnored) {
  Serve([](const HttpRequest&, const std::shared_ptr<HttpReply>& reply) {
    reply->Send(HttpResponse::Text(200, "first"));
    reply->Send(HttpResponse::Text(200, "second"));
  });
  HttpClient client = Connect();
  for (int i = 0; i < 2; ++i) {
    const auto answer = client.Ask(kGet);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->body, "first");
  }
}

TEST_F(HttpContract, ExceptionIsALogged500) {
  Serve([](const HttpRequest&, const std::shared_ptr<HttpReply>&) {
    throw std::runtime_error("no page\ntoday");
  });
  const auto answer = Get(address(), "/metrics");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 500);
  EXPECT_EQ(answer->body.find("no page"), std::string::npos);  // for the log only
  EXPECT_THAT(LogText(), HasSubstr("GET /metrics failed: no page?today\n"));
}

TEST_F(HttpContract, ResponseThatCannotBeSentIsA500) {
  Serve([](const HttpRequest& request, const std::shared_ptr<HttpReply>& reply) {
    reply->Send(request.path == "/null" ? HttpResponse{} : HttpResponse::Text(99, "x"));
  });
  for (const auto* const target : {"/null", "/status"}) {
    const auto answer = Get(address(), target);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->status, 500) << target;
  }
}

TEST_F(HttpContract, SendAfterTheClientWentAwayHarmsNobody) {
  Serve(parking_.Handler());
  for (int i = 0; i < 20; ++i) {
    HttpClient gone = Connect();
    ASSERT_TRUE(gone.Send(kGet));
    const auto reply = parking_.Take();
    gone.Reset();
    reply->Send(HttpResponse::Text(200, std::string(1'000'000, 'x')));
  }
  HttpClient client = Connect();
  ASSERT_TRUE(client.Send(kGet));
  parking_.Take()->Send(HttpResponse::Text(200, "fine"));
  const auto answer = client.Read();
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "fine");
}

TEST_F(HttpContract, ClientThatFinishedSendingStillGetsItsAnswer) {
  Serve(parking_.Handler());
  HttpClient client = Connect();
  ASSERT_TRUE(client.Send(kGet));
  client.FinishSending();
  parking_.Take()->Send(HttpResponse::Text(200, "x"));
  const auto answer = client.Read();
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "x");
}

TEST_F(HttpContract, GarbageIsRefusedAndTheConnectionClosed) {
  ServeText("x");
  for (const std::string_view garbage :
       {"\x16\x03\x01\x02\x01\xfc\x03\x03\r\n\r\n", "hello\r\n\r\n",
        "GET / HTTP/9.9\r\nHost: x\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"}) {
    HttpClient client = Connect();
    ASSERT_TRUE(client.Send(garbage));
    const auto answer = client.Read();
    if (answer) {
      EXPECT_GE(answer->status, 400) << garbage;
    }
    EXPECT_TRUE(client.ClosedWithin(4s)) << garbage;
  }
}

TEST_F(HttpContract, NegativeLengthIsNotServed) {
  ServeText("x");
  HttpClient client = Connect();
  ASSERT_TRUE(client.Send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\nhello"));
  const auto answer = client.Read();
  if (answer) {
    EXPECT_GE(answer->status, 400);
  }
  EXPECT_TRUE(client.ClosedWithin(4s));
}

TEST_F(HttpContract, SmallPagesOnOneConnectionDoNotWaitForDelayedAcks) {
  ServeText(std::string(2000, 'x'));
  constexpr int kRequests = 50;
  KeepsWithin(kRequests * 40ms / 2, [&] {  // a delayed ACK costs 40 ms each
    HttpClient client = Connect();
    return Timed([&] {
      for (int i = 0; i < kRequests; ++i) ASSERT_TRUE(client.Ask(kGet));
    });
  });
}

}  // namespace
}  // namespace headroom::test
