// HttpClient and the credentials that it sends: read anew, never quoted, carried nowhere else.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "test/support/http_client_fixture.h"
#include "test/support/scratch.h"

namespace headroom {
namespace {

using test::Answer;
using test::AnswerAll;
using test::ExpectError;
using test::HttpClientProtocol;
using test::HttpReplyText;
using test::kOkReply;
using test::Peer;
using test::ReadRequest;
using test::ScriptedServer;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// What the server saw in the Authorization line of each request.
class HttpClientCredentials : public HttpClientProtocol {
 protected:
  void Write(std::string_view password) const {
    scratch_.Write("password", std::string(password) + "\n");
  }

  HttpClientOptions WithPasswordFile(const ScriptedServer& server) const {
    HttpClientOptions options = OptionsFor(server);
    options.user = "ann";
    options.password = {SecretSource::From::kFile, scratch_.Path("password"), {}};
    return options;
  }

  // Remembers the credentials of each request; `answers` has an answer to each.
  ScriptedServer::Script Remember(std::vector<std::string> answers) {
    return [this, answers = std::move(answers)](Peer& peer) {
      for (const std::string& answer : answers) {
        const std::string request = ReadRequest(peer);
        const std::size_t begin = request.find("Authorization: ");
        seen_.push_back(begin == std::string::npos
                            ? ""
                            : request.substr(begin, request.find('\r', begin) - begin));
        peer.Send(answer);
      }
      peer.HalfCloseAndAwaitArrival();
    };
  }

  test::Scratch scratch_;
  std::vector<std::string> seen_;
  std::promise<void> closed_;
};

const std::string kBad = HttpReplyText("401 Unauthorized", "no");

TEST_F(HttpClientCredentials, PasswordMayHoldAnyByte) {
  {
    const ScriptedServer server({Remember({std::string(kOkReply)})});
    Write("a:b \xc3\xa9\"");
    HttpClient client(WithPasswordFile(server));
    ASSERT_TRUE(client.Get("/", Ample()).ok());
  }
  // printf 'ann:a:b \xc3\xa9"' | base64
  EXPECT_THAT(seen_, ::testing::ElementsAre("Authorization: Basic YW5uOmE6YiDDqSI="));
}

TEST_F(HttpClientCredentials, WithoutAUserNoneAreSent) {
  {
    const ScriptedServer server({Remember({std::string(kOkReply)})});
    HttpClientOptions options = OptionsFor(server);
    options.password = {SecretSource::From::kLiteral, "", Secret("hunter2")};
    HttpClient client(options);
    ASSERT_TRUE(client.Get("/", Ample()).ok());
  }
  EXPECT_THAT(seen_, ::testing::ElementsAre(""));
}

// printf 'ann:one' | base64; printf 'ann:two' | base64
const std::string kOne = "Authorization: Basic YW5uOm9uZQ==";
const std::string kTwo = "Authorization: Basic YW5uOnR3bw==";

TEST_F(HttpClientCredentials, PasswordThatWasChangedIsReadAfterARefusal) {
  {
    const ScriptedServer server({Remember({std::string(kOkReply), kBad, std::string(kOkReply)})});
    Write("one");
    HttpClient client(WithPasswordFile(server));
    ASSERT_TRUE(client.Get("/", Ample()).ok());
    Write("two");
    const auto reply = client.Get("/", Ample());
    ASSERT_TRUE(reply.ok()) << reply.error().message;
  }
  EXPECT_THAT(seen_, ::testing::ElementsAre(kOne, kOne, kTwo));
}

TEST_F(HttpClientCredentials, PasswordThatWasNotChangedIsNotTriedAgain) {
  {
    const ScriptedServer server({Remember({kBad})});
    Write("one");
    HttpClient client(WithPasswordFile(server));
    const auto reply = client.Get("/", Ample());
    ASSERT_FALSE(reply.ok());
    ExpectError(reply.error(), ErrorKind::kAuth, "the password was refused; it says: no");
  }
  EXPECT_THAT(seen_, ::testing::ElementsAre(kOne));
}

TEST_F(HttpClientCredentials, EachNewConnectionReadsThePasswordAnew) {
  {
    const ScriptedServer server({[this](Peer& peer) {
                                   Remember({std::string(kOkReply)})(peer);
                                   closed_.set_value();
                                 },
                                 Remember({std::string(kOkReply)})});
    Write("one");
    HttpClient client(WithPasswordFile(server));
    ASSERT_TRUE(client.Get("/", Ample()).ok());
    closed_.get_future().wait();
    Write("two");
    ASSERT_TRUE(client.Get("/", Ample()).ok());
  }
  EXPECT_THAT(seen_, ::testing::ElementsAre(kOne, kTwo));
}

TEST_F(HttpClientCredentials, MissingPasswordFileIsNamedAndNobodyIsAsked) {
  const ScriptedServer server({AnswerAll()});
  HttpClient client(WithPasswordFile(server));
  const auto reply = client.Get("/", Ample());
  ASSERT_FALSE(reply.ok());
  ExpectError(reply.error(), ErrorKind::kAuth, scratch_.Path("password"));
  EXPECT_EQ(server.accepted(), 0);
}

TEST_F(HttpClientCredentials, ServerThatRepeatsThemIsNotQuoted) {
  for (const std::string echo : {"your password is hunter2", "Basic YW5uOmh1bnRlcjI="}) {
    HttpClientOptions options;
    options.user = "ann";
    options.password = {SecretSource::From::kLiteral, "", Secret("hunter2")};
    const Error error = GetError(Answer(HttpReplyText("401 No", echo)), options);
    ExpectError(error, ErrorKind::kAuth, "refused");
    EXPECT_THAT(error.message, AllOf(Not(HasSubstr("hunter2")), Not(HasSubstr("YW5u"))));
  }
}

TEST_F(HttpClientCredentials, RedirectCarriesThemNowhere) {
  const ScriptedServer other({AnswerAll()});
  HttpClientOptions options;
  options.user = "ann";
  options.password = {SecretSource::From::kLiteral, "", Secret("hunter2")};
  const Error error = GetError(
      Answer(fmt::format("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{}/\r\nContent-Length: 0"
                         "\r\n\r\n",
                         other.port())),
      options);
  ExpectError(error, ErrorKind::kProtocol, "302");
  EXPECT_EQ(other.accepted(), 0);
}

}  // namespace
}  // namespace headroom
