// HttpClient and the bytes of a reply: whole or an error, under caps.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <string>
#include <utility>
#include <vector>

#include "test/support/http_client_fixture.h"

namespace headroom {
namespace {

using test::Answer;
using test::AnswerAndClose;
using test::ExpectError;
using test::HttpClientProtocol;
using test::HttpReplyText;
using test::kOkReply;
using test::Peer;
using test::ReadRequest;
using test::ScriptedServer;

TEST_F(HttpClientProtocol, BodyThatComesByteByByteIsRead) {
  const auto reply = GetReply([](Peer& peer) {
    ReadRequest(peer);
    peer.SendBytewise("HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n");
    peer.SendBytewise("5\r\nhello\r\n7;x=y\r\n, world\r\n0\r\nTrailer: t\r\n\r\n");
    peer.AwaitClose();
  });
  ASSERT_TRUE(reply.ok()) << reply.error().message;
  EXPECT_EQ(reply->status, 404);
  EXPECT_EQ(reply->body, "hello, world");
}

TEST_F(HttpClientProtocol, LargeBodiesLeaveRoomForAParser) {
  const std::string large(3'000'000, 'x');
  const std::string head = "HTTP/1.1 200 OK\r\n";
  const std::vector<std::pair<std::string, std::string>> answers_and_bodies = {
      {fmt::format("{}Content-Length: {}\r\n\r\n{}", head, large.size(), large), large},
      {fmt::format("{}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{}\r\n0\r\n\r\n", head,
                   large.size(), large),
       large},
      {head + "Content-Length: 0\r\n\r\n", ""}};
  for (const auto& [answer, body] : answers_and_bodies) {
    const auto reply = GetReply(Answer(answer));
    ASSERT_TRUE(reply.ok()) << reply.error().message;
    EXPECT_TRUE(reply->body == body) << reply->body.size() << " bytes, not " << body.size();
    EXPECT_GE(reply->body.capacity(), reply->body.size() + kBodyPadding);
  }
}

TEST_F(HttpClientProtocol, RepliesOfOtherShapesAreRead) {
  const auto old = GetReply(AnswerAndClose("HTTP/1.0 200 OK\r\n\r\nuntil the end"));
  ASSERT_TRUE(old.ok()) << old.error().message;
  EXPECT_EQ(old->body, "until the end");
  const auto none = GetReply(Answer("HTTP/1.1 204 No Content\r\n\r\n"));
  ASSERT_TRUE(none.ok()) << none.error().message;
  EXPECT_EQ(none->status, 204);
  EXPECT_EQ(none->body, "");
  const auto interim = GetReply(Answer("HTTP/1.1 100 Continue\r\n\r\n" + std::string(kOkReply)));
  ASSERT_TRUE(interim.ok()) << interim.error().message;
  EXPECT_EQ(interim->status, 200);
  EXPECT_EQ(interim->body, "ok");
}

TEST_F(HttpClientProtocol, ConnectionThatEndsEarlyIsNeverAShorterBody) {
  for (const std::string rest :
       {"Content-Length: 100\r\n\r\n[1,2,3]", "Content-Length: 1\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n7\r\n[1,2,3]\r\n",
        "Transfer-Encoding: chunked\r\n\r\n100\r\n[1,2,3]", "Content-Le"}) {
    const Error error = GetError(AnswerAndClose("HTTP/1.1 200 OK\r\n" + rest));
    EXPECT_EQ(Name(error.kind), "protocol") << rest << ": " << error.message;
  }
}

TEST_F(HttpClientProtocol, ConnectionThatEndsWithoutAReplyIsSaidToBe) {
  ExpectError(GetError(AnswerAndClose("")), ErrorKind::kConnect, "closed the connection");
}

TEST_F(HttpClientProtocol, ConnectionThatIsResetIsAConnectError) {
  const Error error = GetError([](Peer& peer) {
    ReadRequest(peer);
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[");
    const linger now = {1, 0};
    ::setsockopt(peer.fd(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  });
  ExpectError(error, ErrorKind::kConnect, "reset");
}

TEST_F(HttpClientProtocol, BodyOverTheCapIsRefusedHoweverItIsSent) {
  HttpClientOptions options;
  options.max_body_bytes = 1000;
  const std::string chunk = "64\r\n" + std::string(100, 'x') + "\r\n";
  const Error announced =
      GetError(Answer("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n"), options);
  ExpectError(announced, ErrorKind::kProtocol, "body of the reply has more than 1000 bytes");
  for (const std::string head : {"Transfer-Encoding: chunked\r\n\r\n", "\r\n"}) {
    const Error streamed = GetError(
        [&](Peer& peer) {
          ReadRequest(peer);
          peer.Send("HTTP/1.1 200 OK\r\n" + head);
          peer.SendEndlessly(chunk);
        },
        options);
    ExpectError(streamed, ErrorKind::kProtocol, "body of the reply has more than 1000 bytes");
  }
}

TEST_F(HttpClientProtocol, BodyAsLargeAsTheCapIsRead) {
  const ScriptedServer server({Answer(HttpReplyText("200 OK", std::string(1000, 'x')))});
  HttpClientOptions options = OptionsFor(server);
  options.max_body_bytes = 1000;
  HttpClient client(options);
  EXPECT_TRUE(client.Get("/", Ample()).ok());
}

TEST_F(HttpClientProtocol, HeadersWithoutEndAreRefused) {
  for (const std::string line :
       {"X: y\r\n", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Go on\r\n\r\n"}) {
    const Error error = GetError([&](Peer& peer) {
      ReadRequest(peer);
      if (!line.starts_with("HTTP")) peer.Send("HTTP/1.1 200 OK\r\n");
      peer.SendEndlessly(line);
    });
    ExpectError(error, ErrorKind::kProtocol, "header of the reply has more than");
  }
}

TEST_F(HttpClientProtocol, LineOfAHeaderWithoutEndIsRefused) {
  const std::string longest(400'000, 'x');
  for (const std::string& answer :
       {"HTTP/1.1 200 OK\r\nX: " + longest + "\r\n\r\n", "HTTP/1.1 200 " + longest + "\r\n\r\n"}) {
    ExpectError(GetError(Answer(answer)), ErrorKind::kProtocol, "a line of the header is too long");
  }
}

}  // namespace
}  // namespace headroom
