// HttpClient and its connection: kept, replaced, never believed when it says what nobody asked for.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstddef>
#include <future>
#include <string>

#include "test/support/http_client_fixture.h"
#include "test/support/proc.h"

namespace headroom {
namespace {

using std::chrono::milliseconds;
using test::Answer;
using test::AnswerAll;
using test::ExpectError;
using test::HttpClientProtocol;
using test::HttpReplyText;
using test::kOkReply;
using test::OpenDescriptors;
using test::Peer;
using test::ReadRequest;
using test::ScriptedServer;

TEST_F(HttpClientProtocol, RequestAsksForThePathAsItIsAndForNothingElse) {
  std::string request;
  const ScriptedServer server({[&](Peer& peer) {
    request = ReadRequest(peer);
    peer.Send(kOkReply);
    peer.AwaitClose();
  }});
  HttpClientOptions options = OptionsFor(server);
  options.path = "/rabbit";
  HttpClient client(options);
  const auto reply = client.Get("/api/queues/%2F/../a%20b?columns=name", Ample());
  ASSERT_TRUE(reply.ok()) << reply.error().message;
  EXPECT_EQ(reply->status, 200);
  EXPECT_EQ(reply->body, "ok");
  EXPECT_EQ(request,
            fmt::format("GET /rabbit/api/queues/%2F/../a%20b?columns=name HTTP/1.1\r\n"
                        "Host: 127.0.0.1:{}\r\nUser-Agent: headroom\r\nAccept: */*\r\n\r\n",
                        server.port()));
}

TEST_F(HttpClientProtocol, OneConnectionServesAllRequests) {
  const ScriptedServer server({AnswerAll()});
  HttpClient client(OptionsFor(server));
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(client.Get("/", Ample()).ok());
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(HttpClientProtocol, AnErrorStatusDoesNotCostTheConnection) {
  const ScriptedServer server({AnswerAll("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")});
  HttpClient client(OptionsFor(server));
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(client.Get("/", Ample()).ok());
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(HttpClientProtocol, ConnectionClosedWhileIdleIsReplaced) {
  std::promise<void> closed;
  const ScriptedServer server({[&](Peer& peer) {
                                 ReadRequest(peer);
                                 peer.Send(kOkReply);
                                 peer.HalfCloseAndAwaitArrival();
                                 closed.set_value();
                               },
                               AnswerAll()});
  HttpClient client(OptionsFor(server));
  ASSERT_TRUE(client.Get("/", Ample()).ok());
  closed.get_future().wait();
  const auto second = client.Get("/", Ample());
  ASSERT_TRUE(second.ok()) << second.error().message;
  EXPECT_EQ(server.accepted(), 2);
}

TEST_F(HttpClientProtocol, ConnectionClosedInsteadOfASecondReplyIsReplaced) {
  const ScriptedServer server({[](Peer& peer) {
                                 ReadRequest(peer);
                                 peer.Send(kOkReply);
                                 ReadRequest(peer);
                               },
                               AnswerAll()});
  HttpClient client(OptionsFor(server));
  ASSERT_TRUE(client.Get("/", Ample()).ok());
  const auto second = client.Get("/", Ample());
  ASSERT_TRUE(second.ok()) << second.error().message;
  EXPECT_EQ(server.accepted(), 2);
}

TEST_F(HttpClientProtocol, BytesThatNobodyAskedForAreNotTheNextReply) {
  std::promise<void> first_is_read;
  std::promise<void> arrived;
  Fd first_connection;  // held open, so that nothing but the bytes speaks against it
  const ScriptedServer server({[&](Peer& peer) {
                                 ReadRequest(peer);
                                 peer.Send(HttpReplyText("200 OK", "A0"));
                                 first_is_read.get_future().wait();
                                 peer.SendAndAwaitArrival(HttpReplyText("200 OK", "STALE"));
                                 first_connection = Fd(::dup(peer.fd()));
                                 arrived.set_value();
                               },
                               AnswerAll()});
  HttpClient client(OptionsFor(server));
  const auto first = client.Get("/", Ample());
  first_is_read.set_value();
  arrived.get_future().wait();
  ASSERT_TRUE(first.ok()) << first.error().message;
  EXPECT_EQ(first->body, "A0");
  for (int i = 0; i < 2; ++i) {
    const auto next = client.Get("/", Ample());
    ASSERT_TRUE(next.ok()) << next.error().message;
    EXPECT_EQ(next->body, "ok");
  }
  EXPECT_EQ(server.accepted(), 2);
}

TEST_F(HttpClientProtocol, AfterAFailedTransferTheNextOneConnectsAnew) {
  const ScriptedServer server({Answer("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"),
                               Answer(std::string(kOkReply))});
  HttpClient client(OptionsFor(server));
  ExpectError(client.Get("/", In(milliseconds(500))).error(), ErrorKind::kTimeout, "deadline");
  const auto second = client.Get("/", Ample());
  ASSERT_TRUE(second.ok()) << second.error().message;
  EXPECT_EQ(second->body, "ok");
  EXPECT_EQ(server.accepted(), 2);
}

TEST_F(HttpClientProtocol, AThousandRequestsLeakNoDescriptor) {
  int requests = 0;
  const ScriptedServer server({[&](Peer& peer) {
    while (!ReadRequest(peer).empty()) {
      if (++requests % 10 == 0) return;  // closes instead of answering
      peer.Send(requests % 7 == 0 ? "garbage\r\n\r\n" : kOkReply);
    }
  }});
  HttpClient client(OptionsFor(server));
  static_cast<void>(client.Get("/", Ample()));
  const std::ptrdiff_t before = OpenDescriptors();
  int good = 0;
  for (int i = 0; i < 1000; ++i) good += client.Get("/", Ample()).ok() ? 1 : 0;
  EXPECT_GT(good, 500);
  // One connection, which both ends hold in this process, may be open more or less.
  EXPECT_NEAR(static_cast<double>(OpenDescriptors()), static_cast<double>(before), 2);
}

}  // namespace
}  // namespace headroom
