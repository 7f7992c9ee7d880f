// HttpClient over TLS.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "test/support/http_client_fixture.h"
#include "test/support/keeps_within.h"
#include "test/support/scratch.h"
#include "test/support/tls_server.h"

namespace headroom {
namespace {

using std::chrono::milliseconds;
using test::AnswerEach;
using test::Authority;
using test::kOkReply;
using test::OverTls;
using test::Peer;
using test::ScriptedServer;
using test::TlsPeer;
using ::testing::HasSubstr;

void AnswerWell(TlsPeer& peer) { AnswerEach(peer, kOkReply); }

class HttpClientTls : public test::HttpClientProtocol {
 protected:
  HttpClientTls() { scratch_.Write("ca.crt", authority_.certificate()); }

  HttpClientOptions OptionsFor(const ScriptedServer& server) const {
    HttpClientOptions options = test::HttpOptionsAt(server.port());
    options.endpoint.tls = true;
    options.endpoint.tls_options.ca_file = scratch_.Path("ca.crt");
    return options;
  }

  Result<HttpReply> Get(const HttpClientOptions& options) const {
    HttpClient client(options);
    return client.Get("/x", Ample());
  }

  void ExpectFailure(const HttpClientOptions& options, ErrorKind kind,
                     const std::string& text) const {
    const auto reply = Get(options);
    ASSERT_FALSE(reply.ok());
    test::ExpectError(reply.error(), kind, text);
  }

  Authority authority_;
  test::Scratch scratch_;
};

TEST_F(HttpClientTls, OneConnectionServesAllRequests) {
  const ScriptedServer server({OverTls(authority_.Issue("IP:127.0.0.1"), AnswerWell)});
  HttpClient client(OptionsFor(server));
  for (int i = 0; i < 5; ++i) {
    const auto reply = client.Get("/", Ample());
    ASSERT_TRUE(reply.ok()) << reply.error().message;
    EXPECT_EQ(reply->body, "ok");
  }
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(HttpClientTls, CertificateOfAnotherAuthorityIsRefused) {
  for (const std::string name : {"headroom test authority", "another authority"}) {
    const Authority other(name);
    const ScriptedServer server({OverTls(other.Issue("IP:127.0.0.1"), AnswerWell)});
    ExpectFailure(OptionsFor(server), ErrorKind::kAuth, "certificate of 127.0.0.1 refused");
  }
}

TEST_F(HttpClientTls, CertificateOfAnotherNameIsRefusedAndSaysWhatToSet) {
  const ScriptedServer server({OverTls(authority_.Issue("DNS:broker.example"), AnswerWell)});
  HttpClientOptions options = OptionsFor(server);
  ExpectFailure(options, ErrorKind::kAuth, "certificate of 127.0.0.1 refused");
  options.endpoint.tls_options.server_name = "other.example";
  ExpectFailure(options, ErrorKind::kAuth, "set server_name");
}

TEST_F(HttpClientTls, ServerNameIsAskedForAndVerifiedWhileTheHostIsTheUrls) {
  std::string asked_for;
  std::string request;
  {
    const ScriptedServer server(
        {OverTls(authority_.Issue("DNS:broker.example"), [&](TlsPeer& peer) {
          asked_for = peer.ServerName();
          request = peer.ReadSome();
          peer.Send(kOkReply);
          peer.transport().AwaitClose();
        })});
    HttpClientOptions options = OptionsFor(server);
    options.endpoint.tls_options.server_name = "broker.example";
    const auto reply = Get(options);
    ASSERT_TRUE(reply.ok()) << reply.error().message;
  }
  EXPECT_EQ(asked_for, "broker.example");
  EXPECT_THAT(request, HasSubstr("Host: 127.0.0.1:"));
}

TEST_F(HttpClientTls, ClientCertificateIsPresented) {
  const ScriptedServer server(
      {OverTls(authority_.Issue("IP:127.0.0.1"), AnswerWell, authority_.certificate())});
  const test::Identity identity = authority_.Issue("DNS:client");
  HttpClientOptions options = OptionsFor(server);
  options.endpoint.tls_options.cert_file = scratch_.Write("client.crt", identity.certificate);
  options.endpoint.tls_options.key_file = scratch_.Write("client.key", identity.key);
  const auto reply = Get(options);
  EXPECT_TRUE(reply.ok()) << reply.error().message;
}

TEST_F(HttpClientTls, MissingClientCertificateSaysWhatToSet) {
  const ScriptedServer server(
      {OverTls(authority_.Issue("IP:127.0.0.1"), AnswerWell, authority_.certificate())});
  ExpectFailure(OptionsFor(server), ErrorKind::kAuth, "set cert_file and key_file");
}

TEST_F(HttpClientTls, ClientCertificateOfAnotherAuthorityIsNamedAsTheCause) {
  const ScriptedServer server(
      {OverTls(authority_.Issue("IP:127.0.0.1"), AnswerWell, authority_.certificate())});
  const test::Identity identity = Authority("another authority").Issue("DNS:client");
  HttpClientOptions options = OptionsFor(server);
  options.endpoint.tls_options.cert_file = scratch_.Write("client.crt", identity.certificate);
  options.endpoint.tls_options.key_file = scratch_.Write("client.key", identity.key);
  ExpectFailure(options, ErrorKind::kAuth, "cert_file");
}

TEST_F(HttpClientTls, MissingFileIsNamed) {
  const ScriptedServer server({OverTls(authority_.Issue("IP:127.0.0.1"), AnswerWell)});
  HttpClientOptions options = OptionsFor(server);
  options.endpoint.tls_options.ca_file = "/nonexistent/ca.crt";
  ExpectFailure(options, ErrorKind::kAuth, "ca_file /nonexistent/ca.crt: No such file");
}

TEST_F(HttpClientTls, FileThatWasReplacedIsSeenByTheNextConnection) {
  const Authority other;
  // Closes after each reply.
  const ScriptedServer server({OverTls(authority_.Issue("IP:127.0.0.1"), [](TlsPeer& peer) {
    peer.ReadSome();
    peer.Send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  })});
  HttpClient client(OptionsFor(server));
  ASSERT_TRUE(client.Get("/", Ample()).ok());
  scratch_.Write("ca.crt", other.certificate());
  const auto refused = client.Get("/", Ample());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(Name(refused.error().kind), "auth");
  scratch_.Write("ca.crt", authority_.certificate());
  const auto accepted = client.Get("/", Ample());
  EXPECT_TRUE(accepted.ok()) << accepted.error().message;
}

TEST_F(HttpClientTls, PlainServerIsSaidToBeOne) {
  const ScriptedServer server({[](Peer& peer) {
    peer.ReadSome();
    peer.Send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    peer.AwaitClose();
  }});
  ExpectFailure(OptionsFor(server), ErrorKind::kConnect, "is it an https server?");
}

TEST_F(HttpClientTls, BodyThatIsCutIsNeverAShorterBody) {
  const auto cut = [](const std::string& rest) {
    return [rest](TlsPeer& peer) {
      peer.ReadSome();
      peer.Send("HTTP/1.1 200 OK\r\n" + rest);
    };
  };
  const test::Identity identity = authority_.Issue("IP:127.0.0.1");
  for (const std::string rest : {"Content-Length: 100\r\n\r\n[1,2,3]", "Content-Le",
                                 "Transfer-Encoding: chunked\r\n\r\n7\r\n[1,2,3]\r\n"}) {
    const ScriptedServer server({OverTls(identity, cut(rest))});
    const auto reply = Get(OptionsFor(server));
    ASSERT_FALSE(reply.ok()) << rest;
    EXPECT_EQ(Name(reply.error().kind), "protocol") << rest << ": " << reply.error().message;
  }
}

TEST_F(HttpClientTls, HandshakeThatHangsEndsAtTheDeadlineAndDelaysNoDestructor) {
  const ScriptedServer server({[](Peer& peer) { peer.AwaitClose(); }});
  test::KeepsWithin(milliseconds(1500), [&] {
    const SteadyTime start = clock_.Now();
    {
      HttpClient client(OptionsFor(server));
      const auto reply = client.Get("/", Deadline(clock_, start + milliseconds(200)));
      EXPECT_EQ(reply.ok() ? "ok" : Name(reply.error().kind), "timeout");
    }
    const Duration took = clock_.Now() - start;
    EXPECT_GE(took, milliseconds(200));
    return took;
  });
}

TEST_F(HttpClientTls, ServerThatIgnoresTheGoodbyeDelaysNoDestructor) {
  test::KeepsWithin(milliseconds(1500), [&] {
    std::promise<void> gone;
    const ScriptedServer server({OverTls(authority_.Issue("IP:127.0.0.1"), [&](TlsPeer& peer) {
      peer.ReadSome();
      peer.Send(kOkReply);
      gone.get_future().wait();
    })});
    auto client = std::make_unique<HttpClient>(OptionsFor(server));
    EXPECT_TRUE(client->Get("/", Ample()).ok());
    const SteadyTime start = clock_.Now();
    client.reset();
    const Duration took = clock_.Now() - start;
    gone.set_value();
    return took;
  });
}

}  // namespace
}  // namespace headroom
